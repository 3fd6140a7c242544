// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package source

import "math"

var (
	errAddend = &Error{Reason: "one of the values to add up is no number"}
	// ErrRange is the failure of a number that cannot be told.
	ErrRange = &Error{Reason: "the number is not finite, or beyond 64 bits"}
)

// Sum adds up values: in integers as long as all are.
type Sum struct {
	whole   int64
	real    float64
	isReal  bool
	addends int
}

// Add adds one value; nil, which is nothing, adds nothing.
func (s *Sum) Add(value Value) error {
	switch v := value.(type) {
	case nil:
		return nil
	case int64:
		if (v > 0 && s.whole > math.MaxInt64-v) || (v < 0 && s.whole < math.MinInt64-v) {
			return ErrRange
		}
		s.whole += v
	case float64:
		s.real += v
		s.isReal = true
	default:
		return errAddend
	}
	s.addends++
	return nil
}

// Addends is how many values were added.
func (s *Sum) Addends() int { return s.addends }

// Total is the sum, an int64 or a float64; 0 of nothing.
func (s *Sum) Total() (Value, error) {
	if !s.isReal {
		return s.whole, nil
	}
	total := s.real + float64(s.whole)
	if math.IsInf(total, 0) || math.IsNaN(total) {
		return nil, ErrRange
	}
	return total, nil
}
