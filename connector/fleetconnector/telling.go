// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
	"github.com/headcount-otel/headcount/connector/fleetconnector/internal/metadata"
)

const (
	// prefix of all names: a fleet's figure is not the metric of one installation.
	prefix = "fleet."
	// rangeAttribute holds the range in which the counted installations' numbers lie.
	rangeAttribute = "fleet.range"
)

// telling is the figures of one moment in the making. It starts from nothing: what
// installations sent is not in it, but for the values that an entry tells by name.
type telling struct {
	pmetric.Metrics
	metrics    pmetric.MetricSlice
	start, now pcommon.Timestamp
}

// newTelling begins the telling of now by the connector of this name, empty for the only one.
func newTelling(name string, start, now time.Time) *telling {
	t := &telling{Metrics: pmetric.NewMetrics(), start: pcommon.NewTimestampFromTime(start), now: pcommon.NewTimestampFromTime(now)}
	resource := t.ResourceMetrics().AppendEmpty()
	if name != "" {
		resource.Resource().Attributes().PutStr("service.name", name)
	}
	scope := resource.ScopeMetrics().AppendEmpty()
	scope.Scope().SetName(metadata.ScopeName)
	t.metrics = scope.Metrics()
	return t
}

// gauge adds a gauge.
func (t *telling) gauge(name, unit string) series {
	return series{points: t.metric(name, unit).SetEmptyGauge().DataPoints(), now: t.now}
}

// upDownCounter adds a metric of what can be added up over fleets, and may fall.
func (t *telling) upDownCounter(name, unit string) series {
	sum := t.metric(name, unit).SetEmptySum()
	sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	return series{sum.DataPoints(), t.start, t.now}
}

// installations adds the metric of how many installations the figure of this name is made of.
func (t *telling) installations(name string) series {
	return t.upDownCounter(name+".installation.count", "{installation}")
}

// estimates adds a gauge of estimates, and those of the ends of their 95 % intervals.
func (t *telling) estimates(name, unit string) estimates {
	return estimates{t.gauge(name, unit), t.gauge(name+"_low", unit), t.gauge(name+"_high", unit)}
}

func (t *telling) metric(name, unit string) pmetric.Metric {
	m := t.metrics.AppendEmpty()
	m.SetName(prefix + name)
	m.SetUnit(unit)
	return m
}

// series is a metric in the making.
type series struct {
	points     pmetric.NumberDataPointSlice
	start, now pcommon.Timestamp
}

func (s series) point() pmetric.NumberDataPoint {
	p := s.points.AppendEmpty()
	p.SetStartTimestamp(s.start)
	p.SetTimestamp(s.now)
	return p
}

// count adds a count, and returns what can tell it from others.
func (s series) count(n int) pcommon.Map {
	p := s.point()
	p.SetIntValue(int64(n))
	return p.Attributes()
}

// number adds a number, and returns what can tell it from others.
func (s series) number(x float64) pcommon.Map {
	p := s.point()
	p.SetDoubleValue(x)
	return p.Attributes()
}

// estimates are three gauges in the making.
type estimates struct {
	value, low, high series
}

// add adds the estimate of all.
func (e estimates) add(of mechanism.Estimate) {
	e.value.number(of.Value)
	e.low.number(of.Low)
	e.high.number(of.High)
}

// addFor adds the estimate of those for whom attribute is text.
func (e estimates) addFor(attribute, text string, of mechanism.Estimate) {
	e.value.number(of.Value).PutStr(attribute, text)
	e.low.number(of.Low).PutStr(attribute, text)
	e.high.number(of.High).PutStr(attribute, text)
}
