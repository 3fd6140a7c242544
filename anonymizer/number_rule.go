// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"strings"
)

// NumberRule says what becomes of the numbers of one metric's points. Whatever
// their order in the file, its parts apply in this order: merging of points that
// differ only in dropped attributes, then round or keep.
type NumberRule struct {
	// Keep leaves the number exact. It yields to every other rule in its entry.
	Keep bool `mapstructure:"keep"`
	// Drop lets nothing through: an exception to a pattern. It wins over every other rule in its entry.
	Drop bool `mapstructure:"drop"`
	// Round rounds to a multiple.
	Round *Round `mapstructure:"round"`
	// Merge says how a gauge's points that differ only in dropped attributes become
	// one: sum, max or last. Without it they are dropped. Sums and histograms add.
	Merge Merge `mapstructure:"merge"`
	// Unit is the unit that leaves; a metric's own does not.
	Unit string `mapstructure:"unit"`
}

// Round rounds a number to a multiple. It is disclosure control, not differential privacy.
type Round struct {
	// To is the grid: 100 rounds to hundreds.
	To int64 `mapstructure:"to"`
	// Mode is half_even (the default), up or down.
	Mode RoundMode `mapstructure:"mode"`
}

// RoundMode says to which multiple a number goes.
type RoundMode string

const (
	RoundHalfEven RoundMode = "half_even"
	RoundUp       RoundMode = "up"
	RoundDown     RoundMode = "down"
)

// Validate checks the grid and the mode.
func (r *Round) Validate() error {
	if r.To < 1 {
		return fmt.Errorf("to: %d is no grid: write a whole number from 1, such as 100", r.To)
	}
	switch r.Mode {
	case "", RoundHalfEven, RoundUp, RoundDown:
		return nil
	}
	return fmt.Errorf("mode: %q is unknown: write half_even, up or down", r.Mode)
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
	if r.Drop {
		return nil
	}
	return oneOf(r.said(), r.Keep, "keep: true, round: {to: 100}")
}

// said lists the rules of the entry of which only one may stand.
func (r NumberRule) said() (said []string) {
	if r.Round != nil {
		said = append(said, "round")
	}
	return said
}

func (r NumberRule) keeps() bool { return r.Keep && !r.Drop && len(r.said()) == 0 }
func (r NumberRule) drops() bool { return r.Drop }

func oneOf(said []string, keep bool, examples string) error {
	switch {
	case len(said) == 0 && !keep:
		return fmt.Errorf("no rule says what leaves: write %s, or remove the entry", examples)
	case len(said) > 1:
		return fmt.Errorf("%s are two rules for one value: leave one, and set the others to null", strings.Join(said, " and "))
	}
	return nil
}
