// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

var half, threeQuarters = mechanism.Ratio{Num: 1, Den: 2}, mechanism.Ratio{Num: 3, Den: 4}

var rappor = mechanism.RandomizedResponse{F: half, P: half, Q: threeQuarters}

func TestRandomizedResponseVector(t *testing.T) {
	p, q := rappor.Rates()
	assert.Equal(t, .5625, p)
	assert.Equal(t, .6875, q)
	once, forever := rappor.EpsilonBits(2)
	assert.InDelta(t, 1.0743, once, 5e-5)
	assert.InDelta(t, 4.3944, forever, 5e-5)
	_, forever = rappor.EpsilonBoolean()
	assert.InDelta(t, math.Log(3), forever, 1e-12)
}

// permanentRate counts all uniform draws.
func permanentRate(r mechanism.RandomizedResponse, truth bool) float64 {
	ones, n := 0, 2*r.F.Den
	for u := range n {
		if r.Permanent(exactly(u, n), truth) {
			ones++
		}
	}
	return float64(ones) / float64(n)
}

func reportRate(r mechanism.RandomizedResponse, permanent bool) float64 {
	ones := 0
	for u := range uint64(4) {
		if r.Report(exactly(u, 4), permanent) {
			ones++
		}
	}
	return float64(ones) / 4
}

// By enumeration, of a boolean and of a one-hot enum of three values.
func TestClaim3RandomizedResponseByEnumeration(t *testing.T) {
	for _, c := range []mechanism.RandomizedResponse{
		{F: half, P: quarter, Q: threeQuarters}, // drawn from quarters each, so that 4 draws count all
		{F: quarter, P: mechanism.Ratio{Num: 2, Den: 4}, Q: threeQuarters},
		{F: threeQuarters, P: quarter, Q: mechanism.Ratio{Num: 2, Den: 4}},
	} {
		permanent := [2]float64{permanentRate(c, false), permanentRate(c, true)}
		p0, p1 := reportRate(c, false), reportRate(c, true)
		report := [2]float64{}
		for truth, rate := range permanent {
			report[truth] = rate*p1 + (1-rate)*p0
		}
		p, q := c.Rates()
		assert.InDelta(t, p, report[0], 1e-12)
		assert.InDelta(t, q, report[1], 1e-12)

		once, forever := c.EpsilonBoolean()
		assert.InDelta(t, worst(report[0], report[1]), once, 1e-12)
		assert.InDelta(t, worst(permanent[0], permanent[1]), forever, 1e-12)

		once, forever = c.EpsilonBits(1)
		assert.InDelta(t, worstEnum(report), once, 1e-12)
		assert.InDelta(t, worstEnum(permanent), forever, 1e-12)
		claim(t, 3, "randomized response, f p q = "+c.F.String()+" "+c.P.String()+" "+c.Q.String(),
			"enum, by enumeration: ε₁ = %.4f, ε∞ = %.4f", once, forever)
	}
}

// worst is the greatest log-ratio of one bit's two answers between two truths.
func worst(a, b float64) float64 {
	return max(math.Abs(math.Log(a/b)), math.Abs(math.Log((1-a)/(1-b))))
}

// worstEnum is that of three one-hot bits between two values; rate is a bit's by its truth.
func worstEnum(rate [2]float64) (worst float64) {
	for answer := range 8 {
		likelihood := func(value int) float64 {
			p := 1.0
			for bit := range 3 {
				one := rate[0]
				if bit == value {
					one = rate[1]
				}
				if answer>>bit&1 == 0 {
					one = 1 - one
				}
				p *= one
			}
			return p
		}
		worst = max(worst, math.Abs(math.Log(likelihood(0)/likelihood(1))))
	}
	return worst
}

func TestClaim5SharesAreUnbiasedAndCovered(t *testing.T) {
	const n = 1000
	for _, share := range []int{0, 10, 300, 500, 1000} {
		p, q := rappor.Rates()
		counts := []float64{1}
		for i := range n {
			if i < share {
				counts = convolved(counts, q)
			} else {
				counts = convolved(counts, p)
			}
		}
		truth := float64(share) / n
		mean, covered := 0.0, 0.0
		for ones, chance := range counts {
			e := rappor.EstimateShare(ones, n)
			mean += e.Value * chance
			if e.Low <= truth && truth <= e.High {
				covered += chance
			}
		}
		assert.InDelta(t, truth, mean, 1e-9)
		assert.GreaterOrEqual(t, covered, .95)
		claim(t, 5, "share by randomized response", "of %.1f %%: bias %.0e, interval covers %.1f %%, exact sum", 100*truth, mean-truth, 100*covered)
	}
}
