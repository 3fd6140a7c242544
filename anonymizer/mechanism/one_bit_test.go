// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism_test

import (
	"math"
	mathrand "math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

var quarter = mechanism.Ratio{Num: 1, Den: 4}

// probability of a 1 for each rounded number, by counting the uniform draws below which it is 1.
func probability(o mechanism.OneBit, rounded int64) mechanism.Ratio {
	n := o.Zero.Den * uint64(o.Max)
	ones := uint64(0)
	for u := range n {
		if o.Answer(exactly(u, n), rounded) {
			ones++
		}
	}
	return mechanism.Ratio{Num: ones, Den: n}
}

func TestClaim3OneBitIsExact(t *testing.T) {
	o := mechanism.OneBit{Max: 50, Step: 50, Zero: quarter}
	low, high := probability(o, 0), probability(o, 50)
	assert.Equal(t, 3*low.Num, high.Num, "p(1|m)/p(1|0) = 3")
	assert.InDelta(t, math.Log(3), o.Epsilon(), 1e-12)
	assert.InDelta(t, 2*math.Log(3), o.EpsilonForever(), 1e-12)
	for x := range int64(51) {
		p := probability(o, x)
		assert.EqualValues(t, 50+2*x, p.Num, "1/4 + x/2m, of 200")
		ratio := max(p.Float()/low.Float(), high.Float()/p.Float(), (1-low.Float())/(1-p.Float()), (1-p.Float())/(1-high.Float()))
		assert.LessOrEqual(t, ratio, 3+1e-12)
	}
	claim(t, 3, "one bit, p₀ = ¼", "3 times as likely at m as at 0, by counting all 200 draws for 51 numbers")
}

func TestClaim3AlphaRoundingIsUnbiased(t *testing.T) {
	for _, step := range []int64{1, 2, 5, 10, 25, 50} {
		o := mechanism.OneBit{Max: 50, Step: step}
		for x := range int64(51) {
			sum := int64(0)
			for offset := range step {
				rounded := o.AlphaRound(x, offset)
				require.Zero(t, rounded%step)
				require.LessOrEqual(t, rounded, o.Max)
				sum += rounded
			}
			require.Equal(t, x*step, sum)
		}
	}
	o := mechanism.OneBit{Max: 50, Step: 10}
	assert.Zero(t, o.AlphaRound(-5, 9))
	assert.EqualValues(t, 50, o.AlphaRound(1000, 9))
	claim(t, 3, "α-point rounding: the mean over all offsets is the number", "exact, 6 steps, 51 numbers")
}

// The whole of two histories whose rounded values change at the same times, w of them each: the
// likelihood ratio of every possible list of memoized bits stays within w·ε.
func TestClaim3OneBitForever(t *testing.T) {
	o := mechanism.OneBit{Max: 50, Step: 50, Zero: quarter}
	worst := 0.0
	for bits := range 4 { // the answers memoized for the two rounded values
		likelihood := func(first, second int64) float64 {
			p := 1.0
			for i, y := range []int64{first, second} {
				q := probability(o, y).Float()
				if bits>>i&1 == 0 {
					q = 1 - q
				}
				p *= q
			}
			return p
		}
		worst = max(worst, math.Log(likelihood(50, 0)/likelihood(0, 50)))
	}
	assert.LessOrEqual(t, worst, o.EpsilonForever()+1e-12)
	assert.InDelta(t, 2*math.Log(3), worst, 1e-12, "reached")
	claim(t, 3, "one bit, two histories whose rounded values change at the same times", "worst log-ratio %.4f, stated 2ε = %.4f", worst, o.EpsilonForever())
}

var estimators = []struct {
	flip      mechanism.Ratio
	deviation float64
}{{mechanism.Ratio{Den: 1}, 14.3}, {mechanism.Ratio{Num: 1, Den: 5}, 24.9}}

func TestClaim5EstimatorIsUnbiased(t *testing.T) {
	const m, n = 1000, 5000
	runs := times(400, 4000)
	for _, c := range estimators {
		o := mechanism.OneBit{Max: m, Step: m, Zero: mechanism.Ratio{Num: 268_941, Den: 1_000_000}, Flip: c.flip} // ε = 1
		require.InDelta(t, 1, o.Epsilon(), 1e-5)
		random := seeded(t, "estimator/"+c.flip.String())
		fleet, mean := make([]int64, n), 0.0
		shape := mathrand.New(random)
		for i := range fleet {
			fleet[i] = int64(math.Min(shape.ExpFloat64()*150, m))
			mean += float64(fleet[i]) / n
		}
		sum, squares, stated := 0.0, 0.0, 0.0
		for range runs {
			ones := 0
			for _, x := range fleet {
				y := o.AlphaRound(x, mechanism.StickyOffset(random, o.Step))
				if o.Perturb(random, o.Answer(random, y)) {
					ones++
				}
			}
			e := o.EstimateMean(ones, n)
			sum += e.Value
			squares += (e.Value - mean) * (e.Value - mean)
			stated += e.Error
		}
		bias, deviation := sum/float64(runs)-mean, math.Sqrt(squares/float64(runs))
		assert.Less(t, math.Abs(bias), 4*deviation/math.Sqrt(float64(runs)), "bias")
		assert.InEpsilon(t, c.deviation, deviation, .12)
		assert.InEpsilon(t, deviation, stated/float64(runs), .12, "the stated error is the real one")
		claim(t, 5, "one bit, m = 1000, n = 5000, ε = 1, γ = "+c.flip.String(), "bias %.2f, standard deviation %.1f over %d runs", bias, deviation, runs)
	}
}

// fleets are five shapes of numbers in [0, 1000].
func fleets(n int) map[string][]int64 {
	random := mathrand.New(mathrand.NewPCG(1, 2))
	all := map[string][]int64{}
	for name, draw := range map[string]func(i int) float64{
		"all zero":    func(int) float64 { return 0 },
		"all alike":   func(int) float64 { return 300 },
		"uniform":     func(int) float64 { return random.Float64() * 1000 },
		"exponential": func(int) float64 { return random.ExpFloat64() * 150 },
		"few huge":    func(i int) float64 { return float64(i % 20 / 19 * 1000) },
	} {
		for i := range n {
			all[name] = append(all[name], int64(min(draw(i), 1000)))
		}
	}
	return all
}

// Exactly: the sum of n different bits by convolution, then all counts whose interval covers the mean.
func TestClaim5IntervalsCover(t *testing.T) {
	const n = 1000
	for name, fleet := range fleets(n) {
		for _, flip := range []mechanism.Ratio{{Den: 1}, {Num: 1, Den: 10}} {
			o := mechanism.OneBit{Max: 1000, Step: 1000, Zero: quarter, Flip: flip}
			mean := 0.0
			counts := []float64{1}
			for _, x := range fleet {
				mean += float64(x) / n
				p := .25 + float64(x)/2000
				counts = convolved(counts, p*(1-flip.Float())+(1-p)*flip.Float())
			}
			covered := 0.0
			for ones, p := range counts {
				if e := o.EstimateMean(ones, n); e.Low <= mean && mean <= e.High {
					covered += p
				}
			}
			assert.GreaterOrEqual(t, covered, .95, name)
			claim(t, 5, "exact 95 % interval of the mean, "+name+", γ = "+flip.String(), "covers %.1f %% of n = 1000, exact sum", 100*covered)
		}
	}
}

// convolved is the distribution of a sum of bits with one more bit, 1 with probability p.
func convolved(counts []float64, p float64) []float64 {
	next := make([]float64, len(counts)+1)
	for k, c := range counts {
		next[k] += c * (1 - p)
		next[k+1] += c * p
	}
	return next
}

// An observer who averages 520 weekly reports of one number learns nothing more
// without flips, and with them no more than the memoized bit.
func TestClaim6AveragingLearnsNoMoreThanTheBit(t *testing.T) {
	const weeks = 520
	random := seeded(t, "averaging")
	secret := mechanism.Secret{7}
	for _, flip := range []mechanism.Ratio{{Den: 1}, {Num: 1, Den: 10}} {
		o := mechanism.OneBit{Max: 1000, Step: 1000, Zero: quarter, Flip: flip}
		changed := 0
		memoized := func() bool {
			y := o.AlphaRound(370, mechanism.StickyOffset(secret.Draw("one_bit", "offset"), o.Step))
			return o.Answer(secret.Draw("one_bit", "answer", "370"), y)
		}
		for range weeks {
			if o.Perturb(random, memoized()) != memoized() {
				changed++
			}
		}
		g := flip.Float()
		assert.InDelta(t, weeks*g, changed, 4*math.Sqrt(weeks*g*(1-g)))
		claim(t, 6, "constant number, 520 reports, γ = "+flip.String(), "%d flips", changed)
	}
}

// The standard deviations and Hoeffding bounds at ε = 1, as fractions of m.
func TestOneBitUsefulness(t *testing.T) {
	f := (math.E + 1) / (math.E - 1)
	for n, want := range map[int][2]float64{100: {.108, .294}, 1000: {.034, .093}, 10_000: {.011, .029}, 300_000: {.0020, .0054}} {
		assert.InEpsilon(t, want[0], f/(2*math.Sqrt(float64(n))), .02)
		assert.InEpsilon(t, want[1], f*math.Sqrt(math.Log(40)/(2*float64(n))), .02)
	}
	o := mechanism.OneBit{Max: 1, Step: 1, Zero: quarter, Flip: mechanism.Ratio{Num: 1, Den: 10}}
	assert.InEpsilon(t, .125, o.EstimateMean(50, 100).Error, .01)
}
