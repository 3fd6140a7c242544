// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"math"
	"strings"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// value is a point's number, an integer or a double.
type value struct {
	whole    int64
	double   float64
	isDouble bool
}

func (v value) finite() bool {
	return !v.isDouble || !math.IsNaN(v.double) && !math.IsInf(v.double, 0)
}

// step is one part of a number rule.
type step interface {
	apply(v value, at *place) (value, reason)
	words() string
}

// place is what a number stands for: sticky draws are made for it.
type place struct {
	// part tells the numbers of one point apart: the buckets of a histogram.
	part int
}

// number is a NumberRule, ready to run.
type number struct {
	drops bool
	exact bool
	unit  string
	merge Merge
	steps []step
}

func compileNumber(r NumberRule) *number {
	n := &number{drops: r.Drop, exact: r.keeps(), unit: r.Unit, merge: r.Merge}
	if r.Round != nil {
		n.steps = append(n.steps, compileRound(*r.Round))
	}
	return n
}

// apply runs the steps in their one order.
func (n *number) apply(v value, at *place) (value, reason) {
	for _, s := range n.steps {
		var fate reason
		if v, fate = s.apply(v, at); fate != passes {
			return v, fate
		}
	}
	return v, passes
}

// suppresses reports whether small numbers do not leave.
func (n *number) suppresses() bool { return false }

// words says what the rule does, for the person who runs the application.
func (n *number) words() string {
	switch {
	case n.drops:
		return "dropped"
	case n.exact:
		return "kept exact"
	}
	words := make([]string, len(n.steps))
	for i, s := range n.steps {
		words[i] = s.words()
	}
	return strings.Join(words, ", then ")
}

// round is disclosure control, not differential privacy: see Round.
type round struct {
	to     int64
	whole  func(x, to int64) int64
	double func(x, to float64) float64
	mode   string
}

func compileRound(r Round) round {
	switch r.Mode {
	case RoundUp:
		return round{r.To, mechanism.RoundUp, mechanism.RoundDoubleUp, "up"}
	case RoundDown:
		return round{r.To, mechanism.RoundDown, mechanism.RoundDoubleDown, "down"}
	default:
		return round{r.To, mechanism.RoundHalfEven, mechanism.RoundDoubleHalfEven, "half to even"}
	}
}

func (r round) apply(v value, _ *place) (value, reason) {
	if v.isDouble {
		v.double = r.double(v.double, float64(r.to))
		return v, passes
	}
	v.whole = r.whole(v.whole, r.to)
	return v, passes
}

func (r round) words() string { return fmt.Sprintf("rounded to %d, %s", r.to, r.mode) }
