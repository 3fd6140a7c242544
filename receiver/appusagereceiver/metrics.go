// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/metadata"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/trust"
)

// metricsOf makes one resource of a scrape: gauges for its numbers and those of fresh events, attributes for the rest.
func metricsOf(cfg *Config, s *scrape, fresh map[string]result, at time.Time) pmetric.Metrics {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	describe(rm.Resource().Attributes(), cfg, s)
	scope := rm.ScopeMetrics().AppendEmpty()
	scope.Scope().SetName(metadata.ScopeName)
	gauges := gauges{scope.Metrics(), pcommon.NewTimestampFromTime(at)}
	for _, name := range cfg.Metrics.Names() {
		m := cfg.Metrics[name]
		if m.CountPer != nil {
			gauges.histogram(name, m.Unit, m.CountPer.Bounds, s.metrics[name])
			continue
		}
		gauges.add(name, m.Unit, m.columns(), s.metrics[name])
	}
	for _, event := range cfg.Events.Names() {
		metrics := cfg.Events[event].Metrics
		for _, name := range metrics.Names() {
			if got, isNew := fresh[name]; isNew {
				gauges.add(name, metrics[name].Unit, nil, got)
			}
		}
	}
	return md
}

// describe writes the resource attributes: an empty one where nothing was found,
// none where the reading failed, and the names of those and of the metrics that failed.
func describe(attributes pcommon.Map, cfg *Config, s *scrape) {
	failed := pcommon.NewSlice()
	names := cfg.Resource.Names()
	if _, configured := cfg.Resource[instanceID]; !configured {
		names = append(names, instanceID)
	}
	for _, name := range names {
		got := s.resource[name]
		if got.failed {
			failed.AppendEmpty().SetStr(name)
			continue
		}
		put(attributes.PutEmpty(name), got.value)
	}
	for _, name := range cfg.Metrics.Names() {
		if s.metrics[name].failed {
			failed.AppendEmpty().SetStr(name)
		}
	}
	if failed.Len() > 0 {
		failed.CopyTo(attributes.PutEmptySlice(trust.FailedReadings))
	}
}

// put writes a value; a time as RFC 3339 text in UTC.
func put(to pcommon.Value, value source.Value) {
	switch v := value.(type) {
	case bool:
		to.SetBool(v)
	case int64:
		to.SetInt(v)
	case float64:
		to.SetDouble(v)
	case string:
		to.SetStr(v)
	case time.Time:
		to.SetStr(v.UTC().Format(time.RFC3339Nano))
	}
}

type gauges struct {
	metrics pmetric.MetricSlice
	at      pcommon.Timestamp
}

// add makes a gauge: a point for each group, or one, which has no value where nothing was found;
// none where the reading failed.
func (g gauges) add(name, unit string, by []string, got result) {
	if got.failed {
		return
	}
	m := g.metrics.AppendEmpty()
	m.SetName(name)
	m.SetUnit(unit)
	points := m.SetEmptyGauge().DataPoints()
	if len(by) == 0 {
		g.point(points, got.value)
		return
	}
	for _, group := range got.groups {
		attributes := g.point(points, group.Count).Attributes()
		for i, value := range group.By {
			put(attributes.PutEmpty(by[i]), value)
		}
	}
}

// histogram makes one of groups, each of which is a bucket; the number of rows itself is not told.
func (g gauges) histogram(name, unit string, bounds []int64, got result) {
	if got.failed {
		return
	}
	m := g.metrics.AppendEmpty()
	m.SetName(name)
	m.SetUnit(unit)
	h := m.SetEmptyHistogram()
	h.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	point := h.DataPoints().AppendEmpty()
	point.SetTimestamp(g.at)
	for _, bound := range bounds {
		point.ExplicitBounds().Append(float64(bound))
	}
	var total uint64
	for _, group := range got.groups {
		point.BucketCounts().Append(uint64(group.Count))
		total += uint64(group.Count)
	}
	point.SetCount(total)
}

func (g gauges) point(points pmetric.NumberDataPointSlice, value source.Value) pmetric.NumberDataPoint {
	point := points.AppendEmpty()
	point.SetTimestamp(g.at)
	switch v := value.(type) {
	case int64:
		point.SetIntValue(v)
	case float64:
		point.SetDoubleValue(v)
	default:
		point.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	}
	return point
}
