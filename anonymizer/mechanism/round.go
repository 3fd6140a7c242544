// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism

import "math"

// RoundHalfEven rounds x to the nearest multiple of to (≥ 1), a tie to the even
// multiple: Python's round(x * (1/to)) * to. Where that multiple would leave the
// range of int64, the answer is the last one inside.
func RoundHalfEven(x, to int64) int64 {
	quotient := x / to
	multiple := quotient * to // nearer to zero
	twice, further := 2*magnitude(x-multiple), int64(0)
	// Two assignments instead of two branches: no processor foresees to which side a number goes.
	if twice > uint64(to) {
		further = 1
	}
	if twice == uint64(to) {
		further = quotient & 1
	}
	return away(multiple, sign(x)*to*further)
}

// RoundDown rounds x to the nearest multiple of to (≥ 1) that is not above it,
// within the range of int64.
func RoundDown(x, to int64) int64 {
	multiple := x / to * to
	if x < multiple {
		return away(multiple, -to)
	}
	return multiple
}

// RoundUp rounds x to the nearest multiple of to (≥ 1) that is not below it,
// within the range of int64.
func RoundUp(x, to int64) int64 {
	multiple := x / to * to
	if x > multiple {
		return away(multiple, to)
	}
	return multiple
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

// away goes one step away from zero, where that fits.
func away(multiple, step int64) int64 {
	if next := multiple + step; (next > multiple) == (step > 0) {
		return next
	}
	return multiple
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
