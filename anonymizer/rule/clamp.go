// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
)

// Clamp cuts a number to what the operator finds believable.
type Clamp struct {
	// Min and Max are the ends; one of them may be missing.
	Min *int64 `mapstructure:"min"`
	Max *int64 `mapstructure:"max"`
}

// Validate checks the ends.
func (c *Clamp) Validate() error {
	switch {
	case c.Min == nil && c.Max == nil:
		return fmt.Errorf("no end is given: write min: 0, max: 1000000 or both")
	case c.Min != nil && c.Max != nil && *c.Min > *c.Max:
		return fmt.Errorf("min: %d is above max: %d: swap them", *c.Min, *c.Max)
	}
	return nil
}

type clamp struct {
	forgets
	*Clamp
}

func (c clamp) apply(v Value, _ *Key) (Value, Outcome) {
	if c.Min != nil && v.below(*c.Min) {
		v = v.become(*c.Min)
	}
	if c.Max != nil && (Value{Whole: *c.Max}).less(v) {
		v = v.become(*c.Max)
	}
	return v, Passes
}

func (c clamp) describe() string {
	switch {
	case c.Max == nil:
		return fmt.Sprintf("at least %d", *c.Min)
	case c.Min == nil:
		return fmt.Sprintf("at most %d", *c.Max)
	default:
		return fmt.Sprintf("cut to %d … %d", *c.Min, *c.Max)
	}
}

func (c clamp) hides() bool { return false }

func (c clamp) effect() effect {
	edges := 0
	if c.Max != nil {
		edges++
	}
	if c.Min != nil && *c.Min > 0 {
		edges++
	}
	if edges == 0 {
		return effect{} // a count is never below 0
	}
	return effect{difference: contracted, edges: edges}
}
