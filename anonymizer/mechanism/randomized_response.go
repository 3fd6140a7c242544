// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism

import (
	"io"
	"math"
)

// RandomizedResponse tells the makers how many installations have a property, in
// the two stages of RAPPOR: Erlingsson, Pihur and Korolova, CCS 2014.
type RandomizedResponse struct {
	// F is the probability that the permanent bit is a coin's and not the truth; 0 < F ≤ 1.
	F Ratio
	// P and Q are the probabilities of reporting 1 for a permanent bit of 0 and of 1.
	P, Q Ratio
}

// Permanent draws the permanent bit; memoize it: one draw for each true value.
func (r RandomizedResponse) Permanent(random io.Reader, truth bool) bool {
	switch u := Uniform(random, 2*r.F.Den); {
	case u < r.F.Num:
		return true
	case u < 2*r.F.Num:
		return false
	default:
		return truth
	}
}

// Report draws one report's bit anew.
func (r RandomizedResponse) Report(random io.Reader, permanent bool) bool {
	if permanent {
		return Bernoulli(random, r.Q)
	}
	return Bernoulli(random, r.P)
}

// Rates are the probabilities of reporting 1 where the truth is 0 and 1: p* and q*.
func (r RandomizedResponse) Rates() (p, q float64) {
	f := r.F.Float()
	coin := f * (r.P.Float() + r.Q.Float()) / 2
	return coin + (1-f)*r.P.Float(), coin + (1-f)*r.Q.Float()
}

// EpsilonBoolean is that of one report of a boolean, and of any number of reports
// of one unchanging boolean.
func (r RandomizedResponse) EpsilonBoolean() (once, forever float64) {
	p, q := r.Rates()
	return max(math.Log(q/p), math.Log((1-p)/(1-q))), math.Log(2/r.F.Float() - 1)
}

// EpsilonBits is the same for a value that sets h of many bits; two values differ in up to 2h.
func (r RandomizedResponse) EpsilonBits(h int) (once, forever float64) {
	p, q := r.Rates()
	return float64(h) * math.Log(q*(1-p)/(p*(1-q))), 2 * float64(h) * math.Log(2/r.F.Float()-1)
}

// EstimateShare is the makers' unbiased estimate of the share of n installations
// whose truth is 1, of which ones reported 1.
func (r RandomizedResponse) EstimateShare(ones, n int) Estimate {
	p, q := r.Rates()
	return shareOf(ones, n, p, q)
}
