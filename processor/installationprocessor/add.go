// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"math"
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// add adds a single's point to another of the same series: counts, sums and
// buckets. It reports false, and changes nothing, where they do not add up.
func add(to, from pmetric.Metric) bool {
	added := true
	switch to.Type() {
	case pmetric.MetricTypeSum:
		addNumber(to.Sum().DataPoints().At(0), from.Sum().DataPoints().At(0))
	case pmetric.MetricTypeHistogram:
		addHistogram(to.Histogram().DataPoints().At(0), from.Histogram().DataPoints().At(0))
	case pmetric.MetricTypeExponentialHistogram:
		addExponential(to.ExponentialHistogram().DataPoints().At(0), from.ExponentialHistogram().DataPoints().At(0))
	default:
		added = false
	}
	if added {
		span(point(to), point(from))
	}
	return added
}

// span makes a point's time that of both.
func span(to, from instant) {
	to.SetTimestamp(max(to.Timestamp(), from.Timestamp()))
	switch {
	case from.StartTimestamp() == 0:
	case to.StartTimestamp() == 0:
		to.SetStartTimestamp(from.StartTimestamp())
	default:
		to.SetStartTimestamp(min(to.StartTimestamp(), from.StartTimestamp()))
	}
}

func addNumber(to, from pmetric.NumberDataPoint) {
	if to.ValueType() == pmetric.NumberDataPointValueTypeInt && from.ValueType() == pmetric.NumberDataPointValueTypeInt {
		if sum := to.IntValue() + from.IntValue(); (sum >= to.IntValue()) == (from.IntValue() >= 0) {
			to.SetIntValue(sum)
			return
		}
	}
	to.SetDoubleValue(asDouble(to) + asDouble(from))
}

func asDouble(p pmetric.NumberDataPoint) float64 {
	if p.ValueType() == pmetric.NumberDataPointValueTypeInt {
		return float64(p.IntValue())
	}
	return p.DoubleValue()
}

// summary is what both kinds of histograms say of their values beside the buckets.
type summary interface {
	Count() uint64
	SetCount(uint64)
	HasSum() bool
	Sum() float64
	SetSum(float64)
	RemoveSum()
	RemoveMin()
	RemoveMax()
}

// addSummary leaves out what is known of one of the two alone, and the extremes, which are of a process's own time.
func addSummary(to, from summary) {
	to.SetCount(to.Count() + from.Count())
	if to.HasSum() && from.HasSum() {
		to.SetSum(to.Sum() + from.Sum())
	} else {
		to.RemoveSum()
	}
	to.RemoveMin()
	to.RemoveMax()
}

// addHistogram brings both to the bounds that they share first: between two of those all buckets of either lie whole.
func addHistogram(to, from pmetric.HistogramDataPoint) {
	shared := common(to.ExplicitBounds(), from.ExplicitBounds())
	sum, more := bucketsAt(shared, to), bucketsAt(shared, from)
	for i := range sum {
		sum[i] += more[i]
	}
	to.ExplicitBounds().FromRaw(shared)
	to.BucketCounts().FromRaw(sum)
	addSummary(to, from)
}

// common are the bounds that are in both.
func common(bounds, others pcommon.Float64Slice) (shared []float64) {
	for _, bound := range bounds.All() {
		if slices.Contains(others.AsRaw(), bound) {
			shared = append(shared, bound)
		}
	}
	return shared
}

// bucketsAt are a histogram's counts between some of its bounds. One without buckets has one, of all.
func bucketsAt(bounds []float64, p pmetric.HistogramDataPoint) []uint64 {
	counts := make([]uint64, len(bounds)+1)
	if p.BucketCounts().Len() == 0 {
		counts[0] = p.Count()
		return counts
	}
	at := 0
	for i, count := range p.BucketCounts().All() {
		counts[at] += count
		if at < len(bounds) && i < p.ExplicitBounds().Len() && p.ExplicitBounds().At(i) == bounds[at] {
			at++
		}
	}
	return counts
}

// addExponential brings both to the coarser scale first (OpenTelemetry's data
// model, "Exponential Histogram: Merging"): there a bucket of the finer one lies
// within one bucket whole.
func addExponential(to, from pmetric.ExponentialHistogramDataPoint) {
	scale := min(to.Scale(), from.Scale())
	positive, negative := map[int32]uint64{}, map[int32]uint64{}
	gather(positive, to.Positive(), to.Scale()-scale)
	gather(positive, from.Positive(), from.Scale()-scale)
	gather(negative, to.Negative(), to.Scale()-scale)
	gather(negative, from.Negative(), from.Scale()-scale)
	zeros := to.ZeroCount() + from.ZeroCount()
	if to.ZeroThreshold() != from.ZeroThreshold() {
		threshold, more := widenZero(max(to.ZeroThreshold(), from.ZeroThreshold()), scale, positive, negative)
		to.SetZeroThreshold(threshold)
		zeros += more
	}
	for width(positive) > maxBuckets || width(negative) > maxBuckets {
		positive, negative = coarser(positive), coarser(negative)
		scale--
	}
	spread(positive, to.Positive())
	spread(negative, to.Negative())
	to.SetScale(scale)
	to.SetZeroCount(zeros)
	addSummary(to, from)
}

// widenZero takes out what one of the two counted into buckets below the threshold of the other, who counted it as
// zero (data model, "Exponential Histogram: Zero Count and Zero Threshold"). Where the threshold lies within a bucket that
// counted something it moves to the bucket's end, as nobody knows on which side of it the values lay.
func widenZero(threshold float64, scale int32, positive, negative map[int32]uint64) (widened float64, zeros uint64) {
	within := int64(math.MinInt64)
	signs := []map[int32]uint64{positive, negative}
	for _, counts := range signs {
		for index := range counts {
			if bound(int64(index), scale) < threshold {
				within = max(within, int64(index))
			}
		}
	}
	for _, counts := range signs {
		for index, count := range counts {
			if int64(index) <= within {
				zeros += count
				delete(counts, index)
			}
		}
	}
	if zeros > 0 {
		threshold = max(threshold, min(bound(within+1, scale), math.MaxFloat64))
	}
	return threshold, zeros
}

// bound is where a bucket begins: base^index, with base 2^(2^-scale).
func bound(index int64, scale int32) float64 {
	return math.Exp2(math.Ldexp(float64(index), -int(scale)))
}

// gather adds counts by their index at a scale that is coarser by so many steps.
func gather(into map[int32]uint64, b pmetric.ExponentialHistogramDataPointBuckets, steps int32) {
	for i, count := range b.BucketCounts().All() {
		if count > 0 {
			into[(b.Offset()+int32(i))>>steps] += count
		}
	}
}

// maxBuckets of one sign, twice what SDKs make: what would be wider becomes coarser.
const maxBuckets = 320

// width is how many buckets lie from the first to the last.
func width(counts map[int32]uint64) int64 {
	if len(counts) == 0 {
		return 0
	}
	first, last := ends(counts)
	return int64(last) - int64(first) + 1
}

func ends(counts map[int32]uint64) (first, last int32) {
	first, last = math.MaxInt32, math.MinInt32
	for index := range counts {
		first, last = min(first, index), max(last, index)
	}
	return first, last
}

func coarser(counts map[int32]uint64) map[int32]uint64 {
	halved := make(map[int32]uint64, len(counts))
	for index, count := range counts {
		halved[index>>1] += count
	}
	return halved
}

// spread writes counts as buckets without gaps.
func spread(counts map[int32]uint64, b pmetric.ExponentialHistogramDataPointBuckets) {
	b.SetOffset(0)
	b.BucketCounts().FromRaw(nil)
	if len(counts) == 0 {
		return
	}
	first, last := ends(counts)
	b.SetOffset(first)
	for index := int64(first); index <= int64(last); index++ {
		b.BucketCounts().Append(counts[int32(index)])
	}
}
