// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"math"
	"strings"
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
	// words say what it does, for the person who runs the application.
	words() string
	// claim says what that promises and what it does not; empty where the words say it all.
	claim() string
}

// number is a NumberRule, ready to run.
type number struct {
	drops      bool
	exact      bool // what is not clamped or suppressed leaves as it came
	suppresses bool
	placed     bool // some step asks for the number's place
	unit       string
	merge      Merge
	steps      []step
}

func compileNumber(r NumberRule) *number {
	n := &number{drops: r.Drop, exact: r.keeps(), suppresses: r.SuppressBelow > 0, placed: r.sticky() || r.Bucket != nil, unit: r.Unit, merge: r.Merge}
	if r.Drop {
		return n
	}
	// The other orders are known mistakes: noise after rounding loses its bound, and
	// suppression before noise makes "present" certain proof.
	if r.Clamp != nil {
		n.steps = append(n.steps, *r.Clamp)
	}
	if r.Noise != nil {
		added := r.Noise.step()
		added.afterClamp = r.Clamp.cuts()
		n.steps = append(n.steps, added)
	}
	if r.SuppressBelow > 0 {
		n.steps = append(n.steps, suppress(r.SuppressBelow))
	}
	switch {
	case r.Round != nil:
		n.steps = append(n.steps, r.Round.step())
	case r.Bucket != nil:
		n.steps = append(n.steps, r.Bucket.step())
	case r.OneBit != nil:
		n.steps = append(n.steps, r.OneBit.step())
	case r.RandomizedResponse != nil:
		n.steps = append(n.steps, r.RandomizedResponse.step())
	}
	if r.Noise != nil && r.Bucket == nil {
		n.steps = append(n.steps, floor{})
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

// words says what the rule does, for the person who runs the application.
func (n *number) words() string {
	switch {
	case n.drops:
		return "dropped"
	case len(n.steps) == 0:
		return "kept exact"
	}
	words := make([]string, len(n.steps))
	for i, s := range n.steps {
		words[i] = s.words()
	}
	if n.exact {
		words = append(words, "kept exact")
	}
	return strings.Join(words, ", then ")
}

// claim joins what the steps promise.
func (n *number) claim() string {
	var claims []string
	for _, s := range n.steps {
		if c := s.claim(); c != "" {
			claims = append(claims, c)
		}
	}
	return strings.Join(claims, " ")
}
