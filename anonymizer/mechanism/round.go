// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism

import "math"

// RoundHalfEven rounds x to the nearest multiple of to (≥ 1), a tie to the even
// multiple: Python's round(x * (1/to)) * to. Where that multiple would leave the
// range of int64, the answer is the last one inside.
func RoundHalfEven(x, to int64) int64 {
	quotient, rest := x/to, magnitude(x%to)
	if twice := 2 * rest; twice > uint64(to) || twice == uint64(to) && quotient&1 != 0 {
		quotient += sign(x)
	}
	return multiple(quotient, to)
}

// RoundDown rounds x to the nearest multiple of to (≥ 1) that is not above it,
// within the range of int64.
func RoundDown(x, to int64) int64 {
	quotient := x / to
	if x%to < 0 {
		quotient--
	}
	return multiple(quotient, to)
}

// RoundUp rounds x to the nearest multiple of to (≥ 1) that is not below it,
// within the range of int64.
func RoundUp(x, to int64) int64 {
	quotient := x / to
	if x%to > 0 {
		quotient++
	}
	return multiple(quotient, to)
}

// RoundDoubleHalfEven is RoundHalfEven for a finite double, which stays one.
func RoundDoubleHalfEven(x, to float64) float64 { return x - math.Remainder(x, to) }

// RoundDoubleDown is RoundDown for a finite double, which stays one.
func RoundDoubleDown(x, to float64) float64 {
	rest := math.Mod(x, to)
	if rest < 0 {
		return x - rest - to
	}
	return x - rest
}

// RoundDoubleUp is RoundUp for a finite double, which stays one.
func RoundDoubleUp(x, to float64) float64 { return -RoundDoubleDown(-x, to) + 0 }

// multiple is quotient·to, one nearer to zero where that does not fit.
func multiple(quotient, to int64) int64 {
	product := quotient * to
	if product/to != quotient {
		return (quotient - sign(quotient)) * to
	}
	return product
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

func sign(x int64) int64 {
	if x < 0 {
		return -1
	}
	return 1
}
