// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package transform

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// timed is what every kind of point has.
type timed interface {
	SetStartTimestamp(pcommon.Timestamp)
	SetTimestamp(pcommon.Timestamp)
	Attributes() pcommon.Map
}

func identify(to timed, attributes attribute.Set, start, at time.Time) {
	to.SetStartTimestamp(timestamp(start))
	to.SetTimestamp(timestamp(at))
	to.Attributes().EnsureCapacity(attributes.Len())
	for iter := attributes.Iter(); iter.Next(); {
		put(to.Attributes(), iter.Attribute())
	}
}

// timestamp is 0 for what lies before 1970, the zero time among it.
func timestamp(t time.Time) pcommon.Timestamp { return pcommon.Timestamp(max(0, t.UnixNano())) }

func numbers[N int64 | float64](points []metricdata.DataPoint[N], to pmetric.NumberDataPointSlice) {
	to.EnsureCapacity(len(points))
	for i := range points {
		p := to.AppendEmpty()
		identify(p, points[i].Attributes, points[i].StartTime, points[i].Time)
		switch value := any(points[i].Value).(type) {
		case int64:
			p.SetIntValue(value)
		case float64:
			p.SetDoubleValue(value)
		}
	}
}

func histogramPoints[N int64 | float64](points []metricdata.HistogramDataPoint[N], to pmetric.HistogramDataPointSlice) {
	to.EnsureCapacity(len(points))
	for i := range points {
		from, p := &points[i], to.AppendEmpty()
		identify(p, from.Attributes, from.StartTime, from.Time)
		p.SetCount(from.Count)
		p.SetSum(float64(from.Sum))
		p.ExplicitBounds().FromRaw(from.Bounds)
		p.BucketCounts().FromRaw(from.BucketCounts)
		extremes(p, from.Min, from.Max)
	}
}

func exponentialPoints[N int64 | float64](points []metricdata.ExponentialHistogramDataPoint[N], to pmetric.ExponentialHistogramDataPointSlice) {
	to.EnsureCapacity(len(points))
	for i := range points {
		from, p := &points[i], to.AppendEmpty()
		identify(p, from.Attributes, from.StartTime, from.Time)
		p.SetCount(from.Count)
		p.SetSum(float64(from.Sum))
		p.SetScale(from.Scale)
		p.SetZeroCount(from.ZeroCount)
		buckets(from.PositiveBucket, p.Positive())
		buckets(from.NegativeBucket, p.Negative())
		extremes(p, from.Min, from.Max)
	}
}

func buckets(from metricdata.ExponentialBucket, to pmetric.ExponentialHistogramDataPointBuckets) {
	to.SetOffset(from.Offset)
	to.BucketCounts().FromRaw(from.Counts)
}

// ranged is a histogram's point of either kind.
type ranged interface {
	SetMin(float64)
	SetMax(float64)
}

func extremes[N int64 | float64](to ranged, least, most metricdata.Extrema[N]) {
	if value, defined := least.Value(); defined {
		to.SetMin(float64(value))
	}
	if value, defined := most.Value(); defined {
		to.SetMax(float64(value))
	}
}

func summary(data metricdata.Summary, to pmetric.SummaryDataPointSlice) {
	to.EnsureCapacity(len(data.DataPoints))
	for i := range data.DataPoints {
		from, p := &data.DataPoints[i], to.AppendEmpty()
		identify(p, from.Attributes, from.StartTime, from.Time)
		p.SetCount(from.Count)
		p.SetSum(from.Sum)
		for _, quantile := range from.QuantileValues {
			q := p.QuantileValues().AppendEmpty()
			q.SetQuantile(quantile.Quantile)
			q.SetValue(quantile.Value)
		}
	}
}
