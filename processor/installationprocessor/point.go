// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"encoding/binary"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// split makes of a metric one for each of its points, without what cannot be added
// up, and without exemplars, which name a single user's trace. It returns how many points that leaves out; a point without a value is none.
func split(m pmetric.Metric) (singles []pmetric.Metric, malformed int) {
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		for _, p := range m.Gauge().DataPoints().All() {
			if isNumber(p) {
				gauge := like(m, &singles).SetEmptyGauge()
				p.CopyTo(gauge.DataPoints().AppendEmpty())
				gauge.DataPoints().At(0).Exemplars().RemoveIf(always)
			} else if !p.Flags().NoRecordedValue() {
				malformed++
			}
		}
	case pmetric.MetricTypeSum:
		for _, p := range m.Sum().DataPoints().All() {
			if isNumber(p) {
				sum := like(m, &singles).SetEmptySum()
				sum.SetIsMonotonic(m.Sum().IsMonotonic())
				sum.SetAggregationTemporality(m.Sum().AggregationTemporality())
				p.CopyTo(sum.DataPoints().AppendEmpty())
				sum.DataPoints().At(0).Exemplars().RemoveIf(always)
			} else if !p.Flags().NoRecordedValue() {
				malformed++
			}
		}
	case pmetric.MetricTypeHistogram:
		for _, p := range m.Histogram().DataPoints().All() {
			if len(p.BucketCounts().AsRaw()) != 0 && p.BucketCounts().Len() != p.ExplicitBounds().Len()+1 {
				malformed++
				continue
			}
			histogram := like(m, &singles).SetEmptyHistogram()
			histogram.SetAggregationTemporality(m.Histogram().AggregationTemporality())
			p.CopyTo(histogram.DataPoints().AppendEmpty())
			histogram.DataPoints().At(0).Exemplars().RemoveIf(always)
		}
	case pmetric.MetricTypeExponentialHistogram:
		for _, p := range m.ExponentialHistogram().DataPoints().All() {
			histogram := like(m, &singles).SetEmptyExponentialHistogram()
			histogram.SetAggregationTemporality(m.ExponentialHistogram().AggregationTemporality())
			p.CopyTo(histogram.DataPoints().AppendEmpty())
			histogram.DataPoints().At(0).Exemplars().RemoveIf(always)
		}
	case pmetric.MetricTypeSummary: // quantiles do not add up
		malformed = m.Summary().DataPoints().Len()
	}
	return singles, malformed
}

func always(pmetric.Exemplar) bool { return true }

// like begins a metric of the same name and unit.
func like(m pmetric.Metric, singles *[]pmetric.Metric) pmetric.Metric {
	single := pmetric.NewMetric()
	single.SetName(m.Name())
	single.SetUnit(m.Unit())
	*singles = append(*singles, single)
	return single
}

func isNumber(p pmetric.NumberDataPoint) bool {
	switch {
	case p.Flags().NoRecordedValue():
		return false
	case p.ValueType() == pmetric.NumberDataPointValueTypeDouble:
		return !math.IsNaN(p.DoubleValue()) && !math.IsInf(p.DoubleValue(), 0)
	}
	return p.ValueType() == pmetric.NumberDataPointValueTypeInt
}

func isDelta(m pmetric.Metric) bool { return temporality(m) == pmetric.AggregationTemporalityDelta }

func temporality(m pmetric.Metric) pmetric.AggregationTemporality {
	switch m.Type() {
	case pmetric.MetricTypeSum:
		return m.Sum().AggregationTemporality()
	case pmetric.MetricTypeHistogram:
		return m.Histogram().AggregationTemporality()
	case pmetric.MetricTypeExponentialHistogram:
		return m.ExponentialHistogram().AggregationTemporality()
	}
	return pmetric.AggregationTemporalityUnspecified
}

func setCumulative(m pmetric.Metric) {
	switch m.Type() {
	case pmetric.MetricTypeSum:
		m.Sum().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	case pmetric.MetricTypeHistogram:
		m.Histogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	case pmetric.MetricTypeExponentialHistogram:
		m.ExponentialHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	}
}

// accumulates reports whether a metric only grows, so that what an ended process counted stays counted.
func accumulates(m pmetric.Metric) bool {
	return m.Type() == pmetric.MetricTypeHistogram || m.Type() == pmetric.MetricTypeExponentialHistogram ||
		(m.Type() == pmetric.MetricTypeSum && m.Sum().IsMonotonic())
}

// isOlder reports whether a point is of a time before another's; of one without a time nobody knows. Where the other's is
// yet to come a clock was set back, and its order says nothing.
func isOlder(m, than pmetric.Metric, now time.Time) bool {
	return timestamp(m) > 0 && timestamp(m) < timestamp(than) && !timestamp(than).AsTime().After(now)
}

// grew reports whether a point counts more since the same moment than another one.
func grew(m, than pmetric.Metric) bool {
	return accumulates(m) && startTimestamp(m) > 0 && size(m) > size(than)
}

// isSame reports whether a point says the same of the same time.
func isSame(m, as pmetric.Metric) bool { return areOfOneTime(m, as) && size(m) == size(as) }

// areOfOneTime reports whether two points are of the very same time.
func areOfOneTime(m, as pmetric.Metric) bool {
	return startTimestamp(m) == startTimestamp(as) && timestamp(m) == timestamp(as)
}

// size is what only grows in a metric that accumulates.
func size(m pmetric.Metric) float64 {
	switch m.Type() {
	case pmetric.MetricTypeHistogram:
		return float64(m.Histogram().DataPoints().At(0).Count())
	case pmetric.MetricTypeExponentialHistogram:
		return float64(m.ExponentialHistogram().DataPoints().At(0).Count())
	case pmetric.MetricTypeSum:
		if p := m.Sum().DataPoints().At(0); p.ValueType() == pmetric.NumberDataPointValueTypeInt {
			return float64(p.IntValue())
		}
		return m.Sum().DataPoints().At(0).DoubleValue()
	}
	return 0
}

// instant is what all kinds of points have.
type instant interface {
	Timestamp() pcommon.Timestamp
	SetTimestamp(pcommon.Timestamp)
	StartTimestamp() pcommon.Timestamp
	SetStartTimestamp(pcommon.Timestamp)
	Attributes() pcommon.Map
}

// point is a single's one point.
func point(m pmetric.Metric) instant {
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		return m.Gauge().DataPoints().At(0)
	case pmetric.MetricTypeSum:
		return m.Sum().DataPoints().At(0)
	case pmetric.MetricTypeHistogram:
		return m.Histogram().DataPoints().At(0)
	default:
		return m.ExponentialHistogram().DataPoints().At(0)
	}
}

func timestamp(m pmetric.Metric) pcommon.Timestamp      { return point(m).Timestamp() }
func startTimestamp(m pmetric.Metric) pcommon.Timestamp { return point(m).StartTimestamp() }

// metricKey tells metrics apart, whatever the attributes of their points.
func metricKey(m pmetric.Metric) string {
	monotonic := m.Type() == pmetric.MetricTypeSum && m.Sum().IsMonotonic()
	return string(appendPart(appendPart(appendPart(nil, m.Name()), dimension(m.Unit())), m.Type().String()+strconv.FormatBool(monotonic)))
}

// dimension is a unit without what only says what is counted: {order}, {Bestellung} and 1 are alike.
func dimension(unit string) string {
	unit = annotation.ReplaceAllString(unit, "")
	if unit == "1" {
		return ""
	}
	return unit
}

// annotation is UCUM's.
var annotation = regexp.MustCompile(`\{[^}]*\}`)

// seriesKey tells series apart: by metric and attributes. Of these 3 and "3" are alike, as they are in a report and in
// stores: the next version of an application may say the other.
func seriesKey(single pmetric.Metric) string {
	key := []byte(metricKey(single))
	attributes := point(single).Attributes()
	raw := attributes.AsRaw()
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		value, _ := attributes.Get(name)
		key = appendPart(appendPart(key, name), value.AsString())
	}
	return string(key)
}

func appendPart(key []byte, text string) []byte {
	return append(binary.AppendUvarint(key, uint64(len(text))), text...)
}

// appendPoint adds a single's point to a metric of its kind.
func appendPoint(m, single pmetric.Metric) {
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		single.Gauge().DataPoints().At(0).CopyTo(m.Gauge().DataPoints().AppendEmpty())
	case pmetric.MetricTypeSum:
		single.Sum().DataPoints().At(0).CopyTo(m.Sum().DataPoints().AppendEmpty())
	case pmetric.MetricTypeHistogram:
		single.Histogram().DataPoints().At(0).CopyTo(m.Histogram().DataPoints().AppendEmpty())
	case pmetric.MetricTypeExponentialHistogram:
		single.ExponentialHistogram().DataPoints().At(0).CopyTo(m.ExponentialHistogram().DataPoints().AppendEmpty())
	}
}
