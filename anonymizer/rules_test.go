// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"math"
	"testing"

	"github.com/headcount-otel/headcount/anonymizer/internal/prove"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/trust"
)

func TestNumberRules(t *testing.T) {
	for _, c := range []struct {
		rule string
		in   any
		want any // nil: no value
	}{
		{"{clamp: {min: 5, max: 10}, keep: true}", 3, 5},
		{"{clamp: {min: 5, max: 10}, keep: true}", 7, 7},
		{"{clamp: {min: 5, max: 10}, keep: true}", 11, 10},
		{"{clamp: {max: 10}, keep: true}", 10.5, 10.0},
		{"{clamp: {min: 10}, keep: true}", 9.5, 10.0},
		{"{suppress_below: 6, keep: true}", 5, nil},
		{"{suppress_below: 6, keep: true}", 6, 6},
		{"{suppress_below: 6, keep: true}", 0, nil},
		{"{suppress_below: 6, keep: true}", 5.9, nil},
		{"{suppress_below: 6, round: {to: 100}}", 40, 0},
		{"{suppress_below: 6, bucket: {bounds: [1, 6, 21], hysteresis: 0}}", 20, 6},
		{"{suppress_below: 6, bucket: {bounds: [1, 6, 21], hysteresis: 0}}", 3, nil},
		{"{clamp: {min: 6}, suppress_below: 6, keep: true}", 1, 6},
		{"{bucket: {hysteresis: 0}}", 20.9, 6.0},
		{"{bucket: {hysteresis: 0}}", 21.0, 21.0},
		{"{bucket: {hysteresis: 0}}", -3, 0},
		{"{bucket: {hysteresis: 0}}", 1_000_000, 2001},
		{"{round: {to: 5, mode: up}}", 11, 15},
		{"{round: {to: 5, mode: down}}", 14, 10},
		{"{round: {to: 100}}", math.MaxInt64, math.MaxInt64 / 100 * 100},
		{"{round: {to: 100}}", math.MinInt64, math.MinInt64 / 100 * 100},
	} {
		got := onlyMetric(t, anonymized(t, configured(t, "{metrics: {a: "+c.rule+"}}"), gaugeOf("a", c.in))).Gauge().DataPoints().At(0)
		switch want := c.want.(type) {
		case nil:
			assert.True(t, got.Flags().NoRecordedValue(), "%s of %v", c.rule, c.in)
			assert.Equal(t, pmetric.NumberDataPointValueTypeEmpty, got.ValueType())
		case int:
			assert.EqualValues(t, want, got.IntValue(), "%s of %v", c.rule, c.in)
		case float64:
			assert.Equal(t, want, got.DoubleValue(), "%s of %v", c.rule, c.in)
		}
	}
}

func TestSuppressedGroupLeavesNoName(t *testing.T) {
	cfg := configured(t, "{metrics: {a: {suppress_below: 6, keep: true}}, attributes: {plan: {keep: true, open: true}}}")
	const delta = pmetric.AggregationTemporalityDelta
	got := anonymized(t, cfg, sumOf(delta, reading{"free", "ann", 0, 5}, reading{"pro", "ann", 0, 6}, reading{"gone", "ann", 0, nil}))
	assert.Equal(t, map[string]any{"pro": 6}, left(t, got))

	got = anonymized(t, cfg, sumOf(delta, reading{"free", "ann", 0, 5}))
	assert.Empty(t, left(t, got))
	assert.Equal(t, "a", onlyMetric(t, got).Name(), "that it was read may be told")
}

func TestHistogramCountsAreSuppressedOneByOne(t *testing.T) {
	cfg := configured(t, "{metrics: {a: {suppress_below: 6, keep: true}}}")
	histogram := func(counts ...uint64) pmetric.HistogramDataPoint {
		md := pmetric.NewMetrics()
		m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
		m.SetName("a")
		p := m.SetEmptyHistogram().DataPoints().AppendEmpty()
		p.ExplicitBounds().FromRaw([]float64{1, 2})
		p.BucketCounts().FromRaw(counts)
		return onlyMetric(t, anonymized(t, cfg, md)).Histogram().DataPoints().At(0)
	}
	p := histogram(5, 6, 0)
	assert.Equal(t, []uint64{0, 6, 0}, p.BucketCounts().AsRaw())
	assert.EqualValues(t, 6, p.Count())
	p = histogram(5, 4, 0)
	assert.True(t, p.Flags().NoRecordedValue())
	assert.Zero(t, p.BucketCounts().Len())
}

func TestBucketLabels(t *testing.T) {
	md := gaugeOf("a", 7, 30, 9)
	cfg := configured(t, "{metrics: {a: {bucket: {hysteresis: 0, emit: label}, merge: sum}}}")
	got := onlyMetric(t, anonymized(t, cfg, md)).Gauge().DataPoints()
	require.Equal(t, 1, got.Len(), "one series: the newest")
	md = gaugeOf("a", 7)
	got = onlyMetric(t, anonymized(t, cfg, md)).Gauge().DataPoints()
	assert.EqualValues(t, 1, got.At(0).IntValue())
	assert.Equal(t, map[string]any{"bucket": "6-20"}, got.At(0).Attributes().AsRaw())
}

// Rules that do not fit what arrives.
func TestUnfitPointsAreDropped(t *testing.T) {
	for _, rule := range []string{"{noise: {scale: 2}}", "{one_bit: {max: 10}}", "{randomized_response: {}}"} {
		p, s := started(t, configured(t, "{storage: s, metrics: {a: "+rule+"}}"), disk{})
		require.NoError(t, p.ConsumeMetrics(t.Context(), sumOf(pmetric.AggregationTemporalityDelta, reading{"free", "ann", 0, 1})))
		assert.Nil(t, s.ctx, "%s of a delta", rule)
	}
	for _, rule := range []string{"{bucket: {hysteresis: 0, emit: label}}", "{one_bit: {max: 10}}", "{randomized_response: {}}"} {
		p, s := started(t, configured(t, "{storage: s, metrics: {hist: "+rule+"}}"), disk{})
		require.NoError(t, p.ConsumeMetrics(t.Context(), stickyBatch("id 1")))
		assert.Nil(t, s.ctx, "%s of a histogram", rule)
	}
	p, s := started(t, configured(t, "{storage: s, metrics: {a: {randomized_response: {}}}}"), disk{})
	require.NoError(t, p.ConsumeMetrics(t.Context(), gaugeOf("a", 2)))
	require.NoError(t, p.ConsumeMetrics(t.Context(), gaugeOf("a", .5)))
	assert.Nil(t, s.ctx, "neither yes nor no")
}

func TestRandomizedResponses(t *testing.T) {
	cfg := configured(t, `
storage: s
metrics: {a: {randomized_response: {}}}
resource:
  debug: {randomized_response: {}}
  db: {randomized_response: {values: [sqlite, mysql]}}
  odd: {randomized_response: {}}
  absent: {randomized_response: {}}
`)
	debug, db, numbers := map[bool]int{}, map[string]int{}, map[int64]int{}
	p, s := started(t, cfg, disk{}, func(a *anonymizer) { a.memory.random = prove.Seeded(t, "responses") })
	for i := range 400 {
		md := gaugeOf("a", 1)
		in := md.ResourceMetrics().At(0).Resource().Attributes()
		in.PutStr(instanceID, fmt.Sprint(i)) // each its own permanent bit
		in.PutBool("debug", true)
		in.PutStr("db", "mysql")
		in.PutStr("odd", "no boolean")
		in.PutEmpty("absent")
		require.NoError(t, p.ConsumeMetrics(t.Context(), md))
		out := s.last.ResourceMetrics().At(0).Resource().Attributes()
		b, _ := out.Get("debug")
		d, _ := out.Get("db")
		debug[b.Bool()]++
		db[d.Str()]++
		numbers[onlyMetric(t, s.last).Gauge().DataPoints().At(0).IntValue()]++
		_, odd := out.Get("odd")
		assert.False(t, odd)
		absent, _ := out.Get("absent")
		assert.Equal(t, "", absent.AsString())
	}
	// q* = 0.6875 and p* = 0.5625; five standard deviations of 400.
	assert.InDelta(t, 275, debug[true], 47)
	assert.InDelta(t, 275, numbers[1], 47)
	assert.InDelta(t, 275, db["mysql"]+db["sqlite,mysql"], 47)
	assert.InDelta(t, 225, db["sqlite"]+db["sqlite,mysql"], 50)
	assert.Positive(t, db[""])
}

// Whatever attributes the rows had, and whether they leave: small groups and no rows are the same bytes.
func TestSmallGroupsAndNoRowsAreTheSameBytes(t *testing.T) {
	cfg := configured(t, `{metrics: {a: {suppress_below: 6, round: {to: 5}, merge: sum}}, attributes: {plan: {allow: [free]}}}`)
	leaves := func(readings ...reading) []byte {
		p, s := started(t, cfg, disk{}, at(noon.AsTime()))
		require.NoError(t, p.ConsumeMetrics(t.Context(), grouped("a", readings...)))
		mark, _ := trust.MarkOf(s.ctx)
		assert.True(t, mark.Hides(0)("a"))
		return bytesOf(t, s.last)
	}
	none := leaves()
	for name, small := range map[string][]reading{
		"a listed group":        {{"free", "ann", 0, 5}},
		"a group without name":  {{"gold", "ann", 0, 1}},
		"both":                  {{"free", "ann", 0, 2}, {"gold", "ann", 0, 1}},
		"two that become one":   {{"gold", "ann", 0, 2}, {"pro", "bob", 0, 3}},
		"one without a number":  {{"gold", "ann", 0, nil}},
		"of none, as it counts": {{"gold", "ann", 0, 0}},
	} {
		assert.Equal(t, none, leaves(small...), name)
	}
	assert.Equal(t, leaves(reading{"free", "ann", 0, 10}), leaves(reading{"free", "ann", 0, 10}, reading{"gold", "bob", 0, 3}), "beside a great one")
}
