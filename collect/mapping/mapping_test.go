// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/trust"
)

var (
	now  = time.Date(2026, 11, 23, 8, 0, 0, 123456789, time.UTC)
	then = pcommon.NewTimestampFromTime(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
)

// installation is a resource in the making.
type installation struct{ pmetric.ResourceMetrics }

func newInstallation() installation {
	r := installation{pmetric.NewMetrics().ResourceMetrics().AppendEmpty()}
	r.Resource().Attributes().PutStr(mapping.InstanceID, "a0")
	return r
}

func (r installation) metric(name string) pmetric.Metric {
	m := r.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName(name)
	return m
}

func (r installation) gauge(name string, numbers ...int64) installation {
	points := r.metric(name).SetEmptyGauge().DataPoints()
	for _, n := range numbers {
		p := points.AppendEmpty()
		p.SetIntValue(n)
		p.SetTimestamp(then)
	}
	return r
}

func (r installation) byPlan(name string, plans ...string) installation {
	points := r.metric(name).SetEmptyGauge().DataPoints()
	for i, plan := range plans {
		p := points.AppendEmpty()
		p.Attributes().PutStr("plan", plan)
		p.SetIntValue(int64(i))
		p.SetTimestamp(then + pcommon.Timestamp(i)*1e9)
	}
	return r
}

func (r installation) attribute(name string, value any) installation {
	if err := r.Resource().Attributes().PutEmpty(name).FromRaw(value); err != nil {
		panic(err)
	}
	return r
}

// TestNothingFound is about a document without any of a stat's fields: a report of it would say nothing.
func TestNothingFound(t *testing.T) {
	empty := newInstallation().attribute("r", nil)
	empty.metric("m").SetEmptyGauge().DataPoints().AppendEmpty().SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	stats, incomplete := statsOf(mapping.New(define(fields{"k": {Resource: "r"}, "m": {Metric: "m"}})), empty.ResourceMetrics)
	require.Empty(t, stats)
	require.Len(t, incomplete, 1)
	require.Equal(t, []string{"nothing was found for any of its fields"}, incomplete[0].Missing)
	require.False(t, incomplete[0].Absent)

	stats, _ = statsOf(mapping.New(define(fields{"m": {Metric: "m"}})), empty.ResourceMetrics)
	require.Len(t, stats, 1, "a number may be null because it is small")

	for hides, want := range map[bool]int{true: 1, false: 0} {
		for _, definition := range []fields{{"m": {Metric: "m"}}, {"k": {Resource: "r"}, "m": {Metric: "m"}}} {
			made := 0
			for stat := range mapping.New(define(definition)).Stats(empty.ResourceMetrics, now, func(metric string) bool { return hides && metric == "m" }) {
				if stat != nil {
					made++
				}
			}
			require.Equal(t, want, made, "hides: %v", hides)
		}
	}
}

// Of groups that are all too small to leave, and of none, the metric has no points.
func TestTotalOfSmallGroupsIsNull(t *testing.T) {
	groups := newInstallation().attribute("r", "x")
	groups.metric("m").SetEmptyGauge()
	m := mapping.New(define(fields{"k": {Resource: "r"}, "m": {Metric: "m"}}))
	for stat, incomplete := range m.Stats(groups.ResourceMetrics, now, func(string) bool { return true }) {
		require.Nil(t, incomplete)
		require.Equal(t, collect.KindNull, stat.Value[1].Value.Kind())
	}
	for stat := range m.Stats(groups.ResourceMetrics, now, func(string) bool { return false }) {
		require.Nil(t, stat, "what is not suppressed is missing")
	}
}

func define(fields fields) mapping.Definitions {
	return mapping.Definitions{"N": {Interval: time.Hour, Value: fields}}
}

func object(key string, value collect.Value) collect.Object {
	return collect.Object{{Key: key, Value: value}}
}

func stat(value collect.Object) collect.Stat {
	return collect.Stat{InstanceID: "a0", Time: time.Unix(1795392000, 0).UTC(), Name: "N", Value: value}
}

type fields = conf.Map[mapping.Origin]

// statsOf keeps what the mapping yields.
func statsOf(m *mapping.Mapping, resource pmetric.ResourceMetrics) (stats []collect.Stat, incomplete []mapping.Incomplete) {
	for stat, missing := range m.Stats(resource, now, nil) {
		if missing != nil {
			incomplete = append(incomplete, *missing)
			continue
		}
		kept := *stat
		kept.Value = slices.Clone(stat.Value)
		stats = append(stats, kept)
	}
	return stats, incomplete
}

func TestStats(t *testing.T) {
	sum := newInstallation()
	total := sum.metric("m").SetEmptySum()
	total.SetIsMonotonic(true)
	total.DataPoints().AppendEmpty().SetDoubleValue(45)
	suppressed := newInstallation()
	suppressed.metric("m").SetEmptyGauge().DataPoints().AppendEmpty().SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	suppressedGroup := newInstallation().byPlan("m", "free", "pro")
	suppressedGroup.gauge("m").metric("m").SetEmptyGauge().DataPoints().AppendEmpty().SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	valueless := newInstallation()
	valueless.metric("m").SetEmptyGauge().DataPoints().AppendEmpty()
	histogram := newInstallation()
	h := histogram.metric("m").SetEmptyHistogram().DataPoints().AppendEmpty()
	h.ExplicitBounds().FromRaw([]float64{0.5, 10})
	h.BucketCounts().FromRaw([]uint64{2, 0, 1})
	plain := newInstallation()
	plain.metric("m").SetEmptyHistogram().DataPoints().AppendEmpty().SetCount(7)
	pairs := newInstallation()
	ofPairs := pairs.metric("m").SetEmptyGauge().DataPoints()
	for i, country := range []string{"de", "fr"} {
		p := ofPairs.AppendEmpty()
		p.Attributes().PutStr("plan", "free")
		p.Attributes().PutStr("country", country)
		p.SetIntValue(int64(i + 1))
		p.SetTimestamp(then)
	}
	typed := newInstallation()
	typed.metric("m").SetEmptyGauge().DataPoints().AppendEmpty().Attributes().PutInt("plan", 7)

	for name, c := range map[string]struct {
		fields   fields
		resource installation
		want     collect.Object
	}{
		"gauge":              {fields{"k": {Metric: "m"}}, newInstallation().gauge("m", 3), object("k", collect.Int(3))},
		"sum":                {fields{"k": {Metric: "m"}}, sum, object("k", collect.Double(45))},
		"suppressed":         {fields{"k": {Metric: "m"}}, suppressed, object("k", collect.Null())},
		"point of no type":   {fields{"k": {Metric: "m"}}, valueless, object("k", collect.Null())},
		"groups":             {fields{"k": {Metric: "m", By: "plan"}}, newInstallation().byPlan("m", "pro", "free"), object("k", collect.Group(collect.Object{{Key: "free", Value: collect.Int(1)}, {Key: "pro", Value: collect.Int(0)}}))},
		"groups in scopes":   {fields{"k": {Metric: "m", By: "plan"}}, newInstallation().byPlan("m", "pro").byPlan("m", "free"), object("k", collect.Group(collect.Object{{Key: "free", Value: collect.Int(0)}, {Key: "pro", Value: collect.Int(0)}}))},
		"suppressed group":   {fields{"k": {Metric: "m", By: "plan"}}, suppressedGroup, object("k", collect.Group(collect.Object{{Key: "free", Value: collect.Int(0)}, {Key: "pro", Value: collect.Int(1)}}))},
		"group not a text":   {fields{"k": {Metric: "m", By: "plan"}}, typed, object("k", collect.Group(object("7", collect.Null())))},
		"pairs":              {fields{"k": {Metric: "m", By: "plan,country"}}, pairs, object("k", collect.Group(collect.Object{{Key: "free,de", Value: collect.Int(1)}, {Key: "free,fr", Value: collect.Int(2)}}))},
		"no groups":          {fields{"k": {Metric: "m", By: "plan"}}, newInstallation().byPlan("m"), object("k", collect.Group(collect.Object{}))},
		"histogram":          {fields{"k": {Metric: "m"}}, histogram, object("k", collect.Group(collect.Object{{Key: "+Inf", Value: collect.Int(1)}, {Key: "0.5", Value: collect.Int(2)}, {Key: "10", Value: collect.Int(0)}}))},
		"plain histogram":    {fields{"k": {Metric: "m"}}, plain, object("k", collect.Group(object("+Inf", collect.Int(7))))},
		"attributes":         {fields{"b": {Resource: "b"}, "d": {Resource: "d"}, "i": {Resource: "i"}, "s": {Resource: "s"}}, newInstallation().attribute("b", true).attribute("d", 45.0).attribute("i", int64(2)).attribute("s", "x"), collect.Object{{Key: "b", Value: collect.Bool(true)}, {Key: "d", Value: collect.Double(45)}, {Key: "i", Value: collect.Int(2)}, {Key: "s", Value: collect.Text("x")}}},
		"found nothing":      {fields{"k": {Resource: "r"}, "m": {Metric: "m"}}, newInstallation().attribute("r", nil).gauge("m", 1), collect.Object{{Key: "k", Value: collect.Null()}, {Key: "m", Value: collect.Int(1)}}},
		"absent attribute":   {fields{"k": {Resource: "r"}, "m": {Metric: "m"}}, newInstallation().gauge("m", 1), collect.Object{{Key: "k", Value: collect.Null()}, {Key: "m", Value: collect.Int(1)}}},
		"optional attribute": {fields{"k": {Resource: "r", Optional: true}, "m": {Metric: "m"}}, newInstallation().gauge("m", 1), object("m", collect.Int(1))},
		"optional metric":    {fields{"k": {Metric: "r", Optional: true}, "m": {Metric: "m"}}, newInstallation().gauge("m", 1), object("m", collect.Int(1))},
		"another failed":     {fields{"m": {Metric: "m"}, "k": {Resource: "r"}}, newInstallation().gauge("m", 1).attribute(trust.FailedReadings, []any{"s"}), collect.Object{{Key: "k", Value: collect.Null()}, {Key: "m", Value: collect.Int(1)}}},
	} {
		t.Run(name, func(t *testing.T) {
			stats, incomplete := statsOf(mapping.New(define(c.fields)), c.resource.ResourceMetrics)
			require.Empty(t, incomplete)
			require.Len(t, stats, 1)
			assert.Equal(t, "a0", stats[0].InstanceID)
			assert.Equal(t, "N", stats[0].Name)
			assert.Equal(t, c.want, stats[0].Value)
		})
	}
}

func TestIncomplete(t *testing.T) {
	nameless := newInstallation().gauge("m", 1)
	nameless.Resource().Attributes().Remove(mapping.InstanceID)
	infinite := newInstallation()
	infinite.metric("m").SetEmptyGauge().DataPoints().AppendEmpty().SetDoubleValue(math.Inf(1))
	odd := newInstallation()
	odd.metric("m").SetEmptyHistogram().DataPoints().AppendEmpty().BucketCounts().FromRaw([]uint64{1, 2})
	grouped := newInstallation()
	grouped.metric("m").SetEmptyHistogram().DataPoints().AppendEmpty().Attributes().PutStr("plan", "secret")
	summary := newInstallation()
	summary.metric("m").SetEmptySummary().DataPoints().AppendEmpty()
	exponential := newInstallation()
	exponential.metric("m").SetEmptyExponentialHistogram().DataPoints().AppendEmpty()

	for name, c := range map[string]struct {
		fields   fields
		resource installation
		absent   bool
		want     []string
	}{
		"absent":          {fields{"k": {Metric: "m"}, "l": {Metric: "n"}}, newInstallation().gauge("m", 1), false, []string{"metric n is absent"}},
		"nothing of it":   {fields{"k": {Metric: "m"}, "l": {Resource: "r"}}, newInstallation().gauge("n", 1).attribute("r", "x"), true, []string{"metric m is absent"}},
		"only others":     {fields{"k": {Resource: "r"}}, newInstallation().gauge("n", 1), true, nil},
		"all optional":    {fields{"k": {Metric: "m", Optional: true}}, newInstallation().attribute("r", "x"), true, nil},
		"no id":           {fields{"k": {Metric: "m"}}, nameless, false, []string{"resource attribute service.instance.id is absent"}},
		"empty":           {fields{"k": {Metric: "m"}}, newInstallation().gauge("m"), false, []string{"metric m is absent"}},
		"several points":  {fields{"k": {Metric: "m"}}, newInstallation().gauge("m", 1, 2), false, []string{"metric m has 2 points: write `by:` with the attribute that tells them apart"}},
		"not finite":      {fields{"k": {Metric: "m"}}, infinite, false, []string{"metric m is not finite"}},
		"failed":          {fields{"k": {Resource: "r"}, "l": {Metric: "m"}}, newInstallation().gauge("m", 1).attribute(trust.FailedReadings, []any{"r"}), false, []string{"resource attribute r could not be read"}},
		"failed, alone":   {fields{"k": {Metric: "m"}}, newInstallation().gauge("n", 1).attribute(trust.FailedReadings, []any{"m"}), false, []string{"metric m could not be read"}},
		"failed, beside":  {fields{"k": {Metric: "m"}, "l": {Metric: "n"}}, newInstallation().gauge("n", 1).attribute(trust.FailedReadings, []any{"m"}), false, []string{"metric m could not be read"}},
		"failed, and may": {fields{"k": {Metric: "m", Optional: true}, "l": {Metric: "n"}}, newInstallation().attribute(trust.FailedReadings, []any{"m"}), true, []string{"metric n is absent"}},
		"list":            {fields{"k": {Resource: "r"}}, newInstallation().attribute("r", []any{"secret"}), false, []string{"resource attribute r is of type Slice, which a stat cannot say"}},
		"infinite text":   {fields{"k": {Resource: "r"}}, newInstallation().attribute("r", math.NaN()), false, []string{"resource attribute r is not finite"}},
		"no group":        {fields{"k": {Metric: "m", By: "plan"}}, newInstallation().gauge("m", 1), false, []string{"metric m has a point without attribute plan"}},
		"group twice":     {fields{"k": {Metric: "m", By: "plan"}}, newInstallation().byPlan("m", "secret", "secret"), false, []string{"metric m has several points with one value of attribute plan"}},
		"odd histogram":   {fields{"k": {Metric: "m"}}, odd, false, []string{"metric m is a histogram whose bounds and counts do not fit together"}},
		"histograms":      {fields{"k": {Metric: "m", By: "plan"}}, grouped, false, []string{"metric m is a histogram by groups, which a stat cannot say"}},
		"nameless":        {fields{"k": {Metric: "m", Optional: true}, "l": {Resource: "r"}}, newInstallation().gauge("", 1).attribute("r", "x"), true, nil},
		"exponential": {fields{"k": {Metric: "m"}}, exponential, false, []string{"metric m is an exponential histogram, which a stat cannot say: let the application's SDK make one with bounds " +
			"(a view, or OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=explicit_bucket_histogram)"}},
		"summary": {fields{"k": {Metric: "m"}}, summary, false, []string{"metric m is of type Summary, which a stat cannot say"}},
	} {
		t.Run(name, func(t *testing.T) {
			stats, incomplete := statsOf(mapping.New(define(c.fields)), c.resource.ResourceMetrics)
			assert.Empty(t, stats)
			assert.Equal(t, []mapping.Incomplete{{Stat: "N", Missing: c.want, Absent: c.absent}}, incomplete)
		})
	}
}

// The room of one resource is used again for the next, while others are read.
func TestNothingOfOneResourceIsToldOfAnother(t *testing.T) {
	m := mapping.New(define(fields{"g": {Metric: "g", By: "plan", Optional: true}, "m": {Metric: "m"}, "r": {Resource: "r"}}))
	full := newInstallation().gauge("m", 1).byPlan("g", "free").byPlan("g", "pro").attribute("r", "x")
	failed := newInstallation().gauge("m", 2).attribute(trust.FailedReadings, []any{"r"})
	poor := newInstallation().gauge("m", 3)
	empty := newInstallation()
	empty.Resource().Attributes().Remove(mapping.InstanceID)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 100 {
				stats, incomplete := statsOf(m, full.ResourceMetrics)
				assert.Empty(t, incomplete)
				assert.Len(t, stats[0].Value, 3)
				stats, incomplete = statsOf(m, failed.ResourceMetrics)
				assert.Empty(t, stats)
				assert.Equal(t, []string{"resource attribute r could not be read"}, incomplete[0].Missing)
				stats, incomplete = statsOf(m, poor.ResourceMetrics)
				assert.Empty(t, incomplete)
				assert.Equal(t, collect.Object{{Key: "m", Value: collect.Int(3)}, {Key: "r", Value: collect.Null()}}, stats[0].Value)
				stats, incomplete = statsOf(m, empty.ResourceMetrics)
				assert.Empty(t, stats)
				assert.Equal(t, []string{"resource attribute service.instance.id is absent", "metric m is absent"}, incomplete[0].Missing)
			}
		})
	}
	all.Wait()
}

func TestTimeOfStat(t *testing.T) {
	m := mapping.New(define(fields{"k": {Metric: "m", By: "plan"}, "r": {Resource: "r"}}))
	stats, _ := statsOf(m, newInstallation().byPlan("m", "free", "pro").ResourceMetrics)
	assert.Equal(t, then.AsTime().Add(time.Second), stats[0].Time, "the newest point that it uses")
	stats, _ = statsOf(m, newInstallation().byPlan("m").ResourceMetrics)
	assert.Equal(t, now.Truncate(24*time.Hour), stats[0].Time, "no point: the moment is nobody's to know")
	stats, _ = statsOf(mapping.New(define(fields{"r": {Resource: "r"}})), newInstallation().gauge("n", 1).attribute("r", "x").ResourceMetrics)
	assert.Equal(t, then.AsTime(), stats[0].Time, "of attributes alone")
}

func TestUsage(t *testing.T) {
	r := newInstallation().gauge("b", 1).byPlan("a", "free").attribute("r", "x").attribute("b", "hidden by the metric").attribute(trust.FailedReadings, []any{"y"})
	m := r.metric("two").SetEmptyGauge().DataPoints().AppendEmpty()
	m.Attributes().PutStr("z", "last")
	m.Attributes().PutStr("a", "first")
	m.SetIntValue(4)
	stats, incomplete := statsOf(mapping.New(nil), r.ResourceMetrics)
	require.Empty(t, incomplete)
	assert.Equal(t, []collect.Stat{{InstanceID: "a0", Name: "USAGE", Time: then.AsTime(), Value: collect.Object{
		{Key: "a", Value: collect.Group(object("free", collect.Int(0)))},
		{Key: "b", Value: collect.Int(1)},
		{Key: "r", Value: collect.Text("x")},
		{Key: "two", Value: collect.Group(object("first,last", collect.Int(4)))},
	}}}, stats)

	_, incomplete = statsOf(mapping.New(nil), newInstallation().ResourceMetrics)
	assert.Equal(t, []mapping.Incomplete{{Stat: "USAGE", Absent: true}}, incomplete)
	_, incomplete = statsOf(mapping.New(nil), newInstallation().gauge("m", 1, 2).ResourceMetrics)
	assert.Equal(t, []string{"metric m has 2 points: write `by:` with the attribute that tells them apart"}, incomplete[0].Missing)
}

func TestMetricsDrops(t *testing.T) {
	m := mapping.New(define(fields{"k": {Metric: "m"}}))
	s := stat(collect.NewObject(
		collect.Member{Key: "k", Value: collect.Int(1)},
		collect.Member{Key: "other", Value: collect.Int(1)},
		collect.Member{Key: mapping.ErrorKey, Value: collect.Text("a traceback")},
	))
	metrics, dropped, err := m.Metrics(s, mapping.Drop)
	require.NoError(t, err)
	assert.Equal(t, 2, dropped)
	assert.Equal(t, 1, metrics.DataPointCount())

	_, _, err = mapping.New(nil).Metrics(s, mapping.Drop)
	require.ErrorIs(t, err, mapping.ErrUnknownStat)
}

func TestMetricsKeeps(t *testing.T) {
	s := stat(collect.NewObject(
		collect.Member{Key: "count", Value: collect.Int(1)},
		collect.Member{Key: "by", Value: collect.Group(object("free", collect.Double(2)))},
		collect.Member{Key: "text", Value: collect.Text("x")},
		collect.Member{Key: "nothing", Value: collect.Null()},
		collect.Member{Key: "texts", Value: collect.Group(object("a", collect.Text("no number")))},
		collect.Member{Key: mapping.ErrorKey, Value: collect.Text("a traceback")},
	))
	metrics, dropped, err := mapping.New(nil).Metrics(s, mapping.Keep)
	require.NoError(t, err)
	assert.Equal(t, 2, dropped)
	assert.Equal(t, map[string]any{"service.instance.id": "a0", "N.text": "x", "N.nothing": nil}, metrics.ResourceMetrics().At(0).Resource().Attributes().AsRaw())
	kept := metrics.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics()
	assert.Equal(t, "N.by", kept.At(0).Name())
	assert.Equal(t, map[string]any{"group": "free"}, kept.At(0).Gauge().DataPoints().At(0).Attributes().AsRaw())
	assert.Equal(t, "N.count", kept.At(1).Name())
}

func TestMetricsRefuses(t *testing.T) {
	m := mapping.New(define(fields{"m": {Metric: "m"}, "g": {Metric: "g", By: "plan"}, "r": {Resource: "r"}}))
	for name, value := range map[string]collect.Object{
		"text for a metric":       object("m", collect.Text("secret")),
		"boolean for a metric":    object("m", collect.Bool(true)),
		"no bounds":               object("m", collect.Group(object("secret", collect.Int(1)))),
		"no last bound":           object("m", collect.Group(object("5", collect.Int(1)))),
		"no bound at all":         object("m", collect.Group(nil)),
		"bound twice":             object("m", collect.Group(collect.NewObject(collect.Member{Key: "5"}, collect.Member{Key: "5.0"}, collect.Member{Key: "+Inf"}))),
		"negative count":          object("m", collect.Group(object("+Inf", collect.Int(-1)))),
		"counts beyond 64 bits":   object("m", collect.Group(collect.Object{{Key: "+Inf", Value: collect.Int(math.MaxInt64)}, {Key: "5", Value: collect.Int(1)}})),
		"number for groups":       object("g", collect.Int(1)),
		"text in groups":          object("g", collect.Group(object("secret", collect.Text("secret")))),
		"groups for an attribute": object("r", collect.Group(nil)),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := m.Metrics(stat(value), mapping.Keep)
			require.ErrorIs(t, err, mapping.ErrFieldType)
			assert.ErrorContains(t, err, `"`+value[0].Key+`"`)
			assert.NotContains(t, err.Error(), "secret")
		})
	}
}

// No groups, and groups of which nothing is known, as of a first increase, take back what was said before: a metric
// without points would say nothing.
func TestNoGroupsAreSaid(t *testing.T) {
	m := mapping.New(define(fields{"k": {Metric: "m", By: "plan"}}))
	for name, value := range map[string]collect.Value{"none": collect.Group(nil), "unknown": collect.Null()} {
		t.Run(name, func(t *testing.T) {
			metrics, dropped, err := m.Metrics(stat(object("k", value)), mapping.Drop)
			require.NoError(t, err)
			assert.Zero(t, dropped)
			points := metrics.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints()
			require.Equal(t, 1, points.Len())
			assert.True(t, points.At(0).Flags().NoRecordedValue())
			assert.Zero(t, points.At(0).Attributes().Len())
		})
	}
}

// A stat of attributes alone arrives with a metric, without which pipelines drop it.
func TestAttributesAloneAreCarriedByMetric(t *testing.T) {
	for name, m := range map[string]*mapping.Mapping{"defined": mapping.New(define(fields{"fmt": {Resource: "app.fmt"}})), "usage": mapping.New(nil)} {
		t.Run(name, func(t *testing.T) {
			want := stat(object("fmt", collect.Text("csv")))
			if name == "usage" {
				want.Name = mapping.Usage
			}
			metrics, _, err := m.Metrics(want, mapping.Keep)
			require.NoError(t, err)
			require.Equal(t, 1, metrics.DataPointCount())
			report := metrics.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0)
			assert.Equal(t, mapping.Report, report.Name())
			assert.Equal(t, int64(1), report.Gauge().DataPoints().At(0).IntValue())
			again, incomplete := statsOf(m, metrics.ResourceMetrics().At(0))
			require.Empty(t, incomplete)
			assert.Equal(t, []collect.Stat{want}, again)
		})
	}
}

// A stat cannot give itself another installation's id through a field.
func TestFieldIsNotInstanceID(t *testing.T) {
	m := mapping.New(define(fields{"id": {Resource: mapping.InstanceID}}))
	metrics, _, err := m.Metrics(stat(object("id", collect.Text("another"))), mapping.Keep)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"service.instance.id": "a0"}, metrics.ResourceMetrics().At(0).Resource().Attributes().AsRaw())

	usage := stat(object(mapping.InstanceID, collect.Text("another")))
	usage.Name = mapping.Usage
	metrics, dropped, err := mapping.New(nil).Metrics(usage, mapping.Keep)
	require.NoError(t, err)
	assert.Equal(t, 1, dropped)
	assert.Equal(t, map[string]any{"service.instance.id": "a0"}, metrics.ResourceMetrics().At(0).Resource().Attributes().AsRaw())
}
