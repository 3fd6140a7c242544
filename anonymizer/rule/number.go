// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/conf"
)

// Number says what becomes of the numbers of one metric's points. Whatever
// their order in the file, its parts apply in this order: points that differ only
// in dropped attributes are merged; then clamp, noise, suppress_below; then one of
// round, bucket and keep; suppress_below after round, on the rounded number, where that is sticky. one_bit and randomized_response stand instead of all but clamp.
type Number struct {
	// Keep leaves the number exact. It yields to every other rule in its entry.
	Keep bool `mapstructure:"keep,omitempty"`
	// Drop lets nothing through: an exception to a pattern. It wins over every other rule in its entry.
	Drop bool `mapstructure:"drop,omitempty"`
	// Clamp cuts the number to what is believable.
	Clamp *Clamp `mapstructure:"clamp,omitempty"`
	// Noise adds discrete Laplace noise.
	Noise *Noise `mapstructure:"noise,omitempty"`
	// SuppressBelow takes smaller numbers away; of a group, its name too.
	SuppressBelow int64 `mapstructure:"suppress_below,omitempty"`
	// Round rounds to a multiple.
	Round *Round `mapstructure:"round,omitempty"`
	// Bucket leaves the range in which the number lies.
	Bucket *Bucket `mapstructure:"bucket,omitempty"`
	// OneBit leaves one random bit.
	OneBit *OneBit `mapstructure:"one_bit,omitempty"`
	// RandomizedResponse leaves a random answer to a yes-or-no question.
	RandomizedResponse *RandomizedResponse `mapstructure:"randomized_response,omitempty"`
	// Merge says how a gauge's points that differ only in dropped attributes become
	// one: sum, max or last. Without it they are dropped. Sums and histograms add.
	Merge Merge `mapstructure:"merge,omitempty"`
	// Groups names the data point attributes by whose lists (allow) the number is counted. All groups
	// leave then, those without a row as 0, and no others: a group's name proves nothing.
	Groups []string `mapstructure:"groups,omitempty"`
	// Unit is the unit that leaves; a metric's own does not.
	Unit string `mapstructure:"unit,omitempty"`
}

// Merge says how a gauge's colliding points become one.
type Merge string

const (
	MergeSum  Merge = "sum"
	MergeMax  Merge = "max"
	MergeLast Merge = "last"
)

var merges = conf.WordsOf(MergeSum, MergeMax, MergeLast)

// Words implements conf.Worded.
func (Number) Words() map[string]conf.Words { return map[string]conf.Words{"merge": merges} }

// effect: a sum moves with each of its parts; the greatest or last of some may move or not, as the other parts
// and their times are.
func (m Merge) effect() effect {
	if m == MergeMax || m == MergeLast {
		return effect{difference: contracted, chosen: true}
	}
	return effect{}
}

// Validate checks that the entry says exactly one thing.
func (r Number) Validate() error {
	if err := merges.Check(string(r.Merge)); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	if r.SuppressBelow < 0 {
		return fmt.Errorf("suppress_below: %d: write the least number that may leave, such as 6", r.SuppressBelow)
	}
	if r.RandomizedResponse != nil && r.RandomizedResponse.Values != nil {
		return fmt.Errorf("randomized_response: values: a metric answers yes or no, by 1 or 0: leave values to a resource attribute")
	}
	if r.Drop {
		return nil
	}
	return r.checkOne()
}

func (r Number) checkOne() error {
	const examples = "keep: true, round: {to: 100} or bucket: {bounds: [0, 1, 6, 21]}"
	grid := said(part{r.Round != nil, "round"}, part{r.Bucket != nil, "bucket"})
	random := said(part{r.OneBit != nil, "one_bit"}, part{r.RandomizedResponse != nil, "randomized_response"})
	if len(random) > 0 {
		random = append(random, said(part{r.Noise != nil, "noise"}, part{r.SuppressBelow > 0, "suppress_below"})...)
		if r.RandomizedResponse != nil {
			random = append(random, said(part{r.Clamp != nil, "clamp"})...)
		}
	}
	// Noise leaves a number by itself; without it, what is clamped or not suppressed would leave exact.
	return oneOf(append(grid, random...), r.Keep || r.Noise != nil, examples)
}

// steps are the entry's parts in their one order. The others are known mistakes: noise
// after rounding loses its bound, and suppression before noise or a secret offset makes "present" certain proof.
func (r Number) steps() (steps []step) {
	if r.Clamp != nil {
		steps = append(steps, clamp{Clamp: r.Clamp})
	}
	if r.Noise != nil {
		steps = append(steps, r.Noise.step(r.drawnFor()))
	}
	rounded := r.Round != nil && r.Round.Mode == RoundSticky
	if rounded {
		steps = append(steps, r.Round.step(r.drawnFor()))
	}
	if r.SuppressBelow > 0 {
		steps = append(steps, suppress{below: r.SuppressBelow})
	}
	switch {
	case rounded:
	case r.Round != nil:
		steps = append(steps, r.Round.step(r.drawnFor()))
	case r.Bucket != nil:
		steps = append(steps, r.Bucket.step(r.rangedFor()))
	case r.OneBit != nil:
		steps = append(steps, r.OneBit.step(r.drawnFor()))
	case r.RandomizedResponse != nil:
		steps = append(steps, r.RandomizedResponse.step(r.drawnFor()))
	}
	if r.Noise != nil && r.Bucket == nil {
		steps = append(steps, floor{})
	}
	return steps
}

// drawnFor says what becomes of the number before it is drawn for. It is part of what the draw belongs to: one
// draw added now to a number and now to what a clamp leaves of it would tell how they differ.
func (r Number) drawnFor() (of string) {
	if r.Clamp != nil {
		of = " of what is " + clamp{Clamp: r.Clamp}.describe()
	}
	if r.Merge == MergeMax || r.Merge == MergeLast {
		of += " of the " + string(r.Merge)
	}
	return of
}

// rangedFor says what becomes of the number before its range is remembered. It is part of what the range belongs to:
// that of the raw number would tell of it once noise has been written before the ranges.
func (r Number) rangedFor() string {
	if r.Noise == nil {
		return r.drawnFor()
	}
	return r.drawnFor() + " with " + r.Noise.step("").describe()
}

// Keeps reports whether some number may leave exact, by what the rules do and not by what they are called.
func (r Number) Keeps() bool {
	return !r.Drop && !slices.ContainsFunc(r.steps(), step.hides)
}

// Drops reports whether nothing leaves.
func (r Number) Drops() bool { return r.Drop }

// AnswersAtRandom reports whether what leaves is of use to the makers of many installations alone.
func (r Number) AnswersAtRandom() bool { return r.OneBit != nil || r.RandomizedResponse != nil }

// Parameters name what is drawn once and for ever: when they change, it is drawn anew.
func (r Number) Parameters() string {
	var all []string
	for _, s := range r.running() {
		if p := s.sticky(); p != "" {
			all = append(all, p)
		}
	}
	return strings.Join(all, ", ")
}

// Sticky reports whether the entry draws once and for ever.
func (r Number) Sticky() bool { return r.Parameters() != "" }

// Remembers reports whether the entry needs storage.
func (r Number) Remembers() bool {
	return r.Sticky() || slices.ContainsFunc(r.running(), step.remembers)
}

// Warnings say where the entry is weak whatever it is used on.
func (r Number) Warnings() (all []string) {
	for _, s := range r.running() {
		if w := s.weakness(); w != "" {
			all = append(all, w)
		}
	}
	return append(append(all, r.edge()...), r.tellingThreshold()...)
}

// edge says what a clamp before a draw costs.
func (r Number) edge() []string {
	if r.Drop || r.Clamp == nil || (clamp{Clamp: r.Clamp}).effect().edges == 0 {
		return nil
	}
	switch {
	case r.Noise != nil && !r.Noise.Fresh:
		return []string{"clamp before noise: the ε holds for each report by itself, and for all reports only between numbers that never change; write ends that are never reached, or leave clamp out"}
	case r.Noise == nil && r.Round != nil && r.Round.Mode == RoundSticky:
		return []string{"clamp before sticky rounding: each end that is reached adds c/to to the probability with which a difference of c is seen; write ends that are never reached, or leave clamp out"}
	default:
		return nil
	}
}

// running are the steps of an entry that lets something through.
func (r Number) running() []step {
	if r.Drop {
		return nil
	}
	return r.steps()
}

// part is a part of an entry, and whether the entry has it.
type part struct {
	there bool
	name  string
}

func said(parts ...part) (names []string) {
	for _, p := range parts {
		if p.there {
			names = append(names, p.name)
		}
	}
	return names
}

func oneOf(said []string, otherwise bool, examples string) error {
	switch {
	case len(said) == 0 && !otherwise:
		return fmt.Errorf("no rule says what leaves: write %s, or remove the entry", examples)
	case len(said) > 1:
		return fmt.Errorf("%s are two rules for one value: leave one, and set the others to null", strings.Join(said, " and "))
	}
	return nil
}
