// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// A histogram's numbers are the counts of its buckets. Its count leaves as their sum.
var histogramPoints = operations[pmetric.HistogramDataPoint, pmetric.HistogramDataPointSlice]{
	strip:  stripHistograms,
	fill:   refuseGroups[pmetric.HistogramDataPointSlice],
	absorb: absorbHistogram,
	apply:  applyHistogram,
	blank:  pmetric.NewHistogramDataPoint,
	text: func(p pmetric.HistogramDataPoint) string {
		return fmt.Sprintf("%d in buckets %v", p.Count(), p.BucketCounts().AsRaw())
	},
}

func stripHistograms(w *batch, all pmetric.HistogramDataPointSlice) {
	for i := range w.states {
		stripHistogram(w, all.At(i), &w.states[i])
	}
}

func stripHistogram(w *batch, p pmetric.HistogramDataPoint, m *pointState) {
	w.note(m, p.Attributes(), p.Timestamp(), p.Flags())
	p.SetStartTimestamp(0)
	p.SetTimestamp(m.leaves)
	p.SetFlags(p.Flags() & noValue)
	removeExemplars(p.Exemplars())
	p.RemoveSum()
	p.RemoveMin()
	p.RemoveMax()
	if m.outcome == rule.Passes && !m.absent {
		m.outcome = checkHistogram(p)
	}
}

func checkHistogram(p pmetric.HistogramDataPoint) rule.Outcome {
	bounds, counts := p.ExplicitBounds(), p.BucketCounts()
	switch {
	case counts.Len() == 0 && bounds.Len() == 0:
		return countable(p.Count())
	case counts.Len() != bounds.Len()+1 || !ascending(bounds):
		return malformed
	default:
		return countables(counts)
	}
}

func ascending(bounds pcommon.Float64Slice) bool {
	for i := range bounds.Len() {
		if math.IsNaN(bounds.At(i)) || i > 0 && bounds.At(i) <= bounds.At(i-1) {
			return false
		}
	}
	return true
}

// countable reports whether a count, and the sum of some such, fits in a number.
func countable(count uint64) rule.Outcome {
	if count > math.MaxInt64 {
		return rule.OutOfRange
	}
	return rule.Passes
}

func countables(counts pcommon.UInt64Slice) rule.Outcome {
	for i := range counts.Len() {
		if outcome := countable(counts.At(i)); outcome != rule.Passes {
			return outcome
		}
	}
	return rule.Passes
}

func absorbHistogram(into, from pmetric.HistogramDataPoint, _ rule.Merge, _ int) bool {
	if !slices.Equal(into.ExplicitBounds().AsRaw(), from.ExplicitBounds().AsRaw()) ||
		into.BucketCounts().Len() != from.BucketCounts().Len() {
		return false
	}
	into.SetCount(addUnsigned(into.Count(), from.Count()))
	for i := range into.BucketCounts().Len() {
		into.BucketCounts().SetAt(i, addUnsigned(into.BucketCounts().At(i), from.BucketCounts().At(i)))
	}
	return true
}

func addUnsigned(a, b uint64) uint64 { return uint64(rule.AddCounts(int64(a), int64(b))) }

func applyHistogram(w *batch, p pmetric.HistogramDataPoint) rule.Outcome {
	var c counts
	counts := p.BucketCounts()
	if counts.Len() == 0 {
		p.SetCount(c.apply(w, "", p.Count()))
		return c.outcome()
	}
	part := ""
	for i := range counts.Len() {
		if w.chain.Keyed {
			part = rangeAt(p.ExplicitBounds(), i)
		}
		counts.SetAt(i, c.apply(w, part, counts.At(i)))
	}
	p.SetCount(c.total)
	return c.outcome()
}

// rangeAt names a bucket by its bounds, not by its place: among other bounds the one in its place counts
// something else, and one draw for both would tell by how much the two differ.
func rangeAt(bounds pcommon.Float64Slice, i int) string {
	low, high := math.Inf(-1), math.Inf(1)
	if i > 0 {
		low = bounds.At(i - 1)
	}
	if i < bounds.Len() {
		high = bounds.At(i)
	}
	return strconv.FormatFloat(low, 'g', -1, 64) + " " + strconv.FormatFloat(high, 'g', -1, 64)
}

// counts applies the rule to a point's counts, and sums up what leaves.
type counts struct {
	total  uint64
	left   bool         // a count was not suppressed
	failed rule.Outcome // of a count that the rule cannot treat
	hidden bool         // a count was suppressed
}

// apply treats one count; part tells it from the others of its point. A suppressed one is zero.
func (c *counts) apply(w *batch, part string, count uint64) uint64 {
	w.key.Part = part
	after, outcome := w.chain.Apply(rule.Value{Whole: int64(count)}, &w.key)
	switch outcome {
	case rule.Passes:
		c.left = true
		leaves := uint64(max(after.Whole, 0))
		c.total = addUnsigned(c.total, leaves)
		return leaves
	case rule.Suppressed:
		c.hidden = true
	default:
		c.failed = outcome
	}
	return 0
}

// outcome is that of the whole point: a point of which all counts are suppressed is suppressed.
func (c *counts) outcome() rule.Outcome {
	switch {
	case c.failed != rule.Passes:
		return c.failed
	case c.hidden && !c.left:
		return rule.Suppressed
	default:
		return rule.Passes
	}
}
