// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism

import (
	"io"
	"math"
)

// OneBit tells the makers a fleet's mean of numbers in [0, Max], by one bit a
// report: Ding, Kulkarni and Yekhanin, "Collecting Telemetry Data Privately",
// NeurIPS 2017.
type OneBit struct {
	// Max is the greatest number, at most MaxRatio; numbers are cut to [0, Max].
	Max int64
	// Step divides Max: numbers are rounded to multiples of it, at random but for good.
	Step int64
	// Zero is the probability of a 1 for the number 0; below ½.
	Zero Ratio
	// Flip is the probability of turning the memoized bit over in one report; below ½.
	Flip Ratio
}

// Epsilon is that of one memoized answer: ln((1−p₀)/p₀).
func (o OneBit) Epsilon() float64 { return math.Log(1/o.Zero.Float() - 1) }

// EpsilonForever bounds what all reports together tell apart of two histories whose rounded
// values change at the same times: ε for each of the Max/Step + 1 rounded values. It is no
// guarantee of a rule: numbers that change at the same times mostly have rounded values that
// do not, and then nothing is claimed (see the rule's documentation).
func (o OneBit) EpsilonForever() float64 { return float64(o.Max/o.Step+1) * o.Epsilon() }

// AlphaRound rounds x to one of the two multiples of Step around it, by an
// offset drawn once by StickyOffset(…, Step). The mean over all offsets is x.
func (o OneBit) AlphaRound(x, offset int64) int64 {
	x = min(max(x, 0), o.Max)
	low := x / o.Step * o.Step
	if x+offset < low+o.Step {
		return low
	}
	return low + o.Step
}

// Answer draws the bit for a rounded number; memoize it: one draw for each rounded number.
func (o OneBit) Answer(random io.Reader, rounded int64) bool {
	a, b := o.Zero.Num, o.Zero.Den
	m := uint64(o.Max)
	return Uniform(random, b*m) < a*m+uint64(rounded)*(b-2*a)
}

// Perturb turns the memoized bit over with probability Flip; draw anew for each report.
// It hides when the bit changed; averaging recovers the bit.
func (o OneBit) Perturb(random io.Reader, answer bool) bool {
	return answer != Bernoulli(random, o.Flip)
}

// EstimateMean is the makers' unbiased estimate of the mean of n installations,
// of which ones sent 1. The worst standard deviation, without flips, is
// Max·F/(2√n) with F = (e^ε+1)/(e^ε−1).
func (o OneBit) EstimateMean(ones, n int) Estimate {
	zero, flip := o.Zero.Float(), o.Flip.Float()
	low := zero*(1-flip) + (1-zero)*flip
	return shareOf(ones, n, low, 1-low).times(float64(o.Max))
}
