// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect"
)

// unbounded is the key of a histogram's last bucket.
const unbounded = "+Inf"

// bucketCounts returns a histogram's counts by their buckets' upper bounds: {"5": 2, "+Inf": 1}.
func bucketCounts(p pmetric.HistogramDataPoint) (collect.Value, error) {
	if p.Flags().NoRecordedValue() {
		return collect.Null(), nil
	}
	bounds, counts := p.ExplicitBounds().AsRaw(), p.BucketCounts().AsRaw()
	if len(counts) == 0 && len(bounds) == 0 {
		counts = []uint64{p.Count()}
	}
	if len(counts) != len(bounds)+1 {
		return collect.Value{}, errors.New("is a histogram whose bounds and counts do not fit together")
	}
	members := make([]collect.Member, len(counts))
	for i, count := range counts {
		if count > math.MaxInt64 {
			return collect.Value{}, errors.New("is a histogram with a count beyond 64 bits")
		}
		bound := unbounded
		if i < len(bounds) {
			bound = strconv.FormatFloat(bounds[i], 'g', -1, 64)
		}
		members[i] = collect.Member{Key: bound, Value: collect.Int(int64(count))}
	}
	return collect.Group(collect.NewObject(members...)), nil
}

// histogram reads counts by upper bound, and reports whether they are that.
func (b *builder) histogram(name string, members collect.Object) bool {
	type bucket struct {
		bound float64
		count uint64
	}
	buckets := make([]bucket, len(members))
	total := uint64(0)
	for i := range members {
		bound, err := strconv.ParseFloat(members[i].Key, 64)
		count := members[i].Value
		if err != nil || math.IsNaN(bound) || count.Kind() != collect.KindInt || count.Int() < 0 {
			return false
		}
		buckets[i] = bucket{bound, uint64(count.Int())}
		if total += buckets[i].count; total > math.MaxInt64 {
			return false
		}
	}
	slices.SortFunc(buckets, func(a, b bucket) int { return cmp.Compare(a.bound, b.bound) })
	last := len(buckets) - 1
	if last < 0 || !math.IsInf(buckets[last].bound, 1) {
		return false
	}
	for i := range last {
		if math.IsInf(buckets[i].bound, 0) || buckets[i].bound == buckets[i+1].bound {
			return false
		}
	}
	histogram := b.metric(name).SetEmptyHistogram()
	histogram.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	p := histogram.DataPoints().AppendEmpty()
	p.SetTimestamp(b.time)
	p.SetCount(total)
	for i, b := range buckets {
		if i < last {
			p.ExplicitBounds().Append(b.bound)
		}
		p.BucketCounts().Append(b.count)
	}
	return true
}
