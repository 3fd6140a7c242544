// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package transform_test

import (
	"context"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/exporter/collectmetric/internal/transform"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// For any metrics of the SDK, what is built here is what arrives by the SDK's own OTLP exporter.
func TestTheSameAsOverOTLP(t *testing.T) {
	sent := overOTLP(t)
	rapid.Check(t, func(t *rapid.T) {
		rm := resourceMetrics(t)
		want, err := pmetricotlp.NewExportRequestFromMetrics(stripped(sent(t, rm))).MarshalJSON()
		require.NoError(t, err)
		got, err := pmetricotlp.NewExportRequestFromMetrics(transform.Metrics(rm)).MarshalJSON()
		require.NoError(t, err)
		assert.JSONEq(t, string(want), string(got))
	})
}

// What no SDK produces is left out, as the OTLP exporter does.
func TestTheUnknownIsLeftOut(t *testing.T) {
	metrics := transform.Metrics(&metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{
		{Name: "nothing"},
		{Name: "sum", Data: metricdata.Sum[int64]{}},
		{Name: "histogram", Data: metricdata.Histogram[float64]{}},
		{Name: "exponential", Data: metricdata.ExponentialHistogram[int64]{}},
		{Name: "known", Data: metricdata.Gauge[int64]{DataPoints: []metricdata.DataPoint[int64]{{Value: 1}}}},
	}}}})
	scope := metrics.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics()
	require.Equal(t, 1, scope.Len())
	assert.Equal(t, "known", scope.At(0).Name())
	assert.Zero(t, scope.At(0).Gauge().DataPoints().At(0).Timestamp())
}

// overOTLP gives what a Collector's receiver would be sent.
func overOTLP(t *testing.T) func(*rapid.T, *metricdata.ResourceMetrics) pmetric.Metrics {
	t.Helper()
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { body, _ = io.ReadAll(r.Body) }))
	t.Cleanup(server.Close)
	exporter, err := otlpmetrichttp.New(t.Context(), otlpmetrichttp.WithEndpointURL(server.URL+"/v1/metrics"), otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig{}))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, exporter.Shutdown(context.Background())) })
	return func(t *rapid.T, rm *metricdata.ResourceMetrics) pmetric.Metrics {
		require.NoError(t, exporter.Export(context.Background(), rm))
		request := pmetricotlp.NewExportRequest()
		require.NoError(t, request.UnmarshalProto(body))
		return request.Metrics()
	}
}

// stripped takes away what is not carried over.
func stripped(metrics pmetric.Metrics) pmetric.Metrics {
	for _, rm := range metrics.ResourceMetrics().All() {
		rm.SetSchemaUrl("")
		for _, sm := range rm.ScopeMetrics().All() {
			sm.SetSchemaUrl("")
			pcommon.NewInstrumentationScope().CopyTo(sm.Scope())
			for _, m := range sm.Metrics().All() {
				m.SetDescription("")
				m.SetUnit("")
				switch m.Type() {
				case pmetric.MetricTypeGauge:
					withoutExemplars(m.Gauge().DataPoints().All())
				case pmetric.MetricTypeSum:
					withoutExemplars(m.Sum().DataPoints().All())
				case pmetric.MetricTypeHistogram:
					withoutExemplars(m.Histogram().DataPoints().All())
				case pmetric.MetricTypeExponentialHistogram:
					withoutExemplars(m.ExponentialHistogram().DataPoints().All())
				}
			}
		}
	}
	return metrics
}

func withoutExemplars[P interface{ Exemplars() pmetric.ExemplarSlice }](points func(func(int, P) bool)) {
	for _, p := range points {
		p.Exemplars().RemoveIf(func(pmetric.Exemplar) bool { return true })
	}
}

func resourceMetrics(t *rapid.T) *metricdata.ResourceMetrics {
	rm := &metricdata.ResourceMetrics{Resource: resource.NewWithAttributes("schema", attributes(t)...)}
	for range rapid.IntRange(0, 2).Draw(t, "scopes") {
		scope := metricdata.ScopeMetrics{Scope: instrumentation.Scope{Name: "scope", Version: "1", SchemaURL: "schema"}}
		for range rapid.IntRange(0, 3).Draw(t, "metrics") {
			scope.Metrics = append(scope.Metrics, metricdata.Metrics{Name: text(t), Description: "description", Unit: "{unit}", Data: aggregation(t)})
		}
		rm.ScopeMetrics = append(rm.ScopeMetrics, scope)
	}
	return rm
}

func aggregation(t *rapid.T) metricdata.Aggregation {
	temporality := rapid.SampledFrom([]metricdata.Temporality{metricdata.CumulativeTemporality, metricdata.DeltaTemporality}).Draw(t, "temporality")
	switch rapid.IntRange(0, 8).Draw(t, "kind") {
	case 0:
		return metricdata.Gauge[int64]{DataPoints: points(t, integer)}
	case 1:
		return metricdata.Gauge[float64]{DataPoints: points(t, double)}
	case 2:
		return metricdata.Sum[int64]{DataPoints: points(t, integer), Temporality: temporality, IsMonotonic: rapid.Bool().Draw(t, "monotonic")}
	case 3:
		return metricdata.Sum[float64]{DataPoints: points(t, double), Temporality: temporality}
	case 4:
		return metricdata.Histogram[int64]{DataPoints: histogramPoints(t, integer), Temporality: temporality}
	case 5:
		return metricdata.Histogram[float64]{DataPoints: histogramPoints(t, double), Temporality: temporality}
	case 6:
		return metricdata.ExponentialHistogram[int64]{DataPoints: exponentialPoints(t, integer), Temporality: temporality}
	case 7:
		return metricdata.ExponentialHistogram[float64]{DataPoints: exponentialPoints(t, double), Temporality: temporality}
	default:
		return metricdata.Summary{DataPoints: several(t, func() metricdata.SummaryDataPoint {
			return metricdata.SummaryDataPoint{
				Attributes: set(t), StartTime: moment(t), Time: moment(t), Count: count(t), Sum: double(t),
				QuantileValues: several(t, func() metricdata.QuantileValue {
					return metricdata.QuantileValue{Quantile: rapid.Float64Range(0, 1).Draw(t, "quantile"), Value: double(t)}
				}),
			}
		})}
	}
}

func points[N int64 | float64](t *rapid.T, number func(*rapid.T) N) []metricdata.DataPoint[N] {
	return several(t, func() metricdata.DataPoint[N] {
		return metricdata.DataPoint[N]{
			Attributes: set(t), StartTime: moment(t), Time: moment(t), Value: number(t),
			Exemplars: []metricdata.Exemplar[N]{{Value: number(t), Time: moment(t)}},
		}
	})
}

func histogramPoints[N int64 | float64](t *rapid.T, number func(*rapid.T) N) []metricdata.HistogramDataPoint[N] {
	return several(t, func() metricdata.HistogramDataPoint[N] {
		p := metricdata.HistogramDataPoint[N]{
			Attributes: set(t), StartTime: moment(t), Time: moment(t), Count: count(t), Sum: number(t),
			Bounds: several(t, func() float64 { return double(t) }), BucketCounts: several(t, func() uint64 { return count(t) }),
		}
		if rapid.Bool().Draw(t, "extremes") {
			p.Min, p.Max = metricdata.NewExtrema(number(t)), metricdata.NewExtrema(number(t))
		}
		return p
	})
}

func exponentialPoints[N int64 | float64](t *rapid.T, number func(*rapid.T) N) []metricdata.ExponentialHistogramDataPoint[N] {
	bucket := func() metricdata.ExponentialBucket {
		return metricdata.ExponentialBucket{Offset: rapid.Int32().Draw(t, "offset"), Counts: several(t, func() uint64 { return count(t) })}
	}
	return several(t, func() metricdata.ExponentialHistogramDataPoint[N] {
		return metricdata.ExponentialHistogramDataPoint[N]{
			Attributes: set(t), StartTime: moment(t), Time: moment(t), Count: count(t), Sum: number(t),
			Scale: rapid.Int32().Draw(t, "scale"), ZeroCount: count(t), PositiveBucket: bucket(), NegativeBucket: bucket(),
			Min: metricdata.NewExtrema(number(t)),
		}
	})
}

func several[T any](t *rapid.T, one func() T) (items []T) {
	for range rapid.IntRange(0, 3).Draw(t, "count") {
		items = append(items, one())
	}
	return items
}

func integer(t *rapid.T) int64 { return rapid.Int64().Draw(t, "integer") }

func double(t *rapid.T) float64 {
	return rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Inf(1), math.Inf(-1), math.NaN()})).Draw(t, "double")
}

func count(t *rapid.T) uint64 { return rapid.Uint64().Draw(t, "count") }

func text(t *rapid.T) string { return rapid.StringN(0, 10, -1).Draw(t, "text") }

func moment(t *rapid.T) time.Time {
	return time.Unix(rapid.Int64Range(0, 1<<32).Draw(t, "seconds"), 0)
}

func set(t *rapid.T) attribute.Set { return attribute.NewSet(attributes(t)...) }

func attributes(t *rapid.T) []attribute.KeyValue {
	kinds := []func(string) attribute.KeyValue{
		func(key string) attribute.KeyValue { return attribute.Bool(key, true) },
		func(key string) attribute.KeyValue { return attribute.Int64(key, integer(t)) },
		func(key string) attribute.KeyValue { return attribute.Float64(key, double(t)) },
		func(key string) attribute.KeyValue { return attribute.String(key, text(t)) },
		func(key string) attribute.KeyValue { return attribute.BoolSlice(key, []bool{true, false}) },
		func(key string) attribute.KeyValue { return attribute.Int64Slice(key, []int64{1, integer(t)}) },
		func(key string) attribute.KeyValue { return attribute.Float64Slice(key, []float64{1.5, double(t)}) },
		func(key string) attribute.KeyValue { return attribute.StringSlice(key, []string{"", text(t)}) },
		func(key string) attribute.KeyValue { return attribute.ByteSlice(key, []byte(text(t))) },
		func(key string) attribute.KeyValue {
			return attribute.Slice(key, attribute.IntValue(1), attribute.StringValue(text(t)))
		},
		func(key string) attribute.KeyValue {
			return attribute.Map(key, attribute.Int("a", 1), attribute.String("b", text(t)))
		},
		func(key string) attribute.KeyValue { return attribute.KeyValue{Key: attribute.Key(key)} },
	}
	return several(t, func() attribute.KeyValue {
		return rapid.SampledFrom(kinds).Draw(t, "attribute")(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "key"))
	})
}
