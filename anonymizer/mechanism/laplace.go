// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism

import (
	"io"
	"math"
)

// Laplace draws discrete Laplace noise of a scale > 0: P[x] ∝ exp(−|x|/scale).
// Added to a number that one row changes by at most Δ, a scale of Δ/ε gives ε for
// that one report. It is exact, from uniform integers alone: Canonne, Kamath and
// Steinke, "The Discrete Gaussian for Differential Privacy", NeurIPS 2020,
// algorithms 1 and 2.
func Laplace(random io.Reader, scale Ratio) int64 {
	s := &source{random: random}
	for {
		negative := s.uniform(2) == 0
		size := s.geometric(scale)
		switch {
		case !negative:
			return size
		case size > 0:
			return -size
		}
		// Zero has one sign: without drawing again it would come twice as often.
	}
}

// geometric draws from P[x] ∝ exp(−x/scale), x ≥ 0.
func (s *source) geometric(scale Ratio) int64 {
	t := scale.Num
	u := s.uniform(t)
	for !s.bernoulliExp(u, t) {
		u = s.uniform(t)
	}
	whole := uint64(0)
	for s.bernoulliExp(1, 1) {
		whole++
	}
	return int64((whole*t + u) / scale.Den)
}

// bernoulliExp is true with probability exp(−num/den), num ≤ den.
func (s *source) bernoulliExp(num, den uint64) bool {
	k := uint64(1)
	for s.bernoulli(num, den*k) {
		k++
	}
	return k%2 == 1
}

// LaplaceDeviation is the standard deviation of the noise of a scale.
func LaplaceDeviation(scale Ratio) float64 {
	decay := math.Exp(-1 / scale.Float())
	return math.Sqrt(2*decay) / (1 - decay)
}

// EstimateSum is the makers' estimate of a sum over n installations that each
// added noise of this scale, with its 95 % interval. Where values were floored at
// 0, the sum is biased upwards.
func EstimateSum(noised int64, n int, scale Ratio) Estimate {
	return normal(float64(noised), LaplaceDeviation(scale)*math.Sqrt(float64(n)))
}

const quantile975 = 1.959963984540054 // of the standard normal distribution

// normal is an estimate with the normal 95 % interval, for sums of many draws.
func normal(value, deviation float64) Estimate {
	return Estimate{value, deviation, value - quantile975*deviation, value + quantile975*deviation}
}
