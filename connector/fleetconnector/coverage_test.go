// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// most is the greatest number that an installation of the tests has.
const most = 1000

// shape is a fleet of n installations with numbers in [0, most].
type shape struct {
	name    string
	numbers []int64
}

// shapes are five ways in which numbers lie in fleets.
func shapes(n int) (all []shape) {
	random := rand.New(rand.NewPCG(6, 6))
	for _, s := range []struct {
		name string
		draw func(i int) float64
	}{
		{"constant", func(int) float64 { return 300 }},
		{"uniform", func(int) float64 { return random.Float64() * most }},
		{"exponential", func(int) float64 { return random.ExpFloat64() * 150 }},
		{"bimodal", func(i int) float64 { return []float64{20, 900}[i%2] }},
		{"one giant", func(i int) float64 { return float64(i / (n - 1) * most) }},
	} {
		fleet := shape{s.name, make([]int64, n)}
		for i := range fleet.numbers {
			fleet.numbers[i] = int64(min(s.draw(i), most))
		}
		all = append(all, fleet)
	}
	return all
}

// told is what is emitted of so many ones among n bits: an estimate and the ends of
// its interval; false where nothing is told.
func told(way aggregator, name string, ones, n int) (mechanism.Estimate, bool) {
	one, zero := answer{kind: aNumber, number: 1}, answer{kind: aNumber}
	metrics := pmetric.NewMetrics()
	to := &snapshot{metrics: metrics.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics(), min: 1}
	way.emit(aggregate{name: "x"}, slices.Values(append(slices.Repeat([]answer{one}, ones), slices.Repeat([]answer{zero}, n-ones)...)), to)
	return estimateIn(metrics, "fleet.x."+name)
}

func estimateIn(md pmetric.Metrics, name string) (e mechanism.Estimate, told bool) {
	for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		switch m.Name() {
		case name:
			told = true
			e.Value = m.Gauge().DataPoints().At(0).DoubleValue()
		case name + "_low":
			e.Low = m.Gauge().DataPoints().At(0).DoubleValue()
		case name + "_high":
			e.High = m.Gauge().DataPoints().At(0).DoubleValue()
		}
	}
	return e, told
}

// Exactly: the distribution of the number of ones that the fleet's own rule sends, by
// convolution; then the probability of all those for which the interval told covers the truth.
func TestStatedIntervalsCover(t *testing.T) {
	const n = 1000
	noFlip := 0.0
	for _, s := range shapes(n) {
		fleet, mean := s.numbers, meanOf(s.numbers)
		for name, bit := range map[string]*rule.OneBit{
			"one_bit":               {Max: most},
			"one_bit without flips": {Max: most, Flip: &noFlip},
			"one_bit in steps":      {Max: most, Step: 100, Zero: .1},
		} {
			way, _, err := Number{OneBit: bit}.aggregator()
			require.NoError(t, err)
			m, err := bit.Mechanism()
			require.NoError(t, err)
			covers(t, s.name+", "+name, way, "mean", mean, fleet, func(x int64) float64 { return bitProbability(m, x) })
		}

		response := &rule.RandomizedResponse{}
		way, _, err := Number{RandomizedResponse: response}.aggregator()
		require.NoError(t, err)
		m, err := response.Mechanism()
		require.NoError(t, err)
		p, q := m.Rates()
		large := func(x int64) bool { return x >= most/2 }
		share := 0.0
		for _, x := range fleet {
			if large(x) {
				share += 1 / float64(n)
			}
		}
		covers(t, s.name+", randomized_response", way, "share", share, fleet, func(x int64) float64 {
			if large(x) {
				return q
			}
			return p
		})
	}
}

// bitProbability is that of a 1 for x, before and after the flip, over all offsets and draws.
func bitProbability(m mechanism.OneBit, x int64) float64 {
	sum := 0.0
	for offset := range m.Step {
		rounded := float64(m.AlphaRound(x, offset)) / float64(m.Max)
		sum += m.Zero.Float() + rounded*(1-2*m.Zero.Float())
	}
	bit, flip := sum/float64(m.Step), m.Flip.Float()
	return bit*(1-flip) + (1-bit)*flip
}

func covers(t *testing.T, what string, way aggregator, name string, truth float64, fleet []int64, probability func(int64) float64) {
	known := map[int64]float64{}
	ones := []float64{1}
	for _, x := range fleet {
		if _, met := known[x]; !met {
			known[x] = probability(x)
		}
		ones = withBit(ones, known[x])
	}
	covered, silent := 0.0, 0.0
	for k, chance := range ones {
		if chance < 1e-12 {
			continue // all of these together are less than a thousandth of a millionth
		}
		switch e, told := told(way, name, k, len(fleet)); {
		case !told:
			silent += chance
		case e.Low <= truth+1e-9 && truth <= e.High+1e-9:
			covered += chance
			assert.Less(t, e.Low, e.High, what)
		}
	}
	covered /= 1 - silent // of what is told
	assert.GreaterOrEqual(t, covered, .95, what)
	t.Logf("%s: the 95 %% interval of n = %d covers with probability %.4f", what, len(fleet), covered)
}

// withBit is the distribution of a sum with one more bit in it, 1 with probability p.
func withBit(sum []float64, p float64) []float64 {
	next := make([]float64, len(sum)+1)
	for k, chance := range sum {
		next[k] += chance * (1 - p)
		next[k+1] += chance * p
	}
	return next
}

func meanOf(fleet []int64) float64 {
	sum := int64(0)
	for _, x := range fleet {
		sum += x
	}
	return float64(sum) / float64(len(fleet))
}
