// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"math"
	"strings"
)

// Guarantee is what a chain promises of the list of all reports of one number, computed
// from its steps by the theorems in this package's documentation. Without bounds
// nothing is proven.
type Guarantee struct {
	Bounds []Bound
	// Exact is true when numbers leave as they were read, whatever the rule is called.
	Exact bool
	// Hides says in words what a chain without bounds does all the same, and Not what it does not hide.
	Hides, Not []string
}

// Bound limits how well two histories of one number can be told apart by what leaves of them.
type Bound struct {
	Pairs Pairs
	// Within is the greatest difference of which an ε speaks; 0: of any two numbers.
	Within int64
	// Epsilon and Delta bound the probabilities of everything that may leave: P ≤ e^ε·P' + δ.
	Epsilon, Delta float64
	// PerUnit is, instead of an ε, the total variation distance for each unit of difference, as a fraction.
	PerUnit, Of int64
}

// Pairs says of which pairs of histories, and of how many of their reports, a bound speaks.
type Pairs uint8

const (
	// Shifted histories differ by the same whole number all the time. All reports together.
	Shifted Pairs = iota
	// Unchanging histories are two numbers that never change. All reports together.
	Unchanging
	// Alone speaks of any two histories, and of each of their reports by itself.
	Alone
	// Single speaks of histories that differ in one report. All reports together.
	Single
)

// effect is what a step does to the difference between two histories.
type effect struct {
	difference difference
	// edges is how many ends of a clamp may lie between the two.
	edges int
	// chosen: other numbers, or times, decide whether this one is told, now so and now otherwise.
	chosen bool
	// overTime: what leaves depends on the numbers before.
	overTime bool
	// theorem is that of a step that draws; nil where it draws nothing.
	theorem *theorem
}

// mostly is the probability from which on a rule that leaves a number as it was is no rule.
const mostly = .9

// difference says what a step that draws nothing leaves of it.
type difference uint8

const (
	// kept: a constant difference stays the same one.
	kept difference = iota
	// contracted: no difference grows.
	contracted
	// lost: it may become any.
	lost
	// blocked: whether something leaves at all depends on the number.
	blocked
)

// theorem is what is proven of one step that draws, on the numbers that reach it.
type theorem struct {
	// draw names what is drawn once: a second step with the same draw is not independent.
	draw   string
	bounds []Bound
}

// compose computes the bounds of a chain: what happens to the raw number, one theorem,
// and then only functions of what was drawn.
func compose(effects []effect) (bounds []Bound) {
	raw, randomized, drawn := effect{}, false, map[string]bool{}
	for _, e := range effects {
		if e.theorem != nil && e.theorem.draw != "" {
			if drawn[e.theorem.draw] {
				return nil
			}
			drawn[e.theorem.draw] = true
		}
		switch {
		case randomized && e.overTime && raw.overTime:
			return nil // both remember in one place, and there is the raw number
		case randomized && e.overTime:
			bounds = without(bounds, Alone)
		case randomized:
		case e.theorem != nil:
			bounds, randomized = e.theorem.after(raw), true
		default:
			raw = raw.then(e)
		}
	}
	return bounds
}

func (e effect) then(next effect) effect {
	return effect{difference: max(e.difference, next.difference), edges: e.edges + next.edges, chosen: e.chosen || next.chosen, overTime: e.overTime || next.overTime}
}

// after is what the theorem says of the raw numbers, which came to it through steps of this effect.
func (t *theorem) after(raw effect) (bounds []Bound) {
	for _, b := range t.bounds {
		if raw.overTime && b.Pairs == Alone || raw.chosen && (b.Pairs == Shifted || b.Pairs == Unchanging) {
			continue
		}
		switch {
		case raw.difference == kept:
			bounds = append(bounds, b)
		case raw.difference == contracted && b.Pairs == Shifted && b.Of > 0:
			wider := b
			wider.PerUnit *= int64(1 + raw.edges)
			bounds = append(bounds, wider)
			b.Pairs = Unchanging
			bounds = append(bounds, b)
		case raw.difference == contracted && b.Pairs == Shifted:
			b.Pairs = Unchanging
			bounds = append(bounds, b)
		case raw.difference == contracted:
			bounds = append(bounds, b)
		case raw.difference == lost && b.Within == 0 && b.Of == 0:
			bounds = append(bounds, b)
		}
	}
	return bounds
}

func without(bounds []Bound, pairs Pairs) (left []Bound) {
	for _, b := range bounds {
		if b.Pairs != pairs {
			left = append(left, b)
		}
	}
	return left
}

// String says the guarantee in plain words.
func (g Guarantee) String() string {
	if g.Exact {
		return "Leaves exact."
	}
	var text []string
	for _, b := range g.said() {
		text = append(text, b.String())
	}
	if len(g.Bounds) == 0 && len(g.Hides) > 0 {
		text = append(append(text, g.Hides...), "No formal claim.")
	}
	text = append(text, g.Not...)
	return strings.Join(text, " ")
}

// said are the bounds without those that stronger ones include.
func (g Guarantee) said() []Bound {
	for _, b := range g.Bounds {
		if b.Pairs == Shifted && b.Of == 0 {
			return []Bound{b}
		}
	}
	if len(g.Bounds) > 0 && g.Bounds[0].Pairs == Shifted && g.Bounds[0].PerUnit == 1 {
		return g.Bounds[:1]
	}
	return g.Bounds
}

// String says the bound in plain words.
func (b Bound) String() string {
	measure := "ε = " + Figure(b.Epsilon)
	if b.Delta > 0 {
		measure += " and δ = " + Figure(b.Delta)
	}
	if b.Of > 0 {
		share := fmt.Sprintf("c/%d", b.Of)
		if b.PerUnit > 1 {
			share = fmt.Sprintf("%d·c/%d", b.PerUnit, b.Of)
		}
		measure = "A whole difference of c is seen with a probability of at most " + share
	}
	apart := ""
	if b.Within > 0 {
		apart = fmt.Sprintf(" at most %d apart", b.Within)
	}
	switch b.Pairs {
	case Shifted:
		if b.Within > 0 {
			apart = fmt.Sprintf(" by the same whole number of at most %d", b.Within)
		}
		return measure + ", in all reports together, for ever, between histories that differ all the time" + apart + "."
	case Unchanging:
		return measure + ", in all reports together, for ever, between two numbers" + apart + " that never change."
	case Alone:
		return measure + ", in each report by itself, between two numbers" + apart + "."
	default:
		return measure + " for each report that differs, between numbers" + apart + ": 52 such reports cost 52 times as much."
	}
}

// Figure rounds up: what is said is never less than what is computed.
func Figure(x float64) string {
	digits := math.Pow(10, math.Ceil(2-math.Log10(x)))
	return fmt.Sprintf("%.4g", math.Ceil(x*digits-1e-9)/digits)
}
