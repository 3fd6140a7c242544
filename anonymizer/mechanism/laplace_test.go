// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

type sampler func(io.Reader, mechanism.Ratio) int64

var laplaceVectors = []struct {
	scale mechanism.Ratio
	draws []int64
}{
	{mechanism.Ratio{Num: 2, Den: 1}, []int64{1, 1, 2, -5, 0, -1, 2, -2, 0, 0, 0, 0, 1, -3, 0, 1}},
	{mechanism.Ratio{Num: 10, Den: 3}, []int64{4, 2, 4, 1, 2, -1, 3, -1, 1, -4, -3, 8, -5, 0, -1, 1}},
	{mechanism.Ratio{Num: 20, Den: 1}, []int64{-9, 28, 54, -36, 1, -12, -23, 10, 0, 6, 95, -32, -24, 2, -1, -28}},
}

func checkVectors(draw sampler) error {
	for _, v := range laplaceVectors {
		random := &counter{seed: fmt.Sprintf("dlap-v1/%d/%d", v.scale.Num, v.scale.Den)}
		var got []int64
		for range v.draws {
			got = append(got, draw(random, v.scale))
		}
		if !slices.Equal(got, v.draws) {
			return fmt.Errorf("scale %v: %v instead of %v", v.scale, got, v.draws)
		}
	}
	return nil
}

// checkDistribution is a χ² test; it fails where p ≤ 10⁻⁴.
func checkDistribution(t *testing.T, draw sampler, draws int) error {
	var errs []error
	for _, v := range laplaceVectors {
		random := seeded(t, "distribution/"+v.scale.String())
		// Each x with at least 20 expected draws is a class; what lies beyond, on either side, is one more.
		decay := math.Exp(-1 / v.scale.Float())
		zero := math.Tanh(1 / (2 * v.scale.Float()))
		end := 0
		for float64(draws)*zero*math.Pow(decay, float64(end+1)) >= 20 {
			end++
		}
		counts := make([]int, 2*end+3)
		for range draws {
			x := min(max(draw(random, v.scale), int64(-end-1)), int64(end+1))
			counts[int(x)+end+1]++
		}
		expected := func(x int) float64 {
			if x < 0 {
				x = -x
			}
			p := zero * math.Pow(decay, float64(x))
			if x > end {
				p /= 1 - decay
			}
			return p * float64(draws)
		}
		chi := 0.0
		for i, n := range counts {
			e := expected(i - end - 1)
			chi += (float64(n) - e) * (float64(n) - e) / e
		}
		k := float64(len(counts) - 1)
		z := (math.Cbrt(chi/k) - (1 - 2/(9*k))) / math.Sqrt(2/(9*k)) // Wilson and Hilferty 1931
		if z > 3.719 {                                               // p < 10⁻⁴
			errs = append(errs, fmt.Errorf("scale %v: χ² = %.1f with %v degrees of freedom", v.scale, chi, k))
		} else {
			claim(t, 2, "discrete Laplace, scale "+v.scale.String(), "χ² = %.1f, %v degrees of freedom, %d draws", chi, k, draws)
		}
	}
	return errors.Join(errs...)
}

func TestClaim2Sampler(t *testing.T) {
	require.NoError(t, checkVectors(mechanism.Laplace))
	claim(t, 2, "discrete Laplace", "48 vectors")
	require.NoError(t, checkDistribution(t, mechanism.Laplace, times(400_000, 10_000_000)))
}

// Zero with both signs: it comes twice as often.
func wrongSignAtZero(random io.Reader, scale mechanism.Ratio) int64 {
	negative := mechanism.Uniform(random, 2) == 0
	for {
		x := mechanism.Laplace(random, scale)
		if negative == (x < 0) || x == 0 {
			return x
		}
	}
}

// The textbook's logarithm of a double: right to χ², wrong in its last bits.
func floatingPointLaplace(random io.Reader, scale mechanism.Ratio) int64 {
	u := (float64(mechanism.Uniform(random, 1<<53)) + 0.5) / (1 << 53)
	decay := math.Exp(-1 / scale.Float())
	if u < decay/(1+decay) {
		return -int64(math.Ceil(math.Log(u*(1+decay))/math.Log(decay))) - 0
	}
	return int64(math.Log((1-u)*(1+decay)) / math.Log(decay))
}

func TestClaim2MutantsAreCaught(t *testing.T) {
	assert.Error(t, checkDistribution(t, wrongSignAtZero, 400_000), "wrong sign at zero")
	assert.Error(t, checkVectors(wrongSignAtZero), "wrong sign at zero")
	assert.Error(t, checkVectors(floatingPointLaplace), "float Laplace")
}

func TestLaplaceAtZeroIsTanh(t *testing.T) {
	const draws = 400_000
	scale := mechanism.Ratio{Num: 2, Den: 1}
	random, zeros := seeded(t, "zero"), 0
	for range draws {
		if mechanism.Laplace(random, scale) == 0 {
			zeros++
		}
	}
	p := math.Tanh(.25)
	assert.InDelta(t, p, float64(zeros)/draws, 5*math.Sqrt(p*(1-p)/draws))
}

func TestLaplaceDeviation(t *testing.T) {
	scale := mechanism.Ratio{Num: 10, Den: 3}
	random, squares := seeded(t, "deviation"), 0.0
	const draws = 200_000
	for range draws {
		x := float64(mechanism.Laplace(random, scale))
		squares += x * x
	}
	assert.InEpsilon(t, mechanism.LaplaceDeviation(scale), math.Sqrt(squares/draws), .02)

	sum := mechanism.EstimateSum(1000, 100, scale)
	assert.Equal(t, 1000.0, sum.Value)
	assert.InDelta(t, 10*mechanism.LaplaceDeviation(scale), sum.Error, 1e-9)
}

func TestUniformReadsAsCryptoRand(t *testing.T) {
	for _, n := range []uint64{1, 2, 3, 255, 256, 257, 65536, 65537, 1 << 40, 1<<63 - 25} {
		ours, theirs := &counter{seed: "uniform"}, &counter{seed: "uniform"}
		for range 100 {
			want, err := rand.Int(theirs, new(big.Int).SetUint64(n))
			require.NoError(t, err)
			require.Equal(t, want.Uint64(), mechanism.Uniform(ours, n), "below %d", n)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestNoRandomnessNoAnswer(t *testing.T) {
	assert.Panics(t, func() { mechanism.Uniform(broken{}, 2) })
}

func TestRatios(t *testing.T) {
	tenth, err := mechanism.RatioOf(.1)
	require.NoError(t, err)
	assert.Equal(t, mechanism.Ratio{Num: 1, Den: 10}, tenth)
	scale, err := tenth.Over(2)
	require.NoError(t, err)
	assert.Equal(t, mechanism.Ratio{Num: 20, Den: 1}, scale)
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1), 1e-9, 1e9, math.Pi} {
		_, err := mechanism.RatioOf(bad)
		assert.Error(t, err, bad)
	}
	_, err = mechanism.Ratio{Den: 1}.Over(1)
	assert.Error(t, err)
	_, err = tenth.Over(math.MaxUint64)
	assert.Error(t, err)
}

func BenchmarkLaplace(b *testing.B) {
	for _, v := range laplaceVectors {
		b.Run(v.scale.String(), func(b *testing.B) {
			random := seeded(b, "benchmark")
			for b.Loop() {
				mechanism.Laplace(random, v.scale)
			}
		})
	}
	b.Run("sticky", func(b *testing.B) {
		for b.Loop() {
			mechanism.Laplace(mechanism.Secret{}.Draw("noise", "id", "metric"), laplaceVectors[2].scale)
		}
	})
}
