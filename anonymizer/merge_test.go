// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"pgregory.net/rapid"
)

// reading is one point of a test: its series, its age and its number.
type reading struct {
	plan, user string
	minute     int
	number     any
}

func sumOf(temporality pmetric.AggregationTemporality, readings ...reading) pmetric.Metrics {
	md := pmetric.NewMetrics()
	m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("a")
	m.SetEmptySum().SetAggregationTemporality(temporality)
	fill(m.Sum().DataPoints(), readings)
	return md
}

func fill(all pmetric.NumberDataPointSlice, readings []reading) {
	for _, r := range readings {
		p := all.AppendEmpty()
		p.Attributes().PutStr("user", r.user)
		p.Attributes().PutStr("plan", r.plan)
		p.SetTimestamp(noon + pcommon.Timestamp(r.minute)*60e9)
		switch n := r.number.(type) {
		case int:
			p.SetIntValue(int64(n))
		case float64:
			p.SetDoubleValue(n)
		case nil:
			p.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
		}
	}
}

// left lists what leaves of the one number metric, by plan.
func left(t *testing.T, md pmetric.Metrics) map[string]any {
	found := map[string]any{}
	if md.ResourceMetrics().Len() == 0 {
		return found
	}
	m := onlyMetric(t, md)
	var all pmetric.NumberDataPointSlice
	if m.Type() == pmetric.MetricTypeGauge {
		all = m.Gauge().DataPoints()
	} else {
		all = m.Sum().DataPoints()
	}
	for _, p := range all.All() {
		plan, _ := p.Attributes().Get("plan")
		var number any
		switch p.ValueType() {
		case pmetric.NumberDataPointValueTypeInt:
			number = int(p.IntValue())
		case pmetric.NumberDataPointValueTypeDouble:
			number = p.DoubleValue()
		}
		if _, twice := found[plan.Str()]; twice {
			t.Errorf("two points of plan %q", plan.Str())
		}
		found[plan.Str()] = number
	}
	return found
}

func TestSumsAddBeforeTheyAreRounded(t *testing.T) {
	cfg := configured(t, "{metrics: {a: {round: {to: 10}}}, attributes: {plan: {allow: [free, pro], other: other}}}")
	const cumulative, delta = pmetric.AggregationTemporalityCumulative, pmetric.AggregationTemporalityDelta
	for name, c := range map[string]struct {
		temporality pmetric.AggregationTemporality
		in          []reading
		want        map[string]any
	}{
		"two users of a plan": {
			cumulative,
			[]reading{{"free", "ann", 0, 4}, {"pro", "bob", 0, 21}, {"free", "cid", 0, 4}},
			map[string]any{"free": 10, "pro": 20},
		},
		"plans that become other": {
			cumulative,
			[]reading{{"gold", "ann", 0, 4}, {"silver", "ann", 0, 4}},
			map[string]any{"other": 10},
		},
		"the newest of a cumulative series": {
			cumulative,
			[]reading{{"free", "ann", 1, 40}, {"free", "ann", 0, 30}, {"free", "bob", 0, 5}, {"free", "ann", 2, 50}},
			map[string]any{"free": 60}, // 50 + 5, to even
		},
		"a reset": {
			cumulative,
			[]reading{{"free", "ann", 0, 400}, {"free", "ann", 1, 20}},
			map[string]any{"free": 20},
		},
		"deltas of one series add": {
			delta,
			[]reading{{"free", "ann", 0, 4}, {"free", "ann", 1, 4}},
			map[string]any{"free": 10},
		},
		"an integer and a double": {
			delta,
			[]reading{{"free", "ann", 0, 4}, {"free", "bob", 0, 4.5}},
			map[string]any{"free": 10.0},
		},
		"a series without a value": {
			delta,
			[]reading{{"free", "ann", 0, nil}, {"free", "bob", 0, 14}, {"free", "cid", 0, nil}},
			map[string]any{"free": 10},
		},
		"no series with a value": {
			delta,
			[]reading{{"free", "ann", 0, nil}, {"free", "bob", 0, nil}},
			map[string]any{"free": nil},
		},
		"beyond int64": {
			delta,
			[]reading{{"free", "ann", 0, math.MaxInt64}, {"free", "bob", 0, math.MaxInt64}},
			map[string]any{"free": math.MaxInt64 / 10 * 10},
		},
		"beyond double": {
			delta,
			[]reading{{"free", "ann", 0, math.MaxFloat64}, {"free", "bob", 0, math.MaxFloat64}, {"pro", "ann", 0, 1}},
			map[string]any{"pro": 0},
		},
		"not a number": {
			delta,
			[]reading{{"free", "ann", 0, math.NaN()}, {"free", "bob", 0, 14}},
			map[string]any{"free": 10},
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, left(t, anonymized(t, cfg, sumOf(c.temporality, c.in...))))
		})
	}
}

func TestGaugesMergeAsTheirRuleSays(t *testing.T) {
	in := []reading{{"free", "ann", 1, 20}, {"free", "bob", 2, 11}, {"pro", "ann", 0, 7}, {"free", "cid", 0, 33}}
	for how, want := range map[string]map[string]any{
		"sum":  {"free": 64, "pro": 7},
		"max":  {"free": 33, "pro": 7},
		"last": {"free": 11, "pro": 7},
		`""`:   {"pro": 7},
	} {
		t.Run(how, func(t *testing.T) {
			cfg := configured(t, fmt.Sprintf("{metrics: {a: {keep: true, merge: %s}}, attributes: {plan: {keep: true, open: true}}}", how))
			md := gaugeOf("a")
			fill(md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints(), in)
			assert.Equal(t, want, left(t, anonymized(t, cfg, md)))
		})
	}
}

func TestOneNameInTwoScopesIsOneMetric(t *testing.T) {
	md := sumOf(pmetric.AggregationTemporalityDelta, reading{"free", "ann", 0, 4})
	other := sumOf(pmetric.AggregationTemporalityDelta, reading{"free", "bob", 0, 4}, reading{"pro", "bob", 0, 40})
	other.ResourceMetrics().At(0).ScopeMetrics().MoveAndAppendTo(md.ResourceMetrics().At(0).ScopeMetrics())
	cfg := configured(t, "{metrics: {a: {round: {to: 10}}}, attributes: {plan: {keep: true, open: true}}}")
	assert.Equal(t, map[string]any{"free": 10, "pro": 40}, left(t, anonymized(t, cfg, md)))
}

// What is remembered of one resource's names, to be quicker with the next one's, changes nothing.
func TestEachResourceIsTreatedAsIfAlone(t *testing.T) {
	cfg := configured(t, "{metrics: {m.*: {round: {to: 10}, merge: sum}, m.1: {round: {to: 100}, merge: sum}, m.2: {drop: true}}}")
	p, s := started(t, cfg, disk{})
	applyAll := func(md pmetric.Metrics) []byte {
		s.last = pmetric.NewMetrics() // nothing is handed on where nothing passes
		require.NoError(t, p.ConsumeMetrics(t.Context(), md))
		return bytesOf(t, s.last)
	}
	check := func(t require.TestingT, resources [][]string) {
		together, alone := pmetric.NewMetrics(), []byte{}
		for _, names := range resources {
			one := pmetric.NewMetrics()
			rm := one.ResourceMetrics().AppendEmpty()
			for _, name := range names {
				addGauge(rm, name, 14)
			}
			rm.CopyTo(together.ResourceMetrics().AppendEmpty())
			alone = append(alone, applyAll(one)...) // protobuf messages side by side are one
		}
		require.Equal(t, alone, applyAll(together))
	}
	check(t, [][]string{{"m.1", "m.0"}, {"m.0"}, {"m.0", "m.0"}}) // the third finds the first's name behind the second's
	check(t, [][]string{{"m.0", "m.1"}, {"m.1", "m.1"}})
	rapid.Check(t, func(t *rapid.T) {
		kinds := rapid.SampledFrom([]int{2, 30}).Draw(t, "kinds")
		name := rapid.Map(rapid.IntRange(0, kinds), func(i int) string { return []string{"m.", "unnamed."}[i/kinds] + strconv.Itoa(i) })
		check(t, rapid.SliceOfN(rapid.SliceOfN(name, 1, kinds+1), 2, 8).Draw(t, "resources"))
	})
}

func TestHistogramsAddWhereTheirBucketsAgree(t *testing.T) {
	cfg := configured(t, "{metrics: {a: {round: {to: 10}}}}")
	build := func(bounds ...[]float64) pmetric.Metrics {
		md := pmetric.NewMetrics()
		m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
		m.SetName("a")
		m.SetEmptyHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
		for i, b := range bounds {
			p := m.Histogram().DataPoints().AppendEmpty()
			p.Attributes().PutInt("user", int64(i))
			p.ExplicitBounds().FromRaw(b)
			p.BucketCounts().FromRaw([]uint64{4, 14})
		}
		return md
	}
	got := onlyMetric(t, anonymized(t, cfg, build([]float64{1}, []float64{1}, []float64{1}))).Histogram().DataPoints()
	assert.Equal(t, 1, got.Len())
	assert.Equal(t, []uint64{10, 40}, got.At(0).BucketCounts().AsRaw())

	assert.Zero(t, anonymized(t, cfg, build([]float64{1}, []float64{1}, []float64{2})).ResourceMetrics().Len(),
		"a sum over some of them would be wrong")
}

func TestExponentialHistogramsAddAtTheCoarserScale(t *testing.T) {
	md := pmetric.NewMetrics()
	m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("a")
	m.SetEmptyExponentialHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
	for user, c := range []struct {
		scale, offset int32
		counts        []uint64
	}{{1, -2, []uint64{10, 20, 30, 40}}, {0, 0, []uint64{100, 200}}} {
		p := m.ExponentialHistogram().DataPoints().AppendEmpty()
		p.Attributes().PutInt("user", int64(user))
		p.SetScale(c.scale)
		p.SetZeroCount(5)
		p.Positive().SetOffset(c.offset)
		p.Positive().BucketCounts().FromRaw(c.counts)
	}
	got := onlyMetric(t, anonymized(t, configured(t, "{metrics: {a: {round: {to: 10}}}}"), md)).ExponentialHistogram().DataPoints()
	assert.Equal(t, 1, got.Len())
	assert.Zero(t, got.At(0).Scale())
	assert.EqualValues(t, 10, got.At(0).ZeroCount())
	assert.EqualValues(t, -1, got.At(0).Positive().Offset())
	assert.Equal(t, []uint64{30, 170, 200}, got.At(0).Positive().BucketCounts().AsRaw())
	assert.EqualValues(t, 410, got.At(0).Count())
}

// total reads one of the component's own counters, by kind and reason.
func total(m metricdata.Metrics) map[string]int64 {
	found := map[string]int64{}
	for _, p := range m.Data.(metricdata.Sum[int64]).DataPoints {
		kind, _ := p.Attributes.Value("kind")
		reason, _ := p.Attributes.Value("reason")
		name := kind.AsString()
		if name != "" {
			name += " " + reason.AsString()
		}
		found[name] += p.Value
	}
	return found
}
