// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"fmt"
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// point is a data point of any type, as a stat says it.
type point struct {
	attributes pcommon.Map
	time       pcommon.Timestamp
	value      Value
}

// gather files one resource's metrics by name: one metric may lie in several scopes.
func (r *reading) gather(resource pmetric.ResourceMetrics) {
	for _, scope := range resource.ScopeMetrics().All() {
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
		default:
			return points, fmt.Errorf("is of type %s, which a stat cannot say", part.Type())
		}
	}
	for _, p := range points {
		if p.value.Kind() == KindDouble && !isFinite(p.value.Double()) {
			return points, errNotFinite
		}
	}
	return points, nil
}

func appendNumbers(points []point, numbers pmetric.NumberDataPointSlice) []point {
	for _, p := range numbers.All() {
		value := Null()
		switch {
		case p.Flags().NoRecordedValue():
		case p.ValueType() == pmetric.NumberDataPointValueTypeInt:
			value = Int(p.IntValue())
		case p.ValueType() == pmetric.NumberDataPointValueTypeDouble:
			value = Double(p.DoubleValue())
		}
		points = append(points, point{p.Attributes(), p.Timestamp(), value})
	}
	return points
}

func isFinite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
