// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"hash/maphash"
	"math"
	"math/bits"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// fingerprint tells data from other data within this process: a hash, under a key of
// this process, of all that an exporter could read.
type fingerprint uint64

var (
	seed        = maphash.MakeSeed()
	first       = maphash.String(seed, "first")
	second      = maphash.String(seed, "second")
	hashOfStart = fingerprint(maphash.String(seed, "start"))
)

func fingerprintOf(data pmetric.Metrics) fingerprint {
	f := hashOfStart
	for _, rm := range data.ResourceMetrics().All() {
		f.text("resource", rm.SchemaUrl())
		f.attributes(rm.Resource().Attributes())
		for _, sm := range rm.ScopeMetrics().All() {
			f.text(sm.SchemaUrl(), sm.Scope().Name(), sm.Scope().Version())
			f.attributes(sm.Scope().Attributes())
			for _, m := range sm.Metrics().All() {
				f.metric(m)
			}
		}
	}
	return f
}

// pair takes two more numbers into the hash: a product of 128 bits, folded, as wyhash does.
func (f *fingerprint) pair(a, b uint64) {
	high, low := bits.Mul64(uint64(*f)^a^first, b^second)
	*f = fingerprint(high^low) + hashOfStart
}

func (f *fingerprint) number(n uint64) { f.pair(n, 0) }

func (f *fingerprint) text(texts ...string) {
	for _, t := range texts {
		f.number(maphash.String(seed, t))
	}
}

func (f *fingerprint) attributes(all pcommon.Map) {
	for name, v := range all.All() {
		value := ""
		if v.Type() == pcommon.ValueTypeStr {
			value = v.Str()
		} else {
			f.number(uint64(v.Type()))
			value = v.AsString()
		}
		a, b := words(name)
		c, d := words(value)
		f.pair(a+bits.RotateLeft64(c, 32), b^bits.RotateLeft64(d, 16))
	}
	f.number(uint64(all.Len()))
}

// words are two numbers that hold all of a short text; most are short, and a hash would cost more.
func words(s string) (a, b uint64) {
	switch n := len(s); {
	case n > 16:
		return maphash.String(seed, s), uint64(n)
	case n >= 8:
		return word(s), word(s[n-8:]) + uint64(n)<<59
	case n >= 4:
		return half(s) | half(s[n-4:])<<32, uint64(n)
	case n > 0:
		return uint64(s[0]) | uint64(s[n/2])<<8 | uint64(s[n-1])<<16, uint64(n)
	default:
		return 0, 0
	}
}

// word is the first eight bytes.
func word(s string) uint64 { return half(s) | half(s[4:])<<32 }

// half is the first four bytes.
func half(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

func (f *fingerprint) metric(m pmetric.Metric) {
	f.text(m.Name(), m.Unit(), m.Description())
	f.number(uint64(m.Type()))
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		f.numbers(m.Gauge().DataPoints())
	case pmetric.MetricTypeSum:
		f.number(uint64(m.Sum().AggregationTemporality()))
		f.numbers(m.Sum().DataPoints())
	case pmetric.MetricTypeHistogram:
		f.number(uint64(m.Histogram().AggregationTemporality()))
		for _, p := range m.Histogram().DataPoints().All() {
			head(f, p, p.Exemplars().Len(), p.Count())
			f.counts(p.BucketCounts())
			for _, bound := range p.ExplicitBounds().All() {
				f.number(math.Float64bits(bound))
			}
			f.doubles(p.Sum(), p.Min(), p.Max())
		}
	case pmetric.MetricTypeExponentialHistogram:
		f.number(uint64(m.ExponentialHistogram().AggregationTemporality()))
		for _, p := range m.ExponentialHistogram().DataPoints().All() {
			head(f, p, p.Exemplars().Len(), p.Count())
			f.number(uint64(p.Scale()))
			f.number(p.ZeroCount())
			for _, b := range []pmetric.ExponentialHistogramDataPointBuckets{p.Positive(), p.Negative()} {
				f.number(uint64(b.Offset()))
				f.counts(b.BucketCounts())
			}
			f.doubles(p.Sum(), p.Min(), p.Max())
		}
	case pmetric.MetricTypeSummary:
		for _, p := range m.Summary().DataPoints().All() {
			head(f, p, p.QuantileValues().Len(), p.Count())
			f.doubles(p.Sum())
		}
	}
}

func (f *fingerprint) numbers(all pmetric.NumberDataPointSlice) {
	for i := range all.Len() {
		p := all.At(i)
		number := uint64(p.IntValue())
		if p.ValueType() != pmetric.NumberDataPointValueTypeInt {
			f.number(uint64(p.ValueType()))
			number = math.Float64bits(p.DoubleValue())
		}
		head(f, p, p.Exemplars().Len(), number)
	}
}

// point is what all types of points have in common.
type point interface {
	Attributes() pcommon.Map
	Timestamp() pcommon.Timestamp
	StartTimestamp() pcommon.Timestamp
	Flags() pmetric.DataPointFlags
}

// head takes in what all points have, how many parts a point has that never pass, and a number.
// It is generic because a point in an interface would be allocated.
func head[P point](f *fingerprint, p P, parts int, number uint64) {
	f.attributes(p.Attributes())
	f.pair(uint64(p.Timestamp()), number)
	if start, flags := p.StartTimestamp(), p.Flags(); start != 0 || flags != 0 || parts != 0 {
		f.pair(uint64(start), uint64(flags)<<32|uint64(parts))
	}
}

func (f *fingerprint) counts(all pcommon.UInt64Slice) {
	f.number(uint64(all.Len()))
	for i := range all.Len() {
		f.number(all.At(i))
	}
}

func (f *fingerprint) doubles(all ...float64) {
	for _, d := range all {
		f.number(math.Float64bits(d))
	}
}
