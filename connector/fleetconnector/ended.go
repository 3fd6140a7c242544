// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// A series that is told no more would stand for minutes beside what took its place, and the parts would be
// more than the whole. OpenTelemetry says of such a series, once, that it has no value: Prometheus ends it then.

// lastly is what is told now and, without a value, each series that was told before and is no more.
func lastly(before, told pmetric.Metrics, now pcommon.Timestamp) pmetric.Metrics {
	all := pmetric.NewMetrics()
	told.CopyTo(all)
	metrics := all.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics()
	current := map[string]pmetric.Metric{}
	for _, m := range metrics.All() {
		current[m.Name()] = m
	}
	for _, m := range before.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		to, still := current[m.Name()]
		if !still {
			to = metrics.AppendEmpty()
			m.CopyTo(to)
			clearPoints(to)
		}
		end(m, to, now)
	}
	return all
}

// clearPoints leaves of a metric what it is.
func clearPoints(m pmetric.Metric) {
	pointsOf(m).RemoveIf(func(pmetric.NumberDataPoint) bool { return true })
	if m.Type() == pmetric.MetricTypeHistogram {
		m.Histogram().DataPoints().RemoveIf(func(pmetric.HistogramDataPoint) bool { return true })
	}
}

// end adds to a metric a point without a value for each series that it had before.
func end(before, to pmetric.Metric, now pcommon.Timestamp) {
	if before.Type() == pmetric.MetricTypeHistogram { // which has one series
		if points := to.Histogram().DataPoints(); points.Len() == 0 {
			p := points.AppendEmpty()
			p.SetTimestamp(now)
			p.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
		}
		return
	}
	points := pointsOf(to)
	for _, p := range pointsOf(before).All() {
		if has(points, p.Attributes()) {
			continue
		}
		last := points.AppendEmpty()
		p.Attributes().CopyTo(last.Attributes())
		last.SetTimestamp(now)
		last.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	}
}

func has(points pmetric.NumberDataPointSlice, attributes pcommon.Map) bool {
	for _, p := range points.All() {
		if p.Attributes().Equal(attributes) {
			return true
		}
	}
	return false
}
