// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/trust"
)

type clientKey struct{}

func TestMarkLeavesBehindWhatTheContextKnew(t *testing.T) {
	parent, cancel := context.WithCancel(context.WithValue(t.Context(), clientKey{}, "198.51.100.7"))
	marked := trust.Anonymized(parent, pmetric.NewMetrics(), "rules", trust.Nulls{})

	mark, ok := trust.MarkOf(marked)
	assert.True(t, ok)
	assert.Equal(t, "rules", mark.Rules())
	_, ok = trust.MarkOf(parent)
	assert.False(t, ok, "the parent is not marked by its child")
	assert.Nil(t, marked.Value(clientKey{}), "what the parent knew stays behind")

	cancel()
	assert.ErrorIs(t, marked.Err(), context.Canceled)
}

func TestMarkSurvivesDerivedContexts(t *testing.T) {
	derived, cancel := context.WithCancel(trust.Anonymized(t.Context(), pmetric.NewMetrics(), "rules", trust.Nulls{}))
	defer cancel()
	_, ok := trust.MarkOf(derived)
	assert.True(t, ok)
}

func TestMarkIsNotAGuessableValue(t *testing.T) {
	//nolint:revive,staticcheck // a plain string key is the point
	_, ok := trust.MarkOf(context.WithValue(t.Context(), "markKey", trust.Mark{}))
	assert.False(t, ok)
}

func TestMarkTellsWhatHides(t *testing.T) {
	mark := func(nulls trust.Nulls) trust.Mark {
		m, _ := trust.MarkOf(trust.Anonymized(t.Context(), pmetric.NewMetrics(), "rules", nulls))
		return m
	}
	assert.Nil(t, mark(trust.Nulls{Unread: []int{0}}).Hides(0), "nobody said")
	m := mark(trust.Nulls{Unread: []int{1}, Suppresses: func(metric string) bool { return metric == "a" }})
	assert.True(t, m.Hides(0)("a"))
	assert.False(t, m.Hides(0)("b"))
	assert.False(t, m.Hides(1)("a"), "of this one nothing was read")
}

// everyType has a metric of each type, with one point.
func everyType() pmetric.Metrics {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "app")
	all := rm.ScopeMetrics().AppendEmpty().Metrics()
	gauge := all.AppendEmpty()
	gauge.SetName("gauge")
	gauge.SetEmptyGauge().DataPoints().AppendEmpty().SetIntValue(7)
	all.AppendEmpty().SetEmptySum().DataPoints().AppendEmpty().SetDoubleValue(7)
	all.AppendEmpty().SetEmptyHistogram().DataPoints().AppendEmpty().BucketCounts().FromRaw([]uint64{1, 2})
	all.AppendEmpty().SetEmptyExponentialHistogram().DataPoints().AppendEmpty().Positive().BucketCounts().FromRaw([]uint64{1, 2})
	all.AppendEmpty().SetEmptySummary().DataPoints().AppendEmpty().SetCount(7)
	return md
}

func TestMarkCoversNothingWhereNobodyAsks(t *testing.T) {
	covers := func() bool {
		data := everyType()
		mark, _ := trust.MarkOf(trust.Anonymized(t.Context(), data, "rules", trust.Nulls{}))
		return mark.Covers(data)
	}
	assert.False(t, covers())
	one, another := trust.AskForMarks(), trust.AskForMarks()
	assert.True(t, covers())
	one()
	one()
	assert.True(t, covers(), "another still asks")
	another()
	assert.False(t, covers())
	empty, _ := trust.MarkOf(trust.Anonymized(t.Context(), pmetric.NewMetrics(), "rules", trust.Nulls{}))
	assert.False(t, empty.Covers(pmetric.NewMetrics()))
}

func TestMarkCoversCopiesAndNothingElse(t *testing.T) {
	t.Cleanup(trust.AskForMarks())
	data := everyType()
	mark, _ := trust.MarkOf(trust.Anonymized(t.Context(), data, "rules", trust.Nulls{}))
	require.True(t, mark.Covers(data))
	fanned := pmetric.NewMetrics()
	data.CopyTo(fanned)
	assert.True(t, mark.Covers(fanned), "what the Collector's fan-out makes")
	assert.False(t, mark.Covers(pmetric.NewMetrics()))

	metrics := func(md pmetric.Metrics) pmetric.MetricSlice {
		return md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics()
	}
	for name, change := range map[string]func(md pmetric.Metrics){
		"a resource attribute added": func(md pmetric.Metrics) { md.ResourceMetrics().At(0).Resource().Attributes().PutStr("host.name", "h") },
		"a resource attribute changed": func(md pmetric.Metrics) {
			md.ResourceMetrics().At(0).Resource().Attributes().PutStr("service.name", "b")
		},
		"a schema":       func(md pmetric.Metrics) { md.ResourceMetrics().At(0).SetSchemaUrl("u") },
		"a scope's name": func(md pmetric.Metrics) { md.ResourceMetrics().At(0).ScopeMetrics().At(0).Scope().SetName("n") },
		"a scope's attribute": func(md pmetric.Metrics) {
			md.ResourceMetrics().At(0).ScopeMetrics().At(0).Scope().Attributes().PutInt("n", 1)
		},
		"a resource more": func(md pmetric.Metrics) { md.ResourceMetrics().AppendEmpty() },
		"a metric more":   func(md pmetric.Metrics) { metrics(md).AppendEmpty() },
		"a metric fewer": func(md pmetric.Metrics) {
			metrics(md).RemoveIf(func(m pmetric.Metric) bool { return m.Name() == "gauge" })
		},
		"a name":       func(md pmetric.Metrics) { metrics(md).At(0).SetName("b") },
		"a unit":       func(md pmetric.Metrics) { metrics(md).At(0).SetUnit("b") },
		"a number":     func(md pmetric.Metrics) { metrics(md).At(0).Gauge().DataPoints().At(0).SetIntValue(8) },
		"its type":     func(md pmetric.Metrics) { metrics(md).At(0).Gauge().DataPoints().At(0).SetDoubleValue(7) },
		"a time":       func(md pmetric.Metrics) { metrics(md).At(0).Gauge().DataPoints().At(0).SetTimestamp(1) },
		"a start time": func(md pmetric.Metrics) { metrics(md).At(0).Gauge().DataPoints().At(0).SetStartTimestamp(1) },
		"a flag":       func(md pmetric.Metrics) { metrics(md).At(0).Gauge().DataPoints().At(0).SetFlags(1) },
		"a point's attribute": func(md pmetric.Metrics) {
			metrics(md).At(0).Gauge().DataPoints().At(0).Attributes().PutStr("user", "ann")
		},
		"an exemplar":   func(md pmetric.Metrics) { metrics(md).At(0).Gauge().DataPoints().At(0).Exemplars().AppendEmpty() },
		"a point more":  func(md pmetric.Metrics) { metrics(md).At(1).Sum().DataPoints().AppendEmpty() },
		"a double":      func(md pmetric.Metrics) { metrics(md).At(1).Sum().DataPoints().At(0).SetDoubleValue(8) },
		"a temporality": func(md pmetric.Metrics) { metrics(md).At(1).Sum().SetAggregationTemporality(1) },
		"a count":       func(md pmetric.Metrics) { metrics(md).At(2).Histogram().DataPoints().At(0).BucketCounts().SetAt(0, 9) },
		"a bound": func(md pmetric.Metrics) {
			metrics(md).At(2).Histogram().DataPoints().At(0).ExplicitBounds().FromRaw([]float64{1})
		},
		"a sum": func(md pmetric.Metrics) { metrics(md).At(2).Histogram().DataPoints().At(0).SetSum(9) },
		"an offset": func(md pmetric.Metrics) {
			metrics(md).At(3).ExponentialHistogram().DataPoints().At(0).Positive().SetOffset(3)
		},
		"a summary's count": func(md pmetric.Metrics) { metrics(md).At(4).Summary().DataPoints().At(0).SetCount(8) },
		"a list of names": func(md pmetric.Metrics) {
			md.ResourceMetrics().At(0).Resource().Attributes().PutEmptySlice(trust.FailedReadings).AppendEmpty().SetStr("x")
		},
		"in which metric a point stands": func(md pmetric.Metrics) {
			pcommon.NewMap().MoveTo(metrics(md).At(0).Metadata())
			metrics(md).At(0).Gauge().DataPoints().MoveAndAppendTo(metrics(md).At(1).Sum().DataPoints())
		},
	} {
		other := everyType()
		require.True(t, mark.Covers(other))
		change(other)
		assert.False(t, mark.Covers(other), name)
	}
}

func TestRulesAreInForceUntilAllRelease(t *testing.T) {
	assert.False(t, trust.RulesInForce("strict"))
	random := trust.Random{OfMetric: func(name string) string { return "one_bit of " + name }}
	one, two := trust.EnforceRules("strict", random), trust.EnforceRules("strict", random)
	one()
	one()
	assert.True(t, trust.RulesInForce("strict"))
	assert.Equal(t, "one_bit of users", trust.RandomOf("strict").Metric("users"))
	assert.Empty(t, trust.RandomOf("strict").Resource("users"))
	two()
	assert.False(t, trust.RulesInForce("strict"))
	assert.Empty(t, trust.RandomOf("strict").Metric("users"))
}

// A text is told from each other that is longer, shorter or differs in a single byte.
func TestMarkSeesEveryByteOfATextOfAnyLength(t *testing.T) {
	t.Cleanup(trust.AskForMarks())
	named := func(text string) pmetric.Metrics {
		md := everyType()
		md.ResourceMetrics().At(0).Resource().Attributes().PutStr("service.name", text)
		return md
	}
	for length := range 40 {
		text := strings.Repeat("a", length)
		mark, _ := trust.MarkOf(trust.Anonymized(t.Context(), named(text), "rules", trust.Nulls{}))
		require.True(t, mark.Covers(named(text)))
		assert.False(t, mark.Covers(named(text+"a")), "%d bytes, and one more", length)
		assert.False(t, mark.Covers(named(text+"\x00")), "%d bytes, and a zero", length)
		for i := range length {
			assert.False(t, mark.Covers(named(text[:i]+"b"+text[i+1:])), "%d bytes, another at %d", length, i)
		}
	}
}
