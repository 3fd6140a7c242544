// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism

import (
	"fmt"
	"slices"
)

// DefaultBounds are the buckets' lower ends: none, 1 to 5, 6 to 20, and so on.
var DefaultBounds = []int64{0, 1, 6, 21, 101, 501, 2001}

// Buckets sorts numbers into ranges. It is disclosure control, not differential privacy.
type Buckets struct {
	// Bounds are the lower ends, ascending; a number below the first belongs to the first.
	Bounds []int64
	// Hysteresis is the part of a bucket's width by which its edge has to be passed to leave it.
	Hysteresis Ratio
}

// Index is the bucket of x.
func (b Buckets) Index(x int64) int {
	at, found := slices.BinarySearch(b.Bounds, x)
	if found {
		return at
	}
	return max(at-1, 0)
}

// Next is the bucket of x after bucket before: the same until x has passed its edge
// by the margin. It stops flapping; it guarantees nothing.
func (b Buckets) Next(before int, x int64) int {
	next := b.Index(x)
	if b.Hysteresis.Num == 0 || before < 0 || before >= len(b.Bounds) {
		return next
	}
	margin := b.margin(before)
	switch {
	case next > before && x-margin >= b.Bounds[before+1]:
		return next
	case next < before && x < b.Bounds[before]-min(margin, b.width(before-1)-1):
		return next // never so much that the bucket below cannot be entered again
	default:
		return before
	}
}

// margin is at least 1; of the open top bucket, as of the one below it.
func (b Buckets) margin(at int) int64 {
	width := b.width(min(at, len(b.Bounds)-2))
	return max(1, width/int64(b.Hysteresis.Den)*int64(b.Hysteresis.Num)+width%int64(b.Hysteresis.Den)*int64(b.Hysteresis.Num)/int64(b.Hysteresis.Den))
}

func (b Buckets) width(at int) int64 { return b.Bounds[at+1] - b.Bounds[at] }

// Label names a bucket by its ends: "0", "1-5", "2001+".
func (b Buckets) Label(at int) string {
	switch {
	case at == len(b.Bounds)-1:
		return fmt.Sprintf("%d+", b.Bounds[at])
	case b.width(at) == 1:
		return fmt.Sprint(b.Bounds[at])
	default:
		return fmt.Sprintf("%d-%d", b.Bounds[at], b.Bounds[at+1]-1)
	}
}
