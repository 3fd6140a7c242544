// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import "fmt"

// suppress takes away numbers below it: small and 0 cannot be told apart. It
// counts the number's unit, not people, and proves nothing.
type suppress struct {
	forgets
	below int64
}

func (n suppress) apply(v Value, _ *Key) (Value, Outcome) {
	if v.below(n.below) {
		return v, Suppressed
	}
	return v, Passes
}

func (n suppress) describe() string { return fmt.Sprintf("no value below %d", n.below) }

// effect: on the raw number, what leaves tells on which side of the threshold it stood.
func (suppress) effect() effect { return effect{difference: blocked} }

func (suppress) hides() bool { return false }

// promise: the threshold is an edge like those of cells, and below 1 there is nothing small.
func (n suppress) promise() (hides, not string) {
	if n.below == 1 {
		return "", ""
	}
	return fmt.Sprintf("Small and 0 cannot be told apart; that the number reached %d is not hidden.", n.below), ""
}

// GivesAway reports whether a total leaves so exact that, beside groups that are suppressed below some number,
// it tells what these were.
func (r Number) GivesAway(below int64) bool {
	switch {
	case r.Drop, r.Noise != nil, r.OneBit != nil, r.RandomizedResponse != nil, r.Bucket != nil:
		return false
	default:
		return r.Round == nil || r.Round.To < below
	}
}
