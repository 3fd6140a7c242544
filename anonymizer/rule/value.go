// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"math"
)

// Value is a point's number, an integer or a double.
type Value struct {
	Whole    int64
	Double   float64
	IsDouble bool
}

// Finite reports whether the value is a number.
func (v Value) Finite() bool {
	return !v.IsDouble || !math.IsNaN(v.Double) && !math.IsInf(v.Double, 0)
}

// Float is the nearest double.
func (v Value) Float() float64 {
	if v.IsDouble {
		return v.Double
	}
	return float64(v.Whole)
}

// Same reports whether both are one; it tells 0 from -0.
func (v Value) Same(other Value) bool {
	return v.IsDouble == other.IsDouble && v.Whole == other.Whole &&
		math.Float64bits(v.Double) == math.Float64bits(other.Double)
}

// Plus adds up; integers stay within the range of int64.
func (v Value) Plus(other Value) Value {
	if v.IsDouble || other.IsDouble {
		return Value{Double: v.Float() + other.Float(), IsDouble: true}
	}
	return Value{Whole: AddCounts(v.Whole, other.Whole)}
}

// Max is the greater of both.
func (v Value) Max(other Value) Value {
	if v.less(other) {
		return other
	}
	return v
}

// AddCounts stays at the end of the range of int64 where the sum is beyond.
func AddCounts(a, b int64) int64 {
	switch sum := a + b; {
	case a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && sum >= 0:
		return math.MinInt64
	default:
		return sum
	}
}

func (v Value) below(n int64) bool { return v.less(Value{Whole: n}) }

func (v Value) less(other Value) bool {
	if !v.IsDouble && !other.IsDouble {
		return v.Whole < other.Whole
	}
	return v.Float() < other.Float()
}

// nearest is the whole number next to v, of two the greater: so a whole number more is
// one more here too, which half to even would not keep.
func (v Value) nearest() (int64, Outcome) {
	below, outcome := v.floor()
	if v.IsDouble && outcome == Passes && v.Double-math.Floor(v.Double) >= .5 {
		below++
	}
	return below, outcome
}

// Doubles tell whole numbers apart only up to maxWhole.
const maxWhole = 1 << 53

// floor is the whole number not above v.
func (v Value) floor() (int64, Outcome) {
	if !v.IsDouble {
		return v.Whole, Passes
	}
	if math.Abs(v.Double) > maxWhole {
		return 0, OutOfRange
	}
	return int64(math.Floor(v.Double)), Passes
}

// AsWhole is the same number as an integer, where it is one.
func (v Value) AsWhole() Value {
	if v.IsDouble && math.Abs(v.Double) <= maxWhole && v.Double == math.Trunc(v.Double) {
		return Value{Whole: int64(v.Double)}
	}
	return v
}

// become is a whole number of the same type as v.
func (v Value) become(whole int64) Value {
	if v.IsDouble {
		return Value{Double: float64(whole), IsDouble: true}
	}
	return Value{Whole: whole}
}
