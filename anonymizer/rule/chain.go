// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"slices"
	"strings"
)

// step is one part of a number rule, ready to run.
type step interface {
	apply(v Value, k *Key) (Value, Outcome)
	// describe says what it does, for the person who runs the application.
	describe() string
	// effect is what it does to the difference between two histories of the number.
	effect() effect
	// hides reports whether some number does not leave as it was.
	hides() bool
	// promise says in plain words what a step without a theorem hides, and what each does not hide.
	promise() (hides, not string)
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

func (forgets) promise() (hides, not string) { return "", "" }

// Chain is a Number, ready to run.
type Chain struct {
	Drops      bool
	Exact      bool // what is not clamped or suppressed leaves as it came, whatever the rule is called
	Suppresses bool
	Keyed      bool // some step asks for the number's attributes
	Sticky     bool // some step draws once and for ever
	Unit       string
	Merge      Merge
	Listed     bool // groups without a row are reported as 0
	Pattern    bool // which metrics there are, the data says
	steps      []step
	tells      []string // what the steps tell together, which none does by itself
}

// Chain makes the entry ready to run.
func (r Number) Chain() *Chain {
	c := &Chain{
		Drops: r.Drop, Exact: r.Keeps(), Suppresses: r.SuppressBelow > 0, Sticky: r.Sticky(), Keyed: r.Sticky() || r.Bucket != nil,
		Unit: r.Unit, Merge: r.Merge, Listed: len(r.Groups) > 0,
	}
	if c.Listed && c.Merge == "" {
		c.Merge = MergeSum // rows are counted: a group that collided and was dropped would tell that it has two
	}
	if !r.Drop {
		c.steps = r.steps()
	}
	c.tells = r.tells()
	return c
}

// Tells are the sentences on single numbers that what leaves tells exactly.
func (c *Chain) Tells() []string { return c.tells }

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

// Rounds is the one step of a chain that rounds integers and does nothing else; whole is nil where the chain
// keeps them.
func (c *Chain) Rounds() (whole func(x, to int64) int64, to int64, only bool) {
	switch len(c.steps) {
	case 0:
		return nil, 0, true
	case 1:
		r, only := c.steps[0].(round)
		return r.whole, r.to, only
	default:
		return nil, 0, false
	}
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

// Guarantee computes what the chain promises of a number that is there as presence says.
func (c *Chain) Guarantee(presence Presence) Guarantee {
	if c.Drops {
		return Guarantee{}
	}
	g := Guarantee{Exact: c.Exact && len(c.steps) > 0, Bounds: compose(c.effects())}
	for _, s := range c.steps {
		hides, not := s.promise()
		if hides != "" && !slices.Contains(g.Hides, hides) {
			g.Hides = append(g.Hides, hides)
		}
		if not != "" && !slices.Contains(g.Not, not) {
			g.Not = append(g.Not, not)
		}
	}
	g.Not = append(g.Not, c.tells...)
	switch {
	case len(g.Bounds) == 0:
		return g
	case c.Pattern || presence == ByData:
		return g.without(names)
	case presence == WithRows && !c.Listed:
		return c.ofGroups(g)
	default:
		return g
	}
}

func (c *Chain) effects() []effect {
	all := []effect{c.Merge.effect()}
	for _, s := range c.steps {
		all = append(all, s.effect())
	}
	return all
}
