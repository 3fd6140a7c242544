// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package transform turns the metrics of otel-go's SDK into the Collector's, as
// sending them over OTLP would, but for what the anonymizer drops anyway:
// exemplars, descriptions, units, scopes and schema URLs are not carried over.
package transform // import "github.com/headcount-otel/headcount/exporter/collectmetric/internal/transform"

import (
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// Metrics builds the metrics anew; it keeps nothing of rm. What no SDK produces,
// an unknown kind or temporality, is left out.
func Metrics(rm *metricdata.ResourceMetrics) pmetric.Metrics {
	metrics := pmetric.NewMetrics()
	resource := metrics.ResourceMetrics().AppendEmpty()
	for iter := rm.Resource.Iter(); iter.Next(); {
		put(resource.Resource().Attributes(), iter.Attribute())
	}
	for i := range rm.ScopeMetrics {
		scope := resource.ScopeMetrics().AppendEmpty().Metrics()
		scope.EnsureCapacity(len(rm.ScopeMetrics[i].Metrics))
		for _, m := range rm.ScopeMetrics[i].Metrics {
			if transformed := scope.AppendEmpty(); metric(m.Data, transformed) {
				transformed.SetName(m.Name)
			}
		}
		scope.RemoveIf(func(m pmetric.Metric) bool { return m.Type() == pmetric.MetricTypeEmpty })
	}
	return metrics
}

// metric fills to, or leaves it empty.
func metric(data metricdata.Aggregation, to pmetric.Metric) bool {
	switch data := data.(type) {
	case metricdata.Gauge[int64]:
		numbers(data.DataPoints, to.SetEmptyGauge().DataPoints())
	case metricdata.Gauge[float64]:
		numbers(data.DataPoints, to.SetEmptyGauge().DataPoints())
	case metricdata.Sum[int64]:
		return sum(data, to)
	case metricdata.Sum[float64]:
		return sum(data, to)
	case metricdata.Histogram[int64]:
		return histogram(data, to)
	case metricdata.Histogram[float64]:
		return histogram(data, to)
	case metricdata.ExponentialHistogram[int64]:
		return exponential(data, to)
	case metricdata.ExponentialHistogram[float64]:
		return exponential(data, to)
	case metricdata.Summary:
		summary(data, to.SetEmptySummary().DataPoints())
	default:
		return false
	}
	return true
}

func sum[N int64 | float64](data metricdata.Sum[N], to pmetric.Metric) bool {
	temporality, known := temporalityOf(data.Temporality)
	if known {
		s := to.SetEmptySum()
		s.SetAggregationTemporality(temporality)
		s.SetIsMonotonic(data.IsMonotonic)
		numbers(data.DataPoints, s.DataPoints())
	}
	return known
}

func histogram[N int64 | float64](data metricdata.Histogram[N], to pmetric.Metric) bool {
	temporality, known := temporalityOf(data.Temporality)
	if known {
		h := to.SetEmptyHistogram()
		h.SetAggregationTemporality(temporality)
		histogramPoints(data.DataPoints, h.DataPoints())
	}
	return known
}

func exponential[N int64 | float64](data metricdata.ExponentialHistogram[N], to pmetric.Metric) bool {
	temporality, known := temporalityOf(data.Temporality)
	if known {
		h := to.SetEmptyExponentialHistogram()
		h.SetAggregationTemporality(temporality)
		exponentialPoints(data.DataPoints, h.DataPoints())
	}
	return known
}

func temporalityOf(t metricdata.Temporality) (temporality pmetric.AggregationTemporality, known bool) {
	switch t {
	case metricdata.CumulativeTemporality:
		return pmetric.AggregationTemporalityCumulative, true
	case metricdata.DeltaTemporality:
		return pmetric.AggregationTemporalityDelta, true
	}
	return pmetric.AggregationTemporalityUnspecified, false
}
