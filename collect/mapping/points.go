// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect"
)

// point is a data point of any type, as a stat says it.
type point struct {
	attributes pcommon.Map
	time       pcommon.Timestamp
	value      collect.Value
}

// file keeps one resource's metrics by name: one metric may lie in several scopes.
func (r *resource) file(metrics pmetric.ResourceMetrics) {
	for _, scope := range metrics.ScopeMetrics().All() {
		for _, metric := range scope.Metrics().All() {
			parts, known := r.metrics[metric.Name()]
			if !known {
				r.alone = append(r.alone, metric)
				end := len(r.alone)
				parts = r.alone[end-1 : end : end]
			} else {
				parts = append(parts, metric)
			}
			r.metrics[metric.Name()] = parts
		}
	}
}

// appendPoints appends the data points of one metric's parts. An error says what a stat cannot say.
func appendPoints(points []point, parts []pmetric.Metric) ([]point, error) {
	for _, part := range parts {
		if isDelta(part) {
			return points, errDelta
		}
		switch part.Type() {
		case pmetric.MetricTypeGauge:
			points = appendNumbers(points, part.Gauge().DataPoints())
		case pmetric.MetricTypeSum:
			points = appendNumbers(points, part.Sum().DataPoints())
		case pmetric.MetricTypeHistogram:
			for _, p := range part.Histogram().DataPoints().All() {
				counts, err := bucketCounts(p)
				if err != nil {
					return points, err
				}
				points = append(points, point{p.Attributes(), p.Timestamp(), counts})
			}
		case pmetric.MetricTypeExponentialHistogram:
			return points, errExponential
		default:
			return points, fmt.Errorf("is of type %s, which a stat cannot say", part.Type())
		}
	}
	for _, p := range points {
		if !p.value.IsFinite() {
			return points, errNotFinite
		}
	}
	return points, nil
}

// errExponential names the way that SDKs have to make the other kind.
var errExponential = errors.New("is an exponential histogram, which a stat cannot say: let the application's SDK make one with bounds " +
	"(a view, or OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=explicit_bucket_histogram)")

// errDelta: a delta says what was counted since the export before, and is no number of a week.
var errDelta = errors.New("has delta temporality, which says only what was counted since the export before: put the installation processor before the anonymizer, " +
	"or let the application export cumulative numbers (OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative)")

func isDelta(m pmetric.Metric) bool {
	const delta = pmetric.AggregationTemporalityDelta
	return m.Type() == pmetric.MetricTypeSum && m.Sum().AggregationTemporality() == delta ||
		m.Type() == pmetric.MetricTypeHistogram && m.Histogram().AggregationTemporality() == delta ||
		m.Type() == pmetric.MetricTypeExponentialHistogram && m.ExponentialHistogram().AggregationTemporality() == delta
}

func appendNumbers(points []point, numbers pmetric.NumberDataPointSlice) []point {
	for _, p := range numbers.All() {
		value := collect.Null()
		switch {
		case p.Flags().NoRecordedValue():
		case p.ValueType() == pmetric.NumberDataPointValueTypeInt:
			value = collect.Int(p.IntValue())
		case p.ValueType() == pmetric.NumberDataPointValueTypeDouble:
			value = collect.Double(p.DoubleValue())
		}
		points = append(points, point{p.Attributes(), p.Timestamp(), value})
	}
	return points
}
