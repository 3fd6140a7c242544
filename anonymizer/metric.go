// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// gather moves the points of all named metrics into new, bare metrics, one for
// each name, whatever scope they came in; their rules go to w.gathered.
func (w *work) gather(in pmetric.ScopeMetricsSlice, out pmetric.MetricSlice) {
	clear(w.names)
	w.repeats, w.before = true, len(w.gathered)
	w.gathered = w.gathered[:0]
	for i := range in.Len() {
		metrics := in.At(i).Metrics()
		if i == 0 {
			out.EnsureCapacity(metrics.Len())
		}
		for j := range metrics.Len() {
			w.gatherMetric(metrics.At(j), out)
		}
	}
}

func (w *work) gatherMetric(in pmetric.Metric, out pmetric.MetricSlice) {
	w.seen += int64(pointCount(in))
	name := in.Name()
	rule, again := w.metricRule(name)
	switch {
	case rule == nil:
		w.dropMetric(in, unnamed)
	case rule.drops:
		w.dropMetric(in, byRule)
	case in.Type() == pmetric.MetricTypeEmpty:
		w.dropMetric(in, malformed)
	default:
		at, met := w.placeAmongGathered(name, again)
		switch {
		case !met:
			w.gathered = append(w.gathered, gathered{name, rule})
			if len(w.gathered) > fewNames {
				w.names[name] = at
			}
			begin(in, rule, out.AppendEmpty())
		case !addPoints(in, out.At(at)):
			w.dropMetric(in, mixedTypes)
		}
	}
}

// gathered is a metric that may leave.
type gathered struct {
	name string
	rule *number
}

// Up to so many names are looked through one by one; beyond, by a map.
const fewNames = 16

// placeAmongGathered is the place of a name among those gathered, or the place where it belongs.
// As long as a resource has the names of the one before again, which w.repeats keeps in mind, none of them was
// gathered yet.
func (w *work) placeAmongGathered(name string, again bool) (at int, met bool) {
	at = len(w.gathered)
	if w.repeats = w.repeats && again && at < w.before; w.repeats {
		return at, false
	}
	for i := range min(at, fewNames) {
		if w.gathered[i].name == name {
			return i, true
		}
	}
	if known, met := w.names[name]; met {
		return known, true
	}
	return at, false
}

// metricRule finds a rule, nil where there is none. What was gathered at the same place of
// the resource before has mostly the same name again.
func (w *work) metricRule(name string) (rule *number, again bool) {
	if n := len(w.gathered); n < cap(w.gathered) {
		if before := &w.gathered[:n+1][n]; before.rule != nil && before.name == name {
			return before.rule, true
		}
	}
	rule, _ = w.metrics.find(name)
	return rule, false
}

// begin moves the points into a metric of which only the name and the type are read.
func begin(in pmetric.Metric, rule *number, out pmetric.Metric) {
	out.SetName(in.Name())
	out.SetUnit(rule.unit)
	switch in.Type() {
	case pmetric.MetricTypeGauge:
		in.Gauge().DataPoints().MoveAndAppendTo(out.SetEmptyGauge().DataPoints())
	case pmetric.MetricTypeSum:
		from, to := in.Sum(), out.SetEmptySum()
		to.SetAggregationTemporality(from.AggregationTemporality())
		to.SetIsMonotonic(from.IsMonotonic())
		from.DataPoints().MoveAndAppendTo(to.DataPoints())
	case pmetric.MetricTypeHistogram:
		from, to := in.Histogram(), out.SetEmptyHistogram()
		to.SetAggregationTemporality(from.AggregationTemporality())
		from.DataPoints().MoveAndAppendTo(to.DataPoints())
	case pmetric.MetricTypeExponentialHistogram:
		from, to := in.ExponentialHistogram(), out.SetEmptyExponentialHistogram()
		to.SetAggregationTemporality(from.AggregationTemporality())
		from.DataPoints().MoveAndAppendTo(to.DataPoints())
	case pmetric.MetricTypeSummary:
		in.Summary().DataPoints().MoveAndAppendTo(out.SetEmptySummary().DataPoints())
	}
}

// addPoints moves the points to those of the same name, and reports whether both metrics are of one type.
func addPoints(in, out pmetric.Metric) bool {
	if in.Type() != out.Type() || temporality(in) != temporality(out) {
		return false
	}
	switch in.Type() {
	case pmetric.MetricTypeGauge:
		in.Gauge().DataPoints().MoveAndAppendTo(out.Gauge().DataPoints())
	case pmetric.MetricTypeSum:
		if in.Sum().IsMonotonic() != out.Sum().IsMonotonic() {
			return false
		}
		in.Sum().DataPoints().MoveAndAppendTo(out.Sum().DataPoints())
	case pmetric.MetricTypeHistogram:
		in.Histogram().DataPoints().MoveAndAppendTo(out.Histogram().DataPoints())
	case pmetric.MetricTypeExponentialHistogram:
		in.ExponentialHistogram().DataPoints().MoveAndAppendTo(out.ExponentialHistogram().DataPoints())
	case pmetric.MetricTypeSummary:
		in.Summary().DataPoints().MoveAndAppendTo(out.Summary().DataPoints())
	}
	return true
}

// treatMetric cleans the points of a bare metric and reports whether it leaves.
// A metric that came without points leaves without points: zero groups, not a failure.
func (w *work) treatMetric(m pmetric.Metric, rule *number) bool {
	w.rule, w.temporality = rule, temporality(m)
	w.place.name, w.place.part = m.Name(), ""
	w.place.delta = w.temporality == pmetric.AggregationTemporalityDelta
	w.place.histogram = m.Type() != pmetric.MetricTypeGauge && m.Type() != pmetric.MetricTypeSum
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		return treatNumbers(w, m.Gauge().DataPoints(), &gaugePoints)
	case pmetric.MetricTypeSum:
		return treatNumbers(w, m.Sum().DataPoints(), &sumPoints)
	case pmetric.MetricTypeHistogram:
		return treat(w, m.Histogram().DataPoints(), &histogramPoints)
	case pmetric.MetricTypeExponentialHistogram:
		return treat(w, m.ExponentialHistogram().DataPoints(), &exponentialPoints)
	default:
		return treat(w, m.Summary().DataPoints(), &summaryPoints)
	}
}

func (w *work) dropMetric(m pmetric.Metric, why reason) {
	w.drop(aMetric, why)
	w.dropped[aPoint][why] += int64(pointCount(m))
	w.showDropped(m)
}

func temporality(m pmetric.Metric) pmetric.AggregationTemporality {
	switch m.Type() {
	case pmetric.MetricTypeSum:
		return m.Sum().AggregationTemporality()
	case pmetric.MetricTypeHistogram:
		return m.Histogram().AggregationTemporality()
	case pmetric.MetricTypeExponentialHistogram:
		return m.ExponentialHistogram().AggregationTemporality()
	default:
		return pmetric.AggregationTemporalityUnspecified
	}
}

func pointCount(m pmetric.Metric) int {
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		return m.Gauge().DataPoints().Len()
	case pmetric.MetricTypeSum:
		return m.Sum().DataPoints().Len()
	case pmetric.MetricTypeHistogram:
		return m.Histogram().DataPoints().Len()
	case pmetric.MetricTypeExponentialHistogram:
		return m.ExponentialHistogram().DataPoints().Len()
	case pmetric.MetricTypeSummary:
		return m.Summary().DataPoints().Len()
	default:
		return 0
	}
}
