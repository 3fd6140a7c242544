// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

func TestBucketEdges(t *testing.T) {
	b := mechanism.Buckets{Bounds: mechanism.DefaultBounds}
	for x, want := range map[int64]string{
		math.MinInt64: "0", -1: "0", 0: "0", 1: "1-5", 5: "1-5", 6: "6-20", 20: "6-20", 21: "21-100",
		100: "21-100", 101: "101-500", 500: "101-500", 501: "501-2000", 2000: "501-2000", 2001: "2001+", math.MaxInt64: "2001+",
	} {
		assert.Equal(t, want, b.Label(b.Index(x)), x)
	}
}

func TestHysteresisStaysUntilTheEdgeIsPassed(t *testing.T) {
	b := mechanism.Buckets{Bounds: mechanism.DefaultBounds, Hysteresis: mechanism.Ratio{Num: 1, Den: 10}}
	for _, c := range []struct {
		name         string
		before, next int
		x            int64
	}{
		{"inside", 2, 2, 10},
		{"just above", 2, 2, 21},
		{"passed above", 2, 3, 22},
		{"just below", 3, 3, 20},
		{"13 below", 3, 3, 13},
		{"passed below", 3, 2, 12},
		{"the bucket of one number can be entered", 1, 0, 0},
		{"from none", 0, 0, 1},
		{"from none, passed", 0, 1, 2},
		{"far", 0, 6, 5000},
		{"the top, a tenth of the width below", 6, 6, 1851},
		{"the top, passed", 6, 5, 1850},
	} {
		assert.Equal(t, c.next, b.Next(c.before, c.x), c.name)
	}
}

func TestEveryBucketCanBeEnteredFromItsNeighbour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := mechanism.Buckets{Hysteresis: mechanism.Ratio{Num: rapid.Uint64Range(0, 99).Draw(t, "percent"), Den: 100}}
		bound := rapid.Int64Range(-1000, 1000).Draw(t, "first")
		for range rapid.IntRange(2, 8).Draw(t, "bounds") {
			b.Bounds = append(b.Bounds, bound)
			bound += rapid.Int64Range(1, 1000).Draw(t, "width")
		}
		for at := 1; at < len(b.Bounds); at++ {
			if got := b.Next(at, b.Bounds[at-1]); got != at-1 {
				t.Fatalf("%v: from %d, %d leads to %d", b, at, b.Bounds[at-1], got)
			}
		}
		x := rapid.Int64Range(-2000, 9000).Draw(t, "x")
		before := rapid.IntRange(0, len(b.Bounds)-1).Draw(t, "before")
		next := b.Next(before, x)
		if next != before && next != b.Index(x) || b.Index(x) == before && next != before || b.Next(next, x) != next {
			t.Fatalf("%v: from %d, %d leads to %d", b, before, x, next)
		}
	})
}
