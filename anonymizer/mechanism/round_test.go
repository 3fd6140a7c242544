// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism_test

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// checkArithmetic compares with Python's round(x * (1/to)) * to, in doubles.
func checkArithmetic(round func(x, to int64) int64) error {
	for _, to := range []int64{5, 10, 100} {
		for x := range int64(2_000_001) {
			app := int64(math.RoundToEven(float64(x)*(1/float64(to)))) * to
			if got := round(x, to); got != app {
				return fmt.Errorf("%d to %d: %d instead of %d", x, to, got, app)
			}
		}
	}
	return nil
}

func TestRoundHalfEvenIsTheAppsArithmetic(t *testing.T) {
	require.NoError(t, checkArithmetic(mechanism.RoundHalfEven))
	assert.Error(t, checkArithmetic(func(x, to int64) int64 { return (x + to/2) / to * to }), "half up")
}

func TestRoundTies(t *testing.T) {
	for _, c := range []struct{ x, to, even, down, up int64 }{
		{50, 100, 0, 0, 100},
		{150, 100, 200, 100, 200},
		{250, 100, 200, 200, 300},
		{-50, 100, 0, -100, 0},
		{-150, 100, -200, -200, -100},
		{-1, 100, 0, -100, 0},
		{0, 7, 0, 0, 0},
		{7, 1, 7, 7, 7},
	} {
		assert.Equal(t, c.even, mechanism.RoundHalfEven(c.x, c.to), "%d to %d, half to even", c.x, c.to)
		assert.Equal(t, c.down, mechanism.RoundDown(c.x, c.to), "%d to %d, down", c.x, c.to)
		assert.Equal(t, c.up, mechanism.RoundUp(c.x, c.to), "%d to %d, up", c.x, c.to)
		assert.Equal(t, float64(c.even), mechanism.RoundDoubleHalfEven(float64(c.x), float64(c.to)))
		assert.Equal(t, float64(c.down), mechanism.RoundDoubleDown(float64(c.x), float64(c.to)))
		assert.Equal(t, float64(c.up), mechanism.RoundDoubleUp(float64(c.x), float64(c.to)))
	}
}

// Against exact arithmetic over the whole range of int64, the ends above all.
func TestRoundIsExactAndStaysInRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.OneOf(
			rapid.Int64(),
			rapid.Int64Range(math.MaxInt64-1000, math.MaxInt64),
			rapid.Int64Range(math.MinInt64, math.MinInt64+1000),
		).Draw(t, "x")
		to := rapid.OneOf(rapid.Int64Range(1, 1000), rapid.Int64Range(1, math.MaxInt64)).Draw(t, "to")
		floor := new(big.Int).Div(big.NewInt(x), big.NewInt(to)) // Euclidean: the floor, as to > 0
		rest := new(big.Int).Mod(big.NewInt(x), big.NewInt(to))
		next := new(big.Int).Add(floor, big.NewInt(1))

		nearest := floor
		switch rest.Lsh(rest, 1).Cmp(big.NewInt(to)) {
		case 1:
			nearest = next
		case 0:
			if floor.Bit(0) == 1 {
				nearest = next
			}
		}
		up := next
		if rest.Sign() == 0 {
			up = floor
		}
		for _, c := range []struct {
			got      int64
			quotient *big.Int
		}{
			{mechanism.RoundHalfEven(x, to), nearest},
			{mechanism.RoundDown(x, to), floor},
			{mechanism.RoundUp(x, to), up},
		} {
			want := new(big.Int).Mul(c.quotient, big.NewInt(to))
			for !want.IsInt64() {
				want.Sub(want, big.NewInt(to*int64(want.Sign())))
			}
			if want.Int64() != c.got {
				t.Fatalf("%d to %d: got %d, want %d", x, to, c.got, want)
			}
		}
	})
}

func TestDoublesRoundToTheGrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-1e15, 1e15).Draw(t, "x")
		to := float64(rapid.Int64Range(1, 10_000).Draw(t, "to"))
		for _, rounded := range []float64{
			mechanism.RoundDoubleHalfEven(x, to), mechanism.RoundDoubleDown(x, to), mechanism.RoundDoubleUp(x, to),
		} {
			if math.Mod(rounded, to) != 0 || math.Abs(rounded-x) > to || math.Signbit(rounded) && rounded == 0 {
				t.Fatalf("%g to %g gave %g", x, to, rounded)
			}
		}
	})
}
