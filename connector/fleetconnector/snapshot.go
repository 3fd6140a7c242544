// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"math"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// prefix of all names: a fleet's aggregate is not the metric of one installation.
const prefix = "fleet."

// snapshot is the metrics of one aggregate in the making. It starts from nothing:
// what installations sent is not in it, but for the values that an entry tells by name.
type snapshot struct {
	metrics pmetric.MetricSlice
	// min is how many installations there are behind everything that is told.
	min int
	// named chooses the values that are told by name.
	named func(counted map[string]int, limit int) []string
}

// tells reports whether something may be told of so many installations.
func (s *snapshot) tells(installations int) bool { return installations >= s.min }

// gauge adds a gauge.
func (s *snapshot) gauge(name, unit, description string) series {
	return series{s.metric(name, unit, description).SetEmptyGauge().DataPoints()}
}

// upDownCounter adds a metric of what can be added up over fleets, and may fall.
func (s *snapshot) upDownCounter(name, unit, description string) series {
	sum := s.metric(name, unit, description).SetEmptySum()
	sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	return series{sum.DataPoints()}
}

// installations adds the metric of how many installations an aggregate is made of.
func (s *snapshot) installations(about aggregate) series {
	return s.upDownCounter(about.name+".installation.count", "{installation}", "Installations that say this. "+about.description)
}

// histogram adds one of counts by upper end; without a sum where that is not a number.
func (s *snapshot) histogram(name, unit, description string, uppers []float64, counts []int, sum float64) {
	histogram := s.metric(name, unit, description).SetEmptyHistogram()
	histogram.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	p := histogram.DataPoints().AppendEmpty()
	p.ExplicitBounds().FromRaw(uppers)
	total := uint64(0)
	for _, count := range counts {
		p.BucketCounts().Append(uint64(count))
		total += uint64(count)
	}
	p.SetCount(total)
	if !math.IsNaN(sum) && !math.IsInf(sum, 0) {
		p.SetSum(sum)
	}
}

// estimates adds a gauge of estimates, and those of the ends of their 95 % intervals.
func (s *snapshot) estimates(name, unit, description string) estimates {
	return estimates{
		s.gauge(name, unit, "Estimated "+description),
		s.gauge(name+"_low", unit, "Lower end of the 95 % interval of the "+description),
		s.gauge(name+"_high", unit, "Upper end of the 95 % interval of the "+description),
	}
}

func (s *snapshot) metric(name, unit, description string) pmetric.Metric {
	m := s.metrics.AppendEmpty()
	m.SetName(prefix + name)
	m.SetUnit(unit)
	m.SetDescription(strings.TrimSpace(description))
	return m
}

// series is a metric in the making.
type series struct {
	points pmetric.NumberDataPointSlice
}

// count adds a count, and returns what can tell it from others.
func (s series) count(n int) pcommon.Map {
	p := s.points.AppendEmpty()
	p.SetIntValue(int64(n))
	return p.Attributes()
}

// number adds a number, and returns what can tell it from others.
func (s series) number(x float64) pcommon.Map {
	p := s.points.AppendEmpty()
	p.SetDoubleValue(x)
	return p.Attributes()
}

// estimates are three gauges in the making.
type estimates struct {
	value, low, high series
}

// add adds an estimate, cut to what is possible, and returns what can tell its three numbers from others.
func (e estimates) add(of mechanism.Estimate, most float64) [3]pcommon.Map {
	return [3]pcommon.Map{
		e.value.number(min(max(of.Value, 0), most)),
		e.low.number(of.Low),
		e.high.number(of.High),
	}
}
