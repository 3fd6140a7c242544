// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"strings"
)

// NumberRule says what becomes of the numbers of one metric's points. Whatever
// their order in the file, its parts apply in this order: points that differ only
// in dropped attributes are merged; then clamp, noise, suppress_below; then one of
// round, bucket and keep. one_bit and randomized_response stand instead of all but clamp.
type NumberRule struct {
	// Keep leaves the number exact. It yields to every other rule in its entry.
	Keep bool `mapstructure:"keep"`
	// Drop lets nothing through: an exception to a pattern. It wins over every other rule in its entry.
	Drop bool `mapstructure:"drop"`
	// Clamp cuts the number to what is believable.
	Clamp *Clamp `mapstructure:"clamp"`
	// Noise adds discrete Laplace noise.
	Noise *Noise `mapstructure:"noise"`
	// SuppressBelow takes smaller numbers away; of a group, its name too.
	SuppressBelow int64 `mapstructure:"suppress_below"`
	// Round rounds to a multiple.
	Round *Round `mapstructure:"round"`
	// Bucket leaves the range in which the number lies.
	Bucket *Bucket `mapstructure:"bucket"`
	// OneBit leaves one random bit.
	OneBit *OneBit `mapstructure:"one_bit"`
	// RandomizedResponse leaves a random answer to a yes-or-no question.
	RandomizedResponse *RandomizedResponse `mapstructure:"randomized_response"`
	// Merge says how a gauge's points that differ only in dropped attributes become
	// one: sum, max or last. Without it they are dropped. Sums and histograms add.
	Merge Merge `mapstructure:"merge"`
	// Unit is the unit that leaves; a metric's own does not.
	Unit string `mapstructure:"unit"`
}

// Merge says how a gauge's colliding points become one.
type Merge string

const (
	MergeSum  Merge = "sum"
	MergeMax  Merge = "max"
	MergeLast Merge = "last"
)

// Validate checks that the entry says exactly one thing.
func (r NumberRule) Validate() error {
	switch r.Merge {
	case "", MergeSum, MergeMax, MergeLast:
	default:
		return fmt.Errorf("merge: %q is unknown: write sum, max or last", r.Merge)
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

func (r NumberRule) checkOne() error {
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

// keeps reports whether some number may leave exact.
func (r NumberRule) keeps() bool {
	return r.Keep && !r.Drop && r.Noise == nil && r.Round == nil && r.Bucket == nil && !r.answersAtRandom()
}

func (r NumberRule) drops() bool { return r.Drop }

func (r NumberRule) answersAtRandom() bool { return r.OneBit != nil || r.RandomizedResponse != nil }

// sticky reports whether the rule draws once and for ever.
func (r NumberRule) sticky() bool {
	return !r.Drop && (r.Noise != nil && !r.Noise.Fresh || r.Round != nil && r.Round.Mode == RoundSticky || r.answersAtRandom())
}

// remembers reports whether the rule needs storage.
func (r NumberRule) remembers() bool {
	return r.sticky() || !r.Drop && r.Bucket != nil && r.Bucket.hysteresis() > 0
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
