// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
)

// report is one random report: as an exporter gets it, with all that the format
// cannot say, and as the receiver is to give it on.
type report struct {
	t           *rapid.T
	definitions mapping.Definitions
	sent        installation
	arrives     pmetric.Metrics
	newest      pcommon.Timestamp
}

// anyText draws a text, empty ones among them where least is 0.
func anyText(t *rapid.T, label string, least int) string {
	return rapid.StringN(least, 40, collect.MaxText).Draw(t, label)
}

// scoped is a metric with what the format cannot say: scope, schema, unit, description, metadata.
func (r *report) scoped(name string) pmetric.Metric {
	scope := r.sent.ScopeMetrics().AppendEmpty()
	scope.SetSchemaUrl("https://example.com/schema")
	scope.Scope().SetName(anyText(r.t, "scope", 0))
	scope.Scope().Attributes().PutStr("a", "b")
	m := scope.Metrics().AppendEmpty()
	m.SetName(name)
	m.SetUnit("{user}")
	m.SetDescription("users")
	m.Metadata().PutStr("a", "b")
	return m
}

// arriving is a metric as it arrives.
func (r *report) arriving(name string) pmetric.Metric {
	scopes := r.arrives.ResourceMetrics().At(0).ScopeMetrics()
	if scopes.Len() == 0 {
		scopes.AppendEmpty()
	}
	m := scopes.At(0).Metrics().AppendEmpty()
	m.SetName(name)
	return m
}

// time is a point's own; only the newest arrives.
func (r *report) time() pcommon.Timestamp {
	at := pcommon.NewTimestampFromTime(time.UnixMicro(rapid.Int64Range(1, 1<<33*1_000_000-1).Draw(r.t, "timestamp")))
	r.newest = max(r.newest, at)
	return at
}

// numbers are the points of a gauge or a sum, which arrive as a gauge alike.
func (r *report) numbers(m pmetric.Metric) pmetric.NumberDataPointSlice {
	if rapid.Bool().Draw(r.t, "sum") {
		sum := m.SetEmptySum()
		sum.SetIsMonotonic(true)
		sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		return sum.DataPoints()
	}
	return m.SetEmptyGauge().DataPoints()
}

func (r *report) number(sent, arrives pmetric.NumberDataPoint) {
	sent.SetTimestamp(r.time())
	sent.SetStartTimestamp(1)
	sent.Exemplars().AppendEmpty().SetIntValue(1)
	switch rapid.IntRange(0, 2).Draw(r.t, "number") {
	case 0:
		sent.SetIntValue(rapid.Int64().Draw(r.t, "int"))
		arrives.SetIntValue(sent.IntValue())
	case 1:
		sent.SetDoubleValue(rapid.Float64().Filter(func(f float64) bool { return !math.IsInf(f, 0) }).Draw(r.t, "double"))
		arrives.SetDoubleValue(sent.DoubleValue())
	default:
		sent.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
		arrives.SetFlags(sent.Flags())
	}
}

func (r *report) single(name string) mapping.Origin {
	sent := r.numbers(r.scoped(name)).AppendEmpty()
	sent.Attributes().PutStr("lost", "attribute")
	r.number(sent, r.arriving(name).SetEmptyGauge().DataPoints().AppendEmpty())
	return mapping.Origin{Metric: name}
}

func (r *report) groups(name string) mapping.Origin {
	names := rapid.SliceOfNDistinct(rapid.StringN(0, 20, 100), 0, 5, rapid.ID[string]).Draw(r.t, "groups")
	slices.Sort(names)
	arrives := r.arriving(name).SetEmptyGauge().DataPoints()
	if len(names) == 0 { // which a point without a value says
		r.numbers(r.scoped(name))
		arrives.AppendEmpty().SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	}
	for _, group := range names { // each in a scope of its own
		sent, to := r.numbers(r.scoped(name)).AppendEmpty(), arrives.AppendEmpty()
		sent.Attributes().PutStr("lost", "attribute")
		sent.Attributes().PutStr("plan", group)
		to.Attributes().PutStr("plan", group)
		r.number(sent, to)
	}
	return mapping.Origin{Metric: name, By: "plan"}
}

func (r *report) histogram(name string) mapping.Origin {
	bounds := rapid.SliceOfNDistinct(rapid.Float64().Filter(func(f float64) bool { return !math.IsInf(f, 0) && f != 0 }), 0, 5, rapid.ID[float64]).Draw(r.t, "bounds")
	slices.Sort(bounds)
	counts := rapid.SliceOfN(rapid.Uint64Range(0, 1<<40), len(bounds)+1, len(bounds)+1).Draw(r.t, "counts")
	total := uint64(0)
	for _, count := range counts {
		total += count
	}
	sent := r.scoped(name).SetEmptyHistogram().DataPoints().AppendEmpty()
	sent.SetTimestamp(r.time())
	sent.SetSum(1)
	sent.SetMin(1)
	arriving := r.arriving(name).SetEmptyHistogram()
	arriving.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	for _, p := range []pmetric.HistogramDataPoint{sent, arriving.DataPoints().AppendEmpty()} {
		p.ExplicitBounds().FromRaw(bounds)
		p.BucketCounts().FromRaw(counts)
		p.SetCount(total)
	}
	return mapping.Origin{Metric: name}
}

func (r *report) attribute(name string) mapping.Origin {
	value := pcommon.NewValueEmpty()
	switch rapid.IntRange(0, 5).Draw(r.t, "attribute") {
	case 0:
		value.SetBool(rapid.Bool().Draw(r.t, "bool"))
	case 1:
		value.SetInt(rapid.Int64().Draw(r.t, "int"))
	case 2:
		value.SetDouble(rapid.Float64().Filter(func(f float64) bool { return !math.IsInf(f, 0) }).Draw(r.t, "double"))
	case 3:
		value.SetStr(anyText(r.t, "text", 0))
	case 4: // absent and empty are both null
		r.arrives.ResourceMetrics().At(0).Resource().Attributes().PutEmpty(name)
		return mapping.Origin{Resource: name}
	}
	value.CopyTo(r.sent.Resource().Attributes().PutEmpty(name))
	value.CopyTo(r.arrives.ResourceMetrics().At(0).Resource().Attributes().PutEmpty(name))
	return mapping.Origin{Resource: name}
}

func newReport(t *rapid.T) *report {
	r := &report{t: t, sent: newInstallation(), arrives: pmetric.NewMetrics()}
	r.sent.attribute("unnamed", "lost")
	r.arrives.ResourceMetrics().AppendEmpty().Resource().Attributes().PutStr(mapping.InstanceID, "a0")
	definition := mapping.Definition{Interval: time.Hour, Value: fields{"0": r.single("first"), "00": {Resource: "found"}}}
	for _, side := range []pmetric.ResourceMetrics{r.sent.ResourceMetrics, r.arrives.ResourceMetrics().At(0)} {
		side.Resource().Attributes().PutBool("found", true) // of a stat of which nothing is found there is none
	}
	for i := range rapid.IntRange(0, 7).Draw(t, "fields") {
		name := fmt.Sprintf("origin %d", i)
		key := fmt.Sprintf("%d", i+1) // in the order of the keys, so that both sides' order is the same
		origin := rapid.SampledFrom([]func(string) mapping.Origin{r.single, r.groups, r.histogram, r.attribute}).Draw(t, "origin")(name)
		origin.Optional = origin.Metric != "" && rapid.Bool().Draw(t, "optional")
		definition.Value[key] = origin
	}
	r.definitions = mapping.Definitions{anyText(t, "name", 1): definition, "ANOTHER": {Value: fields{"k": {Metric: "not there"}}}}
	r.setTimes()
	return r
}

// setTimes gives all that arrives the stat's time.
func (r *report) setTimes() {
	for _, scope := range r.arrives.ResourceMetrics().At(0).ScopeMetrics().All() {
		for _, m := range scope.Metrics().All() {
			if m.Type() == pmetric.MetricTypeHistogram {
				m.Histogram().DataPoints().At(0).SetTimestamp(r.newest)
				continue
			}
			for _, p := range m.Gauge().DataPoints().All() {
				p.SetTimestamp(r.newest)
			}
		}
	}
}

// Metrics → stat → JSON → stat → metrics gives the metrics, but for what the
// format cannot say, which README.md lists.
func TestRoundTrip(t *testing.T) {
	marshal := pmetric.JSONMarshaler{}
	rapid.Check(t, func(t *rapid.T) {
		r := newReport(t)
		m := mapping.New(r.definitions)
		stats, incomplete := statsOf(m, r.sent.ResourceMetrics)
		require.Len(t, stats, 1, "%v", incomplete)
		body, err := stats[0].AppendJSON(nil)
		require.NoError(t, err)
		read, err := collect.Decode(body)
		require.NoError(t, err)
		require.Equal(t, stats[0], read)
		metrics, dropped, err := m.Metrics(read, mapping.Drop)
		require.NoError(t, err)
		require.Zero(t, dropped)

		want, err := marshal.MarshalMetrics(r.arrives)
		require.NoError(t, err)
		got, err := marshal.MarshalMetrics(metrics)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))

		again, incomplete := statsOf(m, metrics.ResourceMetrics().At(0))
		require.Equal(t, stats, again, "%v", incomplete)
	})
}
