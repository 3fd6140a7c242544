// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// regroup moves the points of all named metrics into new, bare metrics, one for
// each name, whatever scope they came in; their rules go to w.outgoing.
func (w *batch) regroup(in pmetric.ScopeMetricsSlice, out pmetric.MetricSlice) {
	clear(w.names)
	w.repeats, w.before = true, len(w.outgoing)
	w.outgoing = w.outgoing[:0]
	for i := range in.Len() {
		metrics := in.At(i).Metrics()
		if i == 0 {
			out.EnsureCapacity(metrics.Len())
		}
		for j := range metrics.Len() {
			w.regroupMetric(metrics.At(j), out)
		}
	}
}

func (w *batch) regroupMetric(in pmetric.Metric, out pmetric.MetricSlice) {
	w.seen += int64(pointCount(in))
	name := in.Name()
	chain, again := w.metricRule(name)
	switch {
	case chain == nil:
		w.dropMetric(in, unnamed)
	case chain.Drops:
		w.dropMetric(in, byRule)
	case in.Type() == pmetric.MetricTypeEmpty:
		w.dropMetric(in, malformed)
	default:
		at, met := w.positionOf(name, again)
		switch {
		case !met:
			w.outgoing = append(w.outgoing, outgoing{name, chain})
			if len(w.outgoing) > fewNames {
				w.names[name] = at
			}
			begin(in, chain, out.AppendEmpty())
		case !addPoints(in, out.At(at)):
			w.dropMetric(in, mixedTypes)
		}
	}
}

// outgoing is a metric that may leave.
type outgoing struct {
	name  string
	chain *rule.Chain
}

// Up to so many names are looked through one by one; beyond, by a map.
const fewNames = 16

// positionOf is the position of a name among those found, or the position where it belongs.
// As long as a resource has the names of the one before again, which w.repeats keeps in mind, none of them was
// found yet.
func (w *batch) positionOf(name string, again bool) (at int, met bool) {
	at = len(w.outgoing)
	if w.repeats = w.repeats && again && at < w.before; w.repeats {
		return at, false
	}
	for i := range min(at, fewNames) {
		if w.outgoing[i].name == name {
			return i, true
		}
	}
	if known, met := w.names[name]; met {
		return known, true
	}
	return at, false
}

// metricRule finds a rule, nil where there is none. What was found at the same position of
// the resource before has mostly the same name again.
func (w *batch) metricRule(name string) (chain *rule.Chain, again bool) {
	if n := len(w.outgoing); n < cap(w.outgoing) {
		if before := &w.outgoing[:n+1][n]; before.chain != nil && before.name == name {
			return before.chain, true
		}
	}
	chain, _ = w.metrics.find(name)
	return chain, false
}

// begin moves the points into a metric of which only the name and the type are read.
func begin(in pmetric.Metric, chain *rule.Chain, out pmetric.Metric) {
	out.SetName(in.Name())
	out.SetUnit(chain.Unit)
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

// applyMetric cleans the points of a bare metric and reports whether it leaves.
// A metric that came without points leaves without points: zero groups, not a failure.
func (w *batch) applyMetric(m pmetric.Metric, chain *rule.Chain) bool {
	w.chain, w.temporality = chain, temporality(m)
	w.key.Name, w.key.Part = m.Name(), ""
	w.key.Delta = w.temporality == pmetric.AggregationTemporalityDelta
	w.ranges = m.Type() == pmetric.MetricTypeExponentialHistogram
	w.key.Histogram = m.Type() != pmetric.MetricTypeGauge && m.Type() != pmetric.MetricTypeSum
	w.watchDraw()
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		return applyNumbers(w, m.Gauge().DataPoints(), &gaugePoints)
	case pmetric.MetricTypeSum:
		return applyNumbers(w, m.Sum().DataPoints(), &sumPoints)
	case pmetric.MetricTypeHistogram:
		return applyAll(w, m.Histogram().DataPoints(), &histogramPoints)
	case pmetric.MetricTypeExponentialHistogram:
		return applyAll(w, m.ExponentialHistogram().DataPoints(), &exponentialPoints)
	default:
		return applyAll(w, m.Summary().DataPoints(), &summaryPoints)
	}
}

func (w *batch) dropMetric(m pmetric.Metric, why rule.Outcome) {
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
