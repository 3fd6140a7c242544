// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// take notes what one installation's report says of each figure, and counts the
// values that cannot be answers. What it says without a value (suppressed, or
// looked for and not found) takes back what it said before; what it does not
// mention stays as it was.
func (f figures) take(report pmetric.ResourceMetrics, from *installation, now seconds) (unfit int) {
	note := func(index int, value pcommon.Value) {
		if value.Type() == pcommon.ValueTypeEmpty {
			from.answers[index] = answer{}
			return
		}
		said, ok := f.all[index].hear(value)
		if !ok {
			unfit++
			return
		}
		said.at = now
		from.answers[index] = said
	}
	for name, value := range report.Resource().Attributes().All() {
		if index, wanted := f.resource[name]; wanted {
			note(index, value)
		}
	}
	for _, scope := range report.ScopeMetrics().All() {
		for _, metric := range scope.Metrics().All() {
			if index, wanted := f.metric[metric.Name()]; wanted {
				if value, ok := numberOf(metric); ok {
					note(index, value)
				} else {
					unfit++
				}
			}
		}
	}
	return unfit
}

// numberOf is the number that a gauge or sum of one point has, empty for a point
// without a recorded value. A point with attributes is one of a group, and no
// number of the whole installation.
func numberOf(metric pmetric.Metric) (pcommon.Value, bool) {
	var points pmetric.NumberDataPointSlice
	switch metric.Type() {
	case pmetric.MetricTypeGauge:
		points = metric.Gauge().DataPoints()
	case pmetric.MetricTypeSum:
		points = metric.Sum().DataPoints()
	default:
		return pcommon.Value{}, false
	}
	if points.Len() != 1 || points.At(0).Attributes().Len() > 0 {
		return pcommon.Value{}, false
	}
	switch p := points.At(0); {
	case p.Flags().NoRecordedValue() || p.ValueType() == pmetric.NumberDataPointValueTypeEmpty:
		return pcommon.NewValueEmpty(), true
	case p.ValueType() == pmetric.NumberDataPointValueTypeInt:
		return pcommon.NewValueInt(p.IntValue()), true
	default:
		return pcommon.NewValueDouble(p.DoubleValue()), true
	}
}
