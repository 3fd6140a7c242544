// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism

import (
	"fmt"
	"math/big"
	"strconv"
)

// Ratio is a fraction Num/Den in lowest terms, both at most MaxRatio: small
// enough for the samplers' products to stay exact.
type Ratio struct{ Num, Den uint64 }

// MaxRatio bounds numerators and denominators.
const MaxRatio = 1 << 24

// RatioOf reads a decimal as what it says: 0.1 is one tenth, not the double beside it.
// The error is for a negative number, or one that needs a part beyond MaxRatio.
func RatioOf(x float64) (Ratio, error) {
	exact, ok := new(big.Rat).SetString(strconv.FormatFloat(x, 'g', -1, 64))
	if !ok || exact.Sign() < 0 || exact.Num().Cmp(big.NewInt(MaxRatio)) > 0 || exact.Denom().Cmp(big.NewInt(MaxRatio)) > 0 {
		return Ratio{}, fmt.Errorf("%v is no fraction with parts up to %d: write fewer digits", x, MaxRatio)
	}
	return Ratio{exact.Num().Uint64(), exact.Denom().Uint64()}, nil
}

// Over divides a whole number by the ratio: a sensitivity by ε is a scale.
func (r Ratio) Over(whole uint64) (Ratio, error) {
	if r.Num == 0 {
		return Ratio{}, fmt.Errorf("division by 0")
	}
	quotient := new(big.Rat).SetFrac(
		new(big.Int).Mul(new(big.Int).SetUint64(whole), new(big.Int).SetUint64(r.Den)), new(big.Int).SetUint64(r.Num),
	)
	if !quotient.Num().IsUint64() || quotient.Num().Uint64() > MaxRatio || quotient.Denom().Uint64() > MaxRatio {
		return Ratio{}, fmt.Errorf("%d over %v is no fraction with parts up to %d: write fewer digits", whole, r, MaxRatio)
	}
	return Ratio{quotient.Num().Uint64(), quotient.Denom().Uint64()}, nil
}

// Float is the nearest double, for estimates and texts.
func (r Ratio) Float() float64 { return float64(r.Num) / float64(r.Den) }

func (r Ratio) String() string { return fmt.Sprintf("%d/%d", r.Num, r.Den) }
