// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism

import "math"

// Estimate is what the makers can say of a fleet: a value, its standard error,
// and the ends of the normal 95 % interval.
type Estimate struct{ Value, Error, Low, High float64 }

const quantile975 = 1.959963984540054 // of the standard normal distribution

func estimate(value, deviation float64) Estimate {
	return Estimate{value, deviation, value - quantile975*deviation, value + quantile975*deviation}
}

// estimateShare is of the share of true answers among n bits that are 1 with
// probability low where the truth is 0, and high where it is 1.
func estimateShare(ones, n int, low, high float64) Estimate {
	share := float64(ones) / float64(n)
	deviation := math.Sqrt(share * (1 - share) / float64(n))
	return estimate((share-low)/(high-low), deviation/(high-low))
}

func (e Estimate) times(factor float64) Estimate {
	return Estimate{e.Value * factor, e.Error * factor, e.Low * factor, e.High * factor}
}
