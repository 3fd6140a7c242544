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

// smallFleets are all fleets of which the intervals' coverage is summed exactly.
const smallFleets = 200

// ratio is parts in a million.
func ratio(millionths uint64) mechanism.Ratio {
	return mechanism.Ratio{Num: millionths, Den: 1_000_000}
}

// leastCoverage is the smallest probability, over all fleets of 1 to most installations
// with any number of true answers, that the interval told of them holds the true share.
func leastCoverage(most int, zero, one float64, interval func(ones, n int) (low, high float64)) (least float64) {
	limits := make([][][2]float64, most+1)
	for n := 1; n <= most; n++ {
		for ones := range n + 1 {
			low, high := interval(ones, n)
			limits[n] = append(limits[n], [2]float64{low, high})
		}
	}
	least = 1
	allTrue := []float64{1} // the distribution of ones of k true answers
	for k := range most + 1 {
		counts := allTrue
		for n := k; n <= most; n++ {
			if n > k {
				counts = convolved(counts, zero)
			}
			if n == 0 {
				continue
			}
			covered, truth := 0.0, float64(k)/float64(n)
			for ones, chance := range counts {
				if l := limits[n][ones]; l[0] <= truth+1e-9 && truth <= l[1]+1e-9 {
					covered += chance
				}
			}
			least = min(least, covered)
		}
		allTrue = convolved(allTrue, one)
	}
	return least
}

// The intervals hold at every size of a fleet from 1 on, at parameters from one end of
// what is accepted to the other: where the normal ones covered 0 % (n = 1) to 95 %.
func TestClaim5IntervalsCoverSmallFleets(t *testing.T) {
	most := min(smallFleets, times(60, smallFleets))
	least := 1.0
	for _, zero := range []uint64{1, 10_000, 100_000, 250_000, 400_000, 499_999} {
		for _, flip := range []uint64{0, 100_000, 490_000} {
			o := mechanism.OneBit{Max: 1000, Step: 1000, Zero: ratio(zero), Flip: ratio(flip)}
			low := o.Zero.Float()*(1-o.Flip.Float()) + (1-o.Zero.Float())*o.Flip.Float()
			least = min(least, leastCoverage(most, low, 1-low, func(ones, n int) (float64, float64) {
				e := o.EstimateMean(ones, n)
				return e.Low / 1000, e.High / 1000
			}))
		}
	}
	for _, r := range []mechanism.RandomizedResponse{
		rappor,
		{F: ratio(10), P: ratio(10), Q: ratio(999_990)},
		{F: ratio(999_000), P: ratio(499_000), Q: ratio(501_000)},
		{F: ratio(1), P: ratio(1), Q: ratio(2)},
		{F: ratio(500_000), P: ratio(900_000), Q: ratio(999_999)},
	} {
		p, q := r.Rates()
		least = min(least, leastCoverage(most, p, q, func(ones, n int) (float64, float64) {
			e := r.EstimateShare(ones, n)
			return e.Low, e.High
		}))
	}
	assert.GreaterOrEqual(t, least, .95)
	claim(t, 5, "95 % intervals, every n from 1, parameters from end to end", "least coverage %.2f %% up to n = %d, exact sum", 100*least, most)
}

// Numbers between 0 and the greatest one, too: each installation with a probability of its own.
func TestIntervalsCoverMixedFleets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := mechanism.OneBit{Max: 1000, Step: 1000, Zero: ratio(rapid.Uint64Range(1, 499_999).Draw(t, "zero")), Flip: ratio(rapid.Uint64Range(0, 499_999).Draw(t, "flip"))}
		fleet := rapid.SliceOfN(rapid.Int64Range(0, 1000), 1, smallFleets).Draw(t, "fleet")
		counts, mean := []float64{1}, 0.0
		for _, x := range fleet {
			mean += float64(x) / float64(len(fleet))
			p := o.Zero.Float() + float64(x)/1000*(1-2*o.Zero.Float())
			counts = convolved(counts, p*(1-o.Flip.Float())+(1-p)*o.Flip.Float())
		}
		covered := 0.0
		for ones, chance := range counts {
			if e := o.EstimateMean(ones, len(fleet)); e.Low <= mean+1e-6 && mean <= e.High+1e-6 {
				covered += chance
			}
		}
		assert.GreaterOrEqual(t, covered, .95)
	})
}

// An interval that holds all that is possible says nothing.
func TestIntervalsThatSayNothing(t *testing.T) {
	assert.False(t, rappor.EstimateShare(1, 2).Says(1))
	assert.True(t, rappor.EstimateShare(6875, 10_000).Says(1))
	o := mechanism.OneBit{Max: 10, Step: 10, Zero: quarter, Flip: mechanism.Ratio{Den: 1}}
	assert.False(t, o.EstimateMean(2, 4).Says(10))
	e := o.EstimateMean(1_000_000, 4_000_000)
	assert.True(t, e.Says(10))
	assert.InDelta(t, 0, e.Value, 1e-9)
	assert.Zero(t, e.Low, "cut to what is possible")
	assert.False(t, math.IsNaN(e.High))
}
