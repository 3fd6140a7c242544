// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import "math"

// reach is what a number can be.
type reach struct{ least, most float64 }

// anyNumber is what a count can be: beyond, a double holds no single ones. Of so many
// numbers as a fleet has, the sum is finite.
var anyNumber = reach{-1 << 53, 1 << 53}

// reach is what the rule that clamps the numbers lets out.
func (n Number) reach() reach {
	r := anyNumber
	if n.Clamp != nil && n.Clamp.Min != nil {
		r.least = float64(*n.Clamp.Min)
	}
	if n.Clamp != nil && n.Clamp.Max != nil {
		r.most = float64(*n.Clamp.Max)
	}
	return r
}

func (r reach) holds(x float64) bool { return x >= r.least && x <= r.most }

// cut is the number, or the end beyond which it lies.
func (r reach) cut(x float64) float64 { return min(max(x, r.least), r.most) }

// tally adds up numbers.
type tally struct {
	installations int
	sum           float64
	// size is the sum of the numbers without their signs, greatest the greatest of them.
	size, greatest float64
}

func (t *tally) add(x float64) {
	t.installations++
	t.sum += x
	t.size += math.Abs(x)
	t.greatest = max(t.greatest, math.Abs(x))
}

func (t tally) mean() float64 { return t.sum / float64(t.installations) }

// ofOne reports whether the sum is one installation's number but for a tenth.
func (t tally) ofOne() bool { return t.size-t.greatest < t.greatest/10 }

// tellsSum reports whether a sum may be told, and the mean, which is as much: one that is nearly one installation's number tells of one.
func (s *snapshot) tellsSum(of tally) bool { return s.min == 1 || !of.ofOne() }
