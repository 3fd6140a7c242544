// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"strings"
)

// step is one part of a number rule, ready to run.
type step interface {
	apply(v Value, k *Key) (Value, Outcome)
	// describe says what it does, for the person who runs the application.
	describe() string
	// guarantee says what that promises and what it does not; empty where the description says it all.
	guarantee() string
	// sticky names what is drawn once and for ever, with its parameters; empty where nothing is.
	sticky() string
	// remembers reports whether it needs storage.
	remembers() bool
	// weakness is what a privacy reviewer would say; empty where there is nothing to say.
	weakness() string
}

// forgets is a step that draws nothing once, remembers nothing and is as strong as it looks.
type forgets struct{}

func (forgets) sticky() string   { return "" }
func (forgets) remembers() bool  { return false }
func (forgets) weakness() string { return "" }

// Chain is a Number, ready to run.
type Chain struct {
	Drops      bool
	Exact      bool // what is not clamped or suppressed leaves as it came
	Suppresses bool
	Keyed      bool // some step asks for the number's attributes
	Unit       string
	Merge      Merge
	steps      []step
}

// Chain makes the entry ready to run.
func (r Number) Chain() *Chain {
	c := &Chain{
		Drops: r.Drop, Exact: r.Keeps(), Suppresses: r.SuppressBelow > 0, Keyed: r.Sticky() || r.Bucket != nil,
		Unit: r.Unit, Merge: r.Merge,
	}
	if !r.Drop {
		c.steps = r.steps()
	}
	return c
}

// Apply runs the steps in their one order.
func (c *Chain) Apply(v Value, k *Key) (Value, Outcome) {
	for _, s := range c.steps {
		var outcome Outcome
		if v, outcome = s.apply(v, k); outcome != Passes {
			return v, outcome
		}
	}
	return v, Passes
}

// Rounds is the one step of a chain that rounds integers and does nothing else.
func (c *Chain) Rounds() (whole func(x, to int64) int64, to int64, only bool) {
	if len(c.steps) != 1 {
		return nil, 0, false
	}
	r, only := c.steps[0].(round)
	return r.whole, r.to, only
}

// Describe says what the chain does, for the person who runs the application.
func (c *Chain) Describe() string {
	switch {
	case c.Drops:
		return "dropped"
	case len(c.steps) == 0:
		return "kept exact"
	}
	parts := make([]string, len(c.steps))
	for i, s := range c.steps {
		parts[i] = s.describe()
	}
	if c.Exact {
		parts = append(parts, "kept exact")
	}
	return strings.Join(parts, ", then ")
}

// Guarantee joins what the steps promise.
func (c *Chain) Guarantee() string {
	var promises []string
	for _, s := range c.steps {
		if g := s.guarantee(); g != "" {
			promises = append(promises, g)
		}
	}
	return strings.Join(promises, " ")
}
