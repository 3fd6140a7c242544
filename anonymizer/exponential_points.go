// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"math"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// An exponential histogram's numbers are the counts of its buckets and of its zeros.
// Empty buckets at both ends are cut off after the rule, so that only what leaves spans the range.
var exponentialPoints = operations[pmetric.ExponentialHistogramDataPoint, pmetric.ExponentialHistogramDataPointSlice]{
	strip:  stripExponentials,
	fill:   refuseGroups[pmetric.ExponentialHistogramDataPointSlice],
	absorb: absorbExponential,
	apply:  applyExponential,
	blank:  pmetric.NewExponentialHistogramDataPoint,
	text: func(p pmetric.ExponentialHistogramDataPoint) string {
		return fmt.Sprintf("%d in buckets %v %d %v", p.Count(),
			p.Negative().BucketCounts().AsRaw(), p.ZeroCount(), p.Positive().BucketCounts().AsRaw())
	},
}

// Two histograms that would need more buckets than this together are not merged.
const maxExponentialBuckets = 1 << 14

func stripExponentials(w *batch, all pmetric.ExponentialHistogramDataPointSlice) {
	for i := range w.states {
		stripExponential(w, all.At(i), &w.states[i])
	}
}

func stripExponential(w *batch, p pmetric.ExponentialHistogramDataPoint, m *pointState) {
	w.note(m, p.Attributes(), p.Timestamp(), p.Flags())
	p.SetStartTimestamp(0)
	p.SetTimestamp(m.leaves)
	p.SetFlags(p.Flags() & noValue)
	removeExemplars(p.Exemplars())
	p.RemoveSum()
	p.RemoveMin()
	p.RemoveMax()
	if m.outcome == rule.Passes && !m.absent {
		m.outcome = checkExponential(p)
	}
}

func checkExponential(p pmetric.ExponentialHistogramDataPoint) rule.Outcome {
	if math.IsNaN(p.ZeroThreshold()) || math.IsInf(p.ZeroThreshold(), 0) {
		return notFinite
	}
	for _, outcome := range []rule.Outcome{
		countable(p.ZeroCount()), countables(p.Positive().BucketCounts()), countables(p.Negative().BucketCounts()),
	} {
		if outcome != rule.Passes {
			return outcome
		}
	}
	return rule.Passes
}

func absorbExponential(into, from pmetric.ExponentialHistogramDataPoint, _ rule.Merge, _ int) bool {
	scale := min(into.Scale(), from.Scale())
	positive, ok := union(scale, into.Scale(), into.Positive(), from.Scale(), from.Positive())
	if !ok {
		return false
	}
	negative, ok := union(scale, into.Scale(), into.Negative(), from.Scale(), from.Negative())
	if !ok || into.ZeroThreshold() != from.ZeroThreshold() {
		return false
	}
	into.SetScale(scale)
	into.SetZeroCount(addUnsigned(into.ZeroCount(), from.ZeroCount()))
	positive.MoveTo(into.Positive())
	negative.MoveTo(into.Negative())
	return true
}

type buckets = pmetric.ExponentialHistogramDataPointBuckets

// union adds two sets of buckets at a scale that is not finer than theirs.
func union(scale, scaleA int32, a buckets, scaleB int32, b buckets) (buckets, bool) {
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	each := func(add func(index int64, count uint64)) {
		for _, part := range []struct {
			shift int32
			of    buckets
		}{{scaleA - scale, a}, {scaleB - scale, b}} {
			for i := range part.of.BucketCounts().Len() {
				index := (int64(part.of.Offset()) + int64(i)) >> min(part.shift, 63)
				add(index, part.of.BucketCounts().At(i))
			}
		}
	}
	each(func(index int64, _ uint64) { low, high = min(low, index), max(high, index) })
	sum := pmetric.NewExponentialHistogramDataPointBuckets()
	if low > high {
		return sum, true
	}
	if high-low >= maxExponentialBuckets || high > math.MaxInt32 {
		return sum, false
	}
	counts := make([]uint64, high-low+1)
	each(func(index int64, count uint64) {
		counts[index-low] = addUnsigned(counts[index-low], count)
	})
	sum.SetOffset(int32(low))
	sum.BucketCounts().FromRaw(counts)
	return sum, true
}

func applyExponential(w *batch, p pmetric.ExponentialHistogramDataPoint) rule.Outcome {
	var c counts
	p.SetZeroCount(c.apply(w, "0", p.ZeroCount()))
	applyBuckets(w, &c, p.Positive(), fmt.Sprintf("%d+", p.Scale()))
	applyBuckets(w, &c, p.Negative(), fmt.Sprintf("%d-", p.Scale()))
	p.SetCount(c.total)
	return c.outcome()
}

func applyBuckets(w *batch, c *counts, b buckets, part string) {
	counts := b.BucketCounts()
	first, last := counts.Len(), -1
	for i := range counts.Len() {
		leaves := c.apply(w, part+strconv.Itoa(int(b.Offset())+i), counts.At(i))
		counts.SetAt(i, leaves)
		if leaves != 0 {
			first, last = min(first, i), i
		}
	}
	if last < 0 {
		b.SetOffset(0)
		counts.FromRaw(nil)
		return
	}
	if first > 0 || last < counts.Len()-1 {
		b.SetOffset(b.Offset() + int32(first))
		counts.FromRaw(counts.AsRaw()[first : last+1])
	}
}
