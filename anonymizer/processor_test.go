// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/internal/metadatatest"
	"github.com/headcount-otel/headcount/trust"
)

// sink keeps what the anonymizer hands on, and the context with which it did.
type sink struct {
	ctx  context.Context
	last pmetric.Metrics
}

func (s *sink) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (s *sink) ConsumeMetrics(ctx context.Context, md pmetric.Metrics) error {
	s.ctx, s.last = ctx, md
	return nil
}

// anonymized is what leaves of md, which stays as it is.
func anonymized(t testing.TB, cfg *Config, md pmetric.Metrics) pmetric.Metrics {
	t.Helper()
	p, s := started(t, cfg, disk{})
	in := pmetric.NewMetrics()
	md.CopyTo(in)
	require.NoError(t, p.ConsumeMetrics(context.Background(), in))
	return s.last
}

var noon = pcommon.NewTimestampFromTime(time.Date(2026, 11, 23, 12, 34, 56, 7, time.UTC))

// gaugeOf makes one resource with one gauge of points with these numbers.
func gaugeOf(name string, numbers ...any) pmetric.Metrics {
	md := pmetric.NewMetrics()
	addGauge(md.ResourceMetrics().AppendEmpty(), name, numbers...)
	return md
}

func addGauge(rm pmetric.ResourceMetrics, name string, numbers ...any) pmetric.NumberDataPointSlice {
	m := rm.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName(name)
	all := m.SetEmptyGauge().DataPoints()
	for _, n := range numbers {
		p := all.AppendEmpty()
		p.SetTimestamp(noon)
		switch n := n.(type) {
		case int:
			p.SetIntValue(int64(n))
		case float64:
			p.SetDoubleValue(n)
		}
	}
	return all
}

func onlyMetric(t testing.TB, md pmetric.Metrics) pmetric.Metric {
	t.Helper()
	require.Equal(t, 1, md.ResourceMetrics().Len())
	require.Equal(t, 1, md.ResourceMetrics().At(0).ScopeMetrics().Len())
	require.Equal(t, 1, md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().Len())
	return md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0)
}

func TestOnlyWhatIsNamedLeaves(t *testing.T) {
	md := gaugeOf("a", 149)
	rm := md.ResourceMetrics().At(0)
	rm.SetSchemaUrl("https://secret")
	rm.Resource().SetDroppedAttributesCount(77)
	rm.Resource().Attributes().PutStr("service.name", "app")
	rm.Resource().Attributes().PutStr("host.name", "secret")
	addGauge(rm, "secret", 1)
	sm := rm.ScopeMetrics().At(0)
	sm.SetSchemaUrl("https://secret")
	sm.Scope().SetName("secret")
	sm.Scope().SetVersion("secret")
	sm.Scope().Attributes().PutStr("secret", "secret")
	m := sm.Metrics().At(0)
	m.SetDescription("secret")
	m.SetUnit("{secret}")
	m.Metadata().PutStr("secret", "secret")
	p := m.Gauge().DataPoints().At(0)
	p.Attributes().PutStr("user", "secret")
	p.Attributes().PutStr("plan", "pro")
	p.SetStartTimestamp(noon)
	p.SetFlags(p.Flags() | 0xf0)
	p.Exemplars().AppendEmpty().SetIntValue(77)

	want := pmetric.NewMetrics()
	rm = want.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "app")
	sm = rm.ScopeMetrics().AppendEmpty()
	sm.Scope().SetName(scopeName)
	sm.Scope().SetVersion("latest")
	m = sm.Metrics().AppendEmpty()
	m.SetName("a")
	m.SetUnit("{run}")
	p = m.SetEmptyGauge().DataPoints().AppendEmpty()
	p.SetIntValue(100)
	p.Attributes().PutStr("plan", "pro")
	p.SetTimestamp(pcommon.NewTimestampFromTime(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)))

	got := anonymized(t, configured(t, `{metrics: {a: {round: {to: 100}, unit: "{run}"}}, attributes: {plan: {keep: true, open: true}}, resource: {service.name: {keep: true}}}`), md)
	assert.Equal(t, bytesOf(t, want), bytesOf(t, got))
}

func bytesOf(t testing.TB, md pmetric.Metrics) []byte {
	t.Helper()
	b, err := new(pmetric.ProtoMarshaler).MarshalMetrics(md)
	require.NoError(t, err)
	return b
}

func TestNothingNamedSendsNothing(t *testing.T) {
	p, s := started(t, configured(t, "{}"), disk{})
	require.NoError(t, p.ConsumeMetrics(context.Background(), gaugeOf("a", 1)))
	assert.Nil(t, s.ctx)
}

func TestNextConsumerGetsTheMarkAndNothingElse(t *testing.T) {
	t.Cleanup(trust.AskForMarks())
	type key struct{}
	p, s := started(t, configured(t, "{metrics: {a: {keep: true}}}"), disk{})
	require.NoError(t, p.ConsumeMetrics(context.WithValue(context.Background(), key{}, "secret"), gaugeOf("a", 1)))
	mark, marked := trust.MarkOf(s.ctx)
	require.True(t, marked)
	assert.True(t, mark.Covers(s.last))
	assert.Len(t, mark.Rules(), 32)
	assert.Nil(t, s.ctx.Value(key{}))
}

func TestEmptyResourceAttributeStaysEmpty(t *testing.T) {
	md := gaugeOf("a", 1)
	in := md.ResourceMetrics().At(0).Resource().Attributes()
	for _, name := range []string{"k", "d", "v", "a", "r", "unnamed"} {
		in.PutEmpty(name)
	}
	got := anonymized(t, configured(t, `{metrics: {a: {keep: true}}, resource: {k: {keep: true}, d: {date: {to: day}}, v: {version: major}, a: {allow: [x], other: y}, r: {redact: true}}}`), md)
	assert.Equal(t, map[string]any{"k": nil, "d": nil, "v": nil, "a": nil, "r": nil}, got.ResourceMetrics().At(0).Resource().Attributes().AsRaw())
}

func TestFailedReadingsAreCutDownToNamedOnes(t *testing.T) {
	cfg := configured(t, `{metrics: {a: {keep: true}}, resource: {r: {keep: true}, x: {drop: true}, "s.*": {redact: true}}}`)
	md := gaugeOf("a", 1)
	list := md.ResourceMetrics().At(0).Resource().Attributes().PutEmptySlice(trust.FailedReadings)
	require.NoError(t, list.FromRaw([]any{"r", "secret", "x", "s.1", 7}))
	got := anonymized(t, cfg, md).ResourceMetrics().At(0).Resource().Attributes()
	assert.Equal(t, map[string]any{trust.FailedReadings: []any{"r", "s.1"}}, got.AsRaw())

	require.NoError(t, list.FromRaw([]any{"secret"}))
	got = anonymized(t, cfg, md).ResourceMetrics().At(0).Resource().Attributes()
	assert.Empty(t, got.AsRaw())
}

func TestDoublesStayDoublesOnTheGrid(t *testing.T) {
	cfg := configured(t, "{metrics: {a: {round: {to: 100}}, b: {keep: true}}}")
	p := onlyMetric(t, anonymized(t, cfg, gaugeOf("a", 149.9))).Gauge().DataPoints().At(0)
	assert.Equal(t, pmetric.NumberDataPointValueTypeDouble, p.ValueType())
	assert.Equal(t, 100.0, p.DoubleValue())
	p = onlyMetric(t, anonymized(t, cfg, gaugeOf("b", 45.25))).Gauge().DataPoints().At(0)
	assert.Equal(t, 45.25, p.DoubleValue())
	p = onlyMetric(t, anonymized(t, cfg, gaugeOf("a", math.Copysign(0, -1)))).Gauge().DataPoints().At(0)
	assert.False(t, math.Signbit(p.DoubleValue()), "-0 and 0 lie in one cell")
}

func TestBadNumbersAreDroppedAndCounted(t *testing.T) {
	tel := componenttest.NewTelemetry()
	p, err := NewFactory().CreateMetrics(context.Background(), metadatatest.NewSettings(tel),
		configured(t, "{metrics: {a: {round: {to: 10}}, b: {keep: true}}, resource: {v: {version: major}}}"), &sink{})
	require.NoError(t, err)
	md := gaugeOf("a", math.NaN(), math.Inf(1), math.Inf(-1), nil, 14)
	md.ResourceMetrics().At(0).Resource().Attributes().PutStr("v", "none")
	addGauge(md.ResourceMetrics().At(0), "unnamed", 1, 2, 3)
	require.NoError(t, p.ConsumeMetrics(context.Background(), md))

	seen, err := tel.GetMetric("otelcol_processor_anonymizer_points_seen")
	require.NoError(t, err)
	assert.EqualValues(t, 8, total(seen)[""])
	passed, err := tel.GetMetric("otelcol_processor_anonymizer_points_passed")
	require.NoError(t, err)
	assert.EqualValues(t, 1, total(passed)[""])
	dropped, err := tel.GetMetric("otelcol_processor_anonymizer_dropped")
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{
		"point not_finite":              3,
		"point malformed":               1,
		"metric unnamed":                1,
		"point unnamed":                 3,
		"resource_attribute no_version": 1,
	}, total(dropped))
	require.NoError(t, p.Shutdown(context.Background()))
	require.NoError(t, tel.Shutdown(context.Background()))
}

func TestPointWithoutValueLeavesWithoutValue(t *testing.T) {
	md := gaugeOf("a", 77)
	p := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().At(0)
	p.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	got := onlyMetric(t, anonymized(t, configured(t, "{metrics: {a: {keep: true}}}"), md)).Gauge().DataPoints().At(0)
	assert.True(t, got.Flags().NoRecordedValue())
	assert.Equal(t, pmetric.NumberDataPointValueTypeEmpty, got.ValueType(), "a value beside the flag is a value all the same")
}

func TestMetricWithoutPointsLeavesWithoutPoints(t *testing.T) {
	got := onlyMetric(t, anonymized(t, configured(t, "{metrics: {a: {keep: true}}}"), gaugeOf("a")))
	assert.Zero(t, got.Gauge().DataPoints().Len())
}

func TestHistogramLeavesItsCountsAndTheirSum(t *testing.T) {
	md := pmetric.NewMetrics()
	m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("a")
	m.SetEmptyHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	p := m.Histogram().DataPoints().AppendEmpty()
	p.ExplicitBounds().FromRaw([]float64{1, 2})
	p.BucketCounts().FromRaw([]uint64{14, 15, 26})
	p.SetCount(1234)
	p.SetSum(77)
	p.SetMin(7)
	p.SetMax(7)
	p.Exemplars().AppendEmpty()
	got := onlyMetric(t, anonymized(t, configured(t, "{metrics: {a: {round: {to: 10}}}}"), md)).Histogram().DataPoints().At(0)
	assert.Equal(t, []uint64{10, 20, 30}, got.BucketCounts().AsRaw())
	assert.EqualValues(t, 60, got.Count())
	assert.False(t, got.HasSum() || got.HasMin() || got.HasMax())
	assert.Zero(t, got.Exemplars().Len())
}

func TestExponentialHistogramIsCutToWhatLeaves(t *testing.T) {
	md := pmetric.NewMetrics()
	m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("a")
	p := m.SetEmptyExponentialHistogram().DataPoints().AppendEmpty()
	p.SetScale(3)
	p.SetZeroCount(16)
	p.Positive().SetOffset(-5)
	p.Positive().BucketCounts().FromRaw([]uint64{1, 2, 30, 4, 26, 3})
	p.Negative().SetOffset(9)
	p.Negative().BucketCounts().FromRaw([]uint64{1})
	got := onlyMetric(t, anonymized(t, configured(t, "{metrics: {a: {round: {to: 10}}}}"), md)).ExponentialHistogram().DataPoints().At(0)
	assert.EqualValues(t, 20, got.ZeroCount())
	assert.EqualValues(t, -3, got.Positive().Offset())
	assert.Equal(t, []uint64{30, 0, 30}, got.Positive().BucketCounts().AsRaw())
	assert.Zero(t, got.Negative().Offset())
	assert.Zero(t, got.Negative().BucketCounts().Len())
	assert.EqualValues(t, 80, got.Count())
}

func TestMixedTypesUnderOneName(t *testing.T) {
	md := gaugeOf("a", 14)
	m := md.ResourceMetrics().At(0).ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("a")
	m.SetEmptySum().DataPoints().AppendEmpty().SetIntValue(77)
	got := onlyMetric(t, anonymized(t, configured(t, "{metrics: {a: {round: {to: 10}}}}"), md))
	assert.EqualValues(t, 10, got.Gauge().DataPoints().At(0).IntValue())
}
