// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"iter"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// observations are what one installation's report says of the aggregates.
func (a aggregates) observations(report pmetric.ResourceMetrics) iter.Seq2[int, observation] {
	return func(yield func(int, observation) bool) {
		for name, value := range report.Resource().Attributes().All() {
			if index, wanted := a.resource[name]; wanted && !yield(index, observation{value: value}) {
				return
			}
		}
		for _, scope := range report.ScopeMetrics().All() {
			for _, metric := range scope.Metrics().All() {
				if index, wanted := a.metric[metric.Name()]; wanted && !yield(index, observation{metric: metric, ofMetric: true}) {
					return
				}
			}
		}
	}
}

// reportedAt is a report's own time: that of its newest point. A time that lies
// further ahead than anything counts, or none at all, is that of its arrival.
func reportedAt(report pmetric.ResourceMetrics, now time.Time, window time.Duration) seconds {
	newest := pcommon.Timestamp(0)
	for _, scope := range report.ScopeMetrics().All() {
		for _, metric := range scope.Metrics().All() {
			for at := range timesOf(metric) {
				newest = max(newest, at)
			}
		}
	}
	if at := newest.AsTime(); at.Unix() > 0 && at.Before(now.Add(window)) {
		return secondsOf(at)
	}
	return secondsOf(now)
}

func timesOf(metric pmetric.Metric) iter.Seq[pcommon.Timestamp] {
	return func(yield func(pcommon.Timestamp) bool) {
		if metric.Type() == pmetric.MetricTypeHistogram {
			for _, p := range metric.Histogram().DataPoints().All() {
				if !yield(p.Timestamp()) {
					return
				}
			}
		}
		for _, p := range pointsOf(metric).All() {
			if !yield(p.Timestamp()) {
				return
			}
		}
	}
}

// metricsIn are all metrics, whatever resource and scope they are of.
func metricsIn(md pmetric.Metrics) iter.Seq[pmetric.Metric] {
	return func(yield func(pmetric.Metric) bool) {
		for _, resource := range md.ResourceMetrics().All() {
			for _, scope := range resource.ScopeMetrics().All() {
				for _, m := range scope.Metrics().All() {
					if !yield(m) {
						return
					}
				}
			}
		}
	}
}

// pointsOf are the points of a gauge or sum.
func pointsOf(metric pmetric.Metric) pmetric.NumberDataPointSlice {
	switch metric.Type() {
	case pmetric.MetricTypeGauge:
		return metric.Gauge().DataPoints()
	case pmetric.MetricTypeSum:
		return metric.Sum().DataPoints()
	default:
		return pmetric.NewNumberDataPointSlice()
	}
}

// single is the value that an attribute has, or a gauge or sum of one point, empty
// for one without a recorded value. A point with attributes is one of a group, and
// no number of the whole installation.
func (o observation) single() (pcommon.Value, bool) {
	if !o.ofMetric {
		return o.value, true
	}
	points := pointsOf(o.metric)
	if points.Len() != 1 || points.At(0).Attributes().Len() > 0 {
		return pcommon.Value{}, false
	}
	return valueOf(points.At(0)), true
}

func valueOf(p pmetric.NumberDataPoint) pcommon.Value {
	switch {
	case p.Flags().NoRecordedValue() || p.ValueType() == pmetric.NumberDataPointValueTypeEmpty:
		return pcommon.NewValueEmpty()
	case p.ValueType() == pmetric.NumberDataPointValueTypeInt:
		return pcommon.NewValueInt(p.IntValue())
	default:
		return pcommon.NewValueDouble(p.DoubleValue())
	}
}
