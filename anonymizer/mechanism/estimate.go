// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Estimate is what the makers can say of a fleet: an unbiased value, its standard
// error, and the ends of an interval that holds the truth in at least 95 of 100 fleets.
type Estimate struct{ Value, Error, Low, High float64 }

// tail is the probability that the truth lies beyond one end of an interval.
const tail = .025

// shareOf estimates the share of true answers among n bits that are 1 with
// probability low where the truth is 0, and high where it is 1. The interval is
// that of the rate of ones, transformed, and cut to what a share can be. It holds
// as well where each bit has a probability of its own between the two: the tails
// of such a sum are no heavier than those of the binomial distribution with the
// same mean (Hoeffding, "On the distribution of the number of successes in
// independent trials", 1956).
func shareOf(ones, n int, low, high float64) Estimate {
	share := func(rate float64) float64 { return (rate - low) / (high - low) }
	rate := float64(ones) / float64(n)
	least, most := rateInterval(ones, n)
	return Estimate{
		Value: share(rate),
		Error: math.Sqrt(rate*(1-rate)/float64(n)) / (high - low),
		Low:   min(max(share(least), 0), 1),
		High:  min(max(share(most), 0), 1),
	}
}

// rateInterval is Clopper's and Pearson's exact 95 % interval of a rate, of which
// n tries had so many ones (Biometrika 26, 1934).
func rateInterval(ones, n int) (low, high float64) {
	k, rest := float64(ones), float64(n-ones)
	low, high = 0, 1
	if ones > 0 {
		low = mathext.InvRegIncBeta(k, rest+1, tail)
	}
	if ones < n {
		high = mathext.InvRegIncBeta(k+1, rest, 1-tail)
	}
	return low, high
}

func (e Estimate) times(factor float64) Estimate {
	return Estimate{e.Value * factor, e.Error * factor, e.Low * factor, e.High * factor}
}

// Says reports whether the interval says anything of what lies between 0 and most:
// one that holds all of it does not, and neither does one that holds none of it, which
// cut to an end has no width: such answers were made under another rule, or by chance.
func (e Estimate) Says(most float64) bool {
	return (e.Low > 0 || e.High < most) && e.Low < e.High
}
