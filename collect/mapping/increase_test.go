// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/trust"
)

// counter adds a cumulative counter.
func (r installation) counter(name string, total int64) installation {
	sum := r.metric(name).SetEmptySum()
	sum.SetIsMonotonic(true)
	sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	sum.DataPoints().AppendEmpty().SetIntValue(total)
	return r
}

func TestDefault(t *testing.T) {
	zero, half := 0.0, 0.5
	definitions := define(fields{"errors": {Metric: "e", Default: &zero}, "orders": {Metric: "o"}, "share": {Metric: "s", Default: &half}})
	stats, _ := statsOf(mapping.New(definitions), newInstallation().counter("o", 7).ResourceMetrics)
	require.Len(t, stats, 1)
	assert.Equal(t, collect.NewObject(
		collect.Member{Key: "errors", Value: collect.Int(0)}, collect.Member{Key: "orders", Value: collect.Int(7)},
		collect.Member{Key: "share", Value: collect.Double(0.5)}), stats[0].Value)

	stats, _ = statsOf(mapping.New(definitions), newInstallation().counter("o", 7).counter("e", 3).ResourceMetrics)
	require.Len(t, stats, 1)
	errors, _ := stats[0].Value.Get("errors")
	assert.Equal(t, collect.Int(3), errors)

	stats, missing := statsOf(mapping.New(definitions), newInstallation().counter("o", 7).attribute(trust.FailedReadings, []any{"e"}).ResourceMetrics)
	require.Empty(t, stats, "what could not be read is not zero")
	assert.Equal(t, []string{"metric e could not be read"}, missing[0].Missing)

	_, missing = statsOf(mapping.New(definitions), newInstallation().counter("e", 3).ResourceMetrics)
	assert.Equal(t, []string{"metric o is absent"}, missing[0].Missing)

	alone := mapping.New(define(fields{"errors": {Metric: "e", Default: &zero}}))
	stats, _ = statsOf(alone, newInstallation().counter("o", 7).ResourceMetrics)
	assert.Len(t, stats, 1, "the installation reports, and it had no errors")
	_, missing = statsOf(alone, newInstallation().ResourceMetrics)
	assert.True(t, missing[0].Absent, "it reports nothing")
}

// Of a counter that is suppressed while it is small, never and seldom are one: a default beside the nulls told them apart.
func TestTheDefaultOfASuppressedMetricIsNull(t *testing.T) {
	zero := 0.0
	mapped := mapping.New(define(fields{"errors": {Metric: "e", Default: &zero}, "orders": {Metric: "o"}}))
	suppresses := func(metric string) bool { return metric == "e" }
	small := newInstallation().counter("o", 7)
	small.metric("e").SetEmptySum().DataPoints().AppendEmpty().SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	for what, r := range map[string]installation{"never": newInstallation().counter("o", 7), "seldom": small} {
		for stat, missing := range mapped.Stats(r.ResourceMetrics, now, suppresses) {
			require.Nil(t, missing)
			errors, _ := stat.Value.Get("errors")
			assert.Equal(t, collect.Null(), errors, what)
		}
	}
}

// A delta is the number of a minute, and no number of a week.
func TestDeltasAreNotTakenForTotals(t *testing.T) {
	for name, set := range map[string]func(pmetric.Metric){
		"sum": func(m pmetric.Metric) {
			m.SetEmptySum().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
			m.Sum().DataPoints().AppendEmpty().SetIntValue(10)
		},
		"histogram": func(m pmetric.Metric) {
			m.SetEmptyHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
			m.Histogram().DataPoints().AppendEmpty().SetCount(10)
		},
		"exponential histogram": func(m pmetric.Metric) {
			m.SetEmptyExponentialHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
			m.ExponentialHistogram().DataPoints().AppendEmpty().SetCount(10)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newInstallation()
			set(r.metric("m"))
			for _, definitions := range []mapping.Definitions{nil, define(fields{"m": {Metric: "m"}}), define(fields{"m": {Metric: "m", Optional: true}})} {
				stats, missing := statsOf(mapping.New(definitions), r.ResourceMetrics)
				require.Empty(t, stats)
				require.Len(t, missing[0].Missing, 1)
				assert.Contains(t, missing[0].Missing[0], "has delta temporality")
				assert.Contains(t, missing[0].Missing[0], "installation processor")
			}
		})
	}
}

func TestOnlyCountersIncrease(t *testing.T) {
	m := mapping.New(define(fields{"m": {Metric: "m", Increase: true}}))
	_, missing := statsOf(m, newInstallation().gauge("m", 3).ResourceMetrics)
	assert.Contains(t, missing[0].Missing[0], "metric m is a gauge, which has no increase")
	both := newInstallation()
	both.metric("m").SetEmptySum().DataPoints().AppendEmpty().SetIntValue(3)
	_, missing = statsOf(m, both.ResourceMetrics)
	assert.Contains(t, missing[0].Missing[0], "goes up and down")
}

func TestIncrease(t *testing.T) {
	m := mapping.New(define(fields{"m": {Metric: "m", Increase: true}, "n": {Metric: "n"}}))
	groups := func(members ...collect.Member) collect.Value { return collect.Group(collect.NewObject(members...)) }
	one := func(key string, n int64) collect.Member { return collect.Member{Key: key, Value: collect.Int(n)} }
	null := collect.Member{Key: "free"}
	for name, c := range map[string]struct {
		before, now, want, carried collect.Value
		fell                       bool
	}{
		"first":              {collect.Null(), collect.Int(7), collect.Null(), collect.Int(7), false},
		"more":               {collect.Int(7), collect.Int(10), collect.Int(3), collect.Int(10), false},
		"nothing":            {collect.Int(7), collect.Int(7), collect.Int(0), collect.Int(7), false},
		"began anew":         {collect.Int(7), collect.Int(2), collect.Null(), collect.Int(2), true},
		"doubles":            {collect.Double(1.5), collect.Int(4), collect.Double(2.5), collect.Int(4), false},
		"too small to tell":  {collect.Int(7), collect.Null(), collect.Null(), collect.Int(7), false},
		"groups":             {groups(one("free", 1), one("pro", 5)), groups(one("pro", 7), one("team", 2)), groups(one("pro", 2), one("team", 2)), groups(one("free", 1), one("pro", 7), one("team", 2)), false},
		"a group anew":       {groups(one("pro", 5), one("team", 1)), groups(one("pro", 2), one("team", 2)), groups(collect.Member{Key: "pro"}, one("team", 1)), groups(one("pro", 2), one("team", 2)), true},
		"a suppressed group": {groups(null, one("pro", 5)), groups(one("free", 9), one("pro", 5)), groups(null, one("pro", 0)), groups(one("free", 9), one("pro", 5)), false},
		"histogram":          {groups(one("5", 1), one("+Inf", 5)), groups(one("5", 3), one("+Inf", 5)), groups(one("5", 2), one("+Inf", 0)), groups(one("5", 3), one("+Inf", 5)), false},
		"other bounds":       {groups(one("5", 1), one("+Inf", 5)), groups(one("9", 3), one("+Inf", 5)), collect.Null(), groups(one("9", 3), one("+Inf", 5)), false},
		"histogram anew":     {groups(one("5", 1), one("+Inf", 5)), groups(one("5", 3), one("+Inf", 2)), collect.Null(), groups(one("5", 3), one("+Inf", 2)), true},
	} {
		t.Run(name, func(t *testing.T) {
			s := stat(collect.NewObject(collect.Member{Key: "m", Value: c.now}, one("n", 70)))
			since := collect.Object{{Key: "m", Value: c.before}}
			until := mapping.Carry(since, m.Totals(&s))
			assert.Equal(t, collect.Object{{Key: "m", Value: c.carried}}, until)
			fallen := m.SetIncrease(&s, since, until)
			got, _ := s.Value.Get("m")
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.fell, fallen != nil)
			other, _ := s.Value.Get("n")
			assert.Equal(t, collect.Int(70), other)
		})
	}
}

// A key that an optional metric leaves out once goes on from where it was told to, so that the reports add up.
func TestAnIncreaseThatWasLeftOutGoesOn(t *testing.T) {
	m := mapping.New(define(fields{"m": {Metric: "m", Increase: true, Optional: true}, "o": {Metric: "o", Increase: true}}))
	one := func(key string, n int64) collect.Member { return collect.Member{Key: key, Value: collect.Int(n)} }
	without := stat(collect.NewObject(one("o", 3)))
	until := mapping.Carry(collect.NewObject(one("m", 5), one("o", 1)), m.Totals(&without))
	assert.Equal(t, collect.NewObject(one("m", 5), one("o", 3)), until)
	with := stat(collect.NewObject(one("m", 9), one("o", 4)))
	assert.Empty(t, m.SetIncrease(&with, until, mapping.Carry(until, m.Totals(&with))))
	assert.Equal(t, collect.NewObject(one("m", 4), one("o", 1)), with.Value)
}
