// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"pgregory.net/rapid"
)

func exponential(scale, offset int32, counts ...uint64) pmetric.Metric {
	m := pmetric.NewMetric()
	h := m.SetEmptyExponentialHistogram()
	h.SetAggregationTemporality(cumulative)
	p := h.DataPoints().AppendEmpty()
	p.SetScale(scale)
	p.Positive().SetOffset(offset)
	p.Positive().BucketCounts().FromRaw(counts)
	for _, count := range counts {
		p.SetCount(p.Count() + count)
	}
	return m
}

func TestExponentialHistogramsMeetAtTheCoarserScale(t *testing.T) {
	to := exponential(1, -2, 1, 2, 3, 4) // indices -2 … 1 at scale 1 are -1, -1, 0, 0 at scale 0
	require.True(t, add(to, exponential(0, 0, 10, 20)))
	p := to.ExponentialHistogram().DataPoints().At(0)
	assert.EqualValues(t, 0, p.Scale())
	assert.EqualValues(t, -1, p.Positive().Offset())
	assert.Equal(t, []uint64{3, 17, 20}, p.Positive().BucketCounts().AsRaw())
	assert.EqualValues(t, 40, p.Count())
}

func TestExponentialHistogramsStayBounded(t *testing.T) {
	to := exponential(20, -2_000_000_000, 1)
	require.True(t, add(to, exponential(20, 2_000_000_000, 1)))
	p := to.ExponentialHistogram().DataPoints().At(0)
	assert.LessOrEqual(t, p.Positive().BucketCounts().Len(), maxBuckets)
	assert.EqualValues(t, 2, p.Count())
}

// Of two workers one counts what is smaller than 0.1 as zero, the other has buckets there: 0.0625 to 0.125 and to 0.25.
func TestExponentialHistogramsMeetAtTheWiderZero(t *testing.T) {
	wide, narrow := exponential(0, -3, 5), exponential(0, -4, 1, 2)
	p := wide.ExponentialHistogram().DataPoints().At(0)
	p.SetZeroThreshold(0.1)
	p.SetZeroCount(7)
	p.SetCount(12)
	for _, order := range [][2]pmetric.Metric{{wide, narrow}, {narrow, wide}} {
		to := pmetric.NewMetric()
		order[0].CopyTo(to)
		require.True(t, add(to, order[1]))
		p := to.ExponentialHistogram().DataPoints().At(0)
		assert.InDelta(t, 0.125, p.ZeroThreshold(), 0, "the bucket in which the threshold lies is zero as a whole")
		assert.EqualValues(t, 8, p.ZeroCount())
		assert.EqualValues(t, -3, p.Positive().Offset())
		assert.Equal(t, []uint64{7}, p.Positive().BucketCounts().AsRaw())
		assert.EqualValues(t, 15, p.Count())
	}
}

// TestCountersPastTheLargestInteger are told as doubles, and not as negative numbers.
func TestCountersPastTheLargestInteger(t *testing.T) {
	to := number(pmetric.MetricTypeSum, true, 1, math.MaxInt64-1)
	require.True(t, add(to, number(pmetric.MetricTypeSum, true, 1, 0)))
	require.True(t, add(to, number(pmetric.MetricTypeSum, true, 1, 1)))
	assert.EqualValues(t, math.MaxInt64, to.Sum().DataPoints().At(0).IntValue())
	require.True(t, add(to, number(pmetric.MetricTypeSum, true, 1, 1)))
	assert.InEpsilon(t, math.MaxInt64, to.Sum().DataPoints().At(0).DoubleValue(), 1e-9)
}

func histogram(bounds []float64, counts ...uint64) pmetric.Metric {
	m := pmetric.NewMetric()
	h := m.SetEmptyHistogram()
	h.SetAggregationTemporality(cumulative)
	p := h.DataPoints().AppendEmpty()
	p.ExplicitBounds().FromRaw(bounds)
	p.BucketCounts().FromRaw(counts)
	for _, count := range counts {
		p.SetCount(p.Count() + count)
	}
	p.SetMin(1)
	return m
}

func TestHistogramsAdd(t *testing.T) {
	to := histogram([]float64{1, 5}, 1, 2, 3)
	require.True(t, add(to, histogram([]float64{1, 5}, 10, 20, 30)))
	p := to.Histogram().DataPoints().At(0)
	assert.Equal(t, []uint64{11, 22, 33}, p.BucketCounts().AsRaw())
	assert.EqualValues(t, 66, p.Count())
	assert.False(t, p.HasMin(), "the smallest of two that began at different times is not known")
}

// Another version of the application may have other bounds.
func TestHistogramsMeetAtTheBoundsThatTheyShare(t *testing.T) {
	for _, c := range []struct {
		bounds, others []float64
		counts, more   []uint64
		shared         []float64
		sum            []uint64
	}{
		{[]float64{1, 5, 21}, []float64{1, 6, 21}, []uint64{1, 2, 3, 4}, []uint64{10, 20, 30, 40}, []float64{1, 21}, []uint64{11, 55, 44}},
		{[]float64{1, 5}, []float64{5}, []uint64{1, 2, 3}, []uint64{10, 20}, []float64{5}, []uint64{13, 23}},
		{[]float64{1}, []float64{2}, []uint64{1, 2}, []uint64{10, 20}, nil, []uint64{33}},
		{[]float64{1}, nil, []uint64{1, 2}, []uint64{10}, nil, []uint64{13}},
	} {
		to := histogram(c.bounds, c.counts...)
		require.True(t, add(to, histogram(c.others, c.more...)))
		p := to.Histogram().DataPoints().At(0)
		assert.Equal(t, c.shared, p.ExplicitBounds().AsRaw())
		assert.Equal(t, c.sum, p.BucketCounts().AsRaw())
	}
	to := histogram([]float64{1}, 1, 2)
	bare := pmetric.NewMetric()
	bare.SetEmptyHistogram().DataPoints().AppendEmpty().SetCount(10)
	require.True(t, add(to, bare))
	p := to.Histogram().DataPoints().At(0)
	assert.Equal(t, []uint64{13}, p.BucketCounts().AsRaw(), "one without buckets has one")
}

func number(kind pmetric.MetricType, monotonic bool, at int64, value int64) pmetric.Metric {
	m := pmetric.NewMetric()
	var p pmetric.NumberDataPoint
	if kind == pmetric.MetricTypeGauge {
		p = m.SetEmptyGauge().DataPoints().AppendEmpty()
	} else {
		sum := m.SetEmptySum()
		sum.SetIsMonotonic(monotonic)
		sum.SetAggregationTemporality(cumulative)
		p = sum.DataPoints().AppendEmpty()
	}
	p.SetTimestamp(pcommon.Timestamp(at))
	p.SetIntValue(value)
	return m
}

func TestAGaugeIsWhatWasSaidLast(t *testing.T) {
	s := newSeries()
	now := time.Now()
	require.Equal(t, taken, s.observe("b", number(pmetric.MetricTypeGauge, false, 20, 7), now))
	require.Equal(t, taken, s.observe("a", number(pmetric.MetricTypeGauge, false, 10, 5), now))
	total := s.total()
	assert.EqualValues(t, 7, total.Gauge().DataPoints().At(0).IntValue())
}

// TestAClockThatWasSetBack is about an application whose clock was a year ahead: what it says then holds no later word up.
func TestAClockThatWasSetBack(t *testing.T) {
	now := time.Now()
	for what, of := range map[string]func(at time.Time, value int64) pmetric.Metric{
		"a gauge": func(at time.Time, value int64) pmetric.Metric {
			return number(pmetric.MetricTypeGauge, false, at.UnixNano(), value)
		},
		"a counter that goes up and down": func(at time.Time, value int64) pmetric.Metric {
			return number(pmetric.MetricTypeSum, false, at.UnixNano(), value)
		},
		"a counter": func(at time.Time, value int64) pmetric.Metric {
			return number(pmetric.MetricTypeSum, true, at.UnixNano(), value)
		},
		"a counter that says when it began": func(at time.Time, value int64) pmetric.Metric {
			m := number(pmetric.MetricTypeSum, true, at.UnixNano(), value)
			point(m).SetStartTimestamp(1)
			return m
		},
	} {
		s := newSeries()
		require.Equal(t, taken, s.observe("a", of(now.AddDate(1, 0, 0), 5), now), what)
		require.Equal(t, taken, s.observe("a", of(now.Add(time.Minute), 8), now.Add(time.Minute)), what)
		require.Equal(t, taken, s.observe("a", of(now.Add(2*time.Minute), 9), now.Add(2*time.Minute)), what)
		assert.InDelta(t, 9, value(s.total()), 0, what)
	}
}

// TestAClockThatWasSetTooFarBack is about a counter whose earlier times are not yet to come: that it grew says enough.
func TestAClockThatWasSetTooFarBack(t *testing.T) {
	now, s := time.Now(), newSeries()
	for i, at := range []time.Time{now, now.Add(-time.Hour)} {
		m := number(pmetric.MetricTypeSum, true, at.UnixNano(), int64(5+i))
		point(m).SetStartTimestamp(1)
		require.Equal(t, taken, s.observe("a", m, now))
	}
	assert.InDelta(t, 6, value(s.total()), 0)
}

func value(m pmetric.Metric) float64 {
	if m.Type() == pmetric.MetricTypeGauge {
		return float64(m.Gauge().DataPoints().At(0).IntValue())
	}
	return size(m)
}

func TestACounterThatGoesUpAndDownForgetsEndedProcesses(t *testing.T) {
	s := newSeries()
	now := time.Now()
	require.Equal(t, taken, s.observe("a", number(pmetric.MetricTypeSum, false, 10, 5), now))
	require.Equal(t, taken, s.observe("b", number(pmetric.MetricTypeSum, false, 10, 7), now.Add(time.Hour)))
	total := s.total()
	assert.EqualValues(t, 12, total.Sum().DataPoints().At(0).IntValue())
	s.expire(now.Add(90*time.Minute), time.Hour)
	total = s.total()
	assert.EqualValues(t, 7, total.Sum().DataPoints().At(0).IntValue())
}

// Workers in Node have no id, and forked ones share theirs. One that is started anew takes the place of all, until those
// that work beside it say again what they have.
func TestWorkersThatShareANameAddWhatGoesUpAndDown(t *testing.T) {
	s := newSeries()
	clock, now := int64(0), time.Now()
	stored := number(pmetric.MetricTypeSum, false, clock, 4)
	point(stored).SetStartTimestamp(1)
	s.writers["a"] = part{stored, now} // by a version that told none apart
	say := func(begun int64, baskets int64) float64 {
		clock++
		m := number(pmetric.MetricTypeSum, false, clock, baskets)
		point(m).SetStartTimestamp(pcommon.Timestamp(begun))
		require.Equal(t, taken, s.observe("a", m, now))
		return value(s.total())
	}
	assert.InDelta(t, 5, say(1, 5), 0)
	say(2, 7)
	assert.InDelta(t, 12, say(1, 5), 0, "both work")
	assert.InDelta(t, 11, say(2, 6), 0)
	say(3, 1)
	assert.InDelta(t, 7, say(2, 6), 0, "the first one ended, and began anew")
	assert.InDelta(t, 8, say(3, 2), 0)
}

// A program that runs each minute is a process each time: what they counted stays, they themselves do not.
func TestShortLivedProcessesDoNotPileUp(t *testing.T) {
	for _, temporality := range []pmetric.AggregationTemporality{cumulative, delta} {
		s := newSeries()
		now := time.Unix(1_700_000_000, 0)
		const runs = 3000
		for run := range runs {
			m := number(pmetric.MetricTypeSum, true, int64(2*run+2), 1)
			m.Sum().SetAggregationTemporality(temporality)
			m.Sum().DataPoints().At(0).SetStartTimestamp(pcommon.Timestamp(2*run + 1))
			require.Equal(t, taken, s.observe(strconv.Itoa(run), m, now))
			now = now.Add(time.Minute)
			s.expire(now, time.Hour)
		}
		assert.LessOrEqual(t, len(s.writers)+len(s.increments), manyWriters+1)
		total := s.total()
		assert.EqualValues(t, runs, total.Sum().DataPoints().At(0).IntValue())
	}
}

// TestTotalsAreWhatAllProcessesCounted has processes count, restart and report in any order.
func TestTotalsAreWhatAllProcessesCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSeries()
		now := time.Unix(1_700_000_000, 0)
		counted := map[string]int64{} // since each process's start
		begun := map[string]int64{}
		var truth int64
		clock := int64(1)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			process := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "process")
			clock++
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 || begun[process] == 0 {
				counted[process], begun[process] = 0, clock
			}
			clock++
			more := rapid.Int64Range(0, 5).Draw(t, "more")
			counted[process] += more
			truth += more
			m := number(pmetric.MetricTypeSum, true, clock, counted[process])
			m.Sum().DataPoints().At(0).SetStartTimestamp(pcommon.Timestamp(begun[process]))
			require.Equal(t, taken, s.observe(process, m, now))
			if rapid.IntRange(0, 4).Draw(t, "expire") == 0 {
				s.expire(now, time.Hour)
			}
		}
		total := s.total()
		require.Equal(t, truth, total.Sum().DataPoints().At(0).IntValue())
	})
}
