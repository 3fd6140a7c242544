// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"fmt"
	"iter"
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// tally is the way of a metric's entry, and what tells its answers from others.
func (n Number) tally() (tally, string, error) {
	switch {
	case n.OneBit != nil:
		m, err := n.OneBit.Mechanism()
		if err != nil {
			return nil, "", fmt.Errorf("one_bit: %w", err)
		}
		return bits{m, n.Unit}, fmt.Sprintf("one_bit %d %v %v", m.Max, m.Zero, m.Flip), nil
	case n.RandomizedResponse != nil:
		m, err := n.RandomizedResponse.Mechanism()
		if err != nil {
			return nil, "", fmt.Errorf("randomized_response: %w", err)
		}
		return responses{m}, fmt.Sprintf("randomized_response %v %v %v", m.F, m.P, m.Q), nil
	default:
		return numbers{n.Unit, mechanism.Buckets{Bounds: n.Bounds}}, "number", nil
	}
}

// numbers are told as they are: in sum, on average and by range.
type numbers struct {
	unit   string
	ranges mechanism.Buckets
}

func (numbers) hear(value pcommon.Value) (answer, bool) {
	switch value.Type() {
	case pcommon.ValueTypeInt:
		return answer{number: float64(value.Int())}, true
	case pcommon.ValueTypeDouble:
		x := value.Double()
		return answer{number: x}, !math.IsNaN(x) && !math.IsInf(x, 0)
	default:
		return answer{}, false
	}
}

func (n numbers) tell(name string, answers iter.Seq[answer], to *telling) {
	count, sum := 0, 0.0
	inRange := make([]int, len(n.ranges.Bounds))
	for a := range answers {
		count++
		sum += a.number
		if len(inRange) > 0 {
			inRange[n.ranges.Index(wholeOf(a.number))]++
		}
	}
	if count > 0 && !math.IsInf(sum, 0) {
		to.upDownCounter(name+".sum", n.unit).number(sum)
		to.gauge(name+".mean", n.unit).number(sum / float64(count))
	}
	counts := to.installations(name)
	for at, c := range inRange {
		counts.count(c).PutStr(rangeAttribute, n.ranges.Label(at))
	}
	if len(inRange) == 0 {
		counts.count(count)
	}
}

// wholeOf is the greatest whole number up to x, within the range of int64.
func wholeOf(x float64) int64 {
	switch {
	case x >= math.MaxInt64:
		return math.MaxInt64
	case x <= math.MinInt64:
		return math.MinInt64
	default:
		return int64(math.Floor(x))
	}
}

// bits are those of the rule one_bit: the mean of the numbers behind them is estimated.
type bits struct {
	mechanism.OneBit
	unit string
}

func (bits) hear(value pcommon.Value) (answer, bool) { return hearBit(value) }

func (b bits) tell(name string, answers iter.Seq[answer], to *telling) {
	ones, n := countBits(answers)
	if n > 0 {
		to.estimates(name+".mean", b.unit).add(b.EstimateMean(ones, n))
	}
	to.installations(name).count(n)
}

// responses are the bits of the rule randomized_response: the share of those whose
// truth is 1, or true, is estimated.
type responses struct {
	mechanism.RandomizedResponse
}

func (responses) hear(value pcommon.Value) (answer, bool) { return hearBit(value) }

func (r responses) tell(name string, answers iter.Seq[answer], to *telling) {
	ones, n := countBits(answers)
	if n > 0 {
		to.estimates(name+".share", "1").add(r.EstimateShare(ones, n))
	}
	to.installations(name).count(n)
}

// hearBit reads 0 and 1, false and true.
func hearBit(value pcommon.Value) (answer, bool) {
	if value.Type() != pcommon.ValueTypeBool {
		a, ok := numbers{}.hear(value)
		return a, ok && (a.number == 0 || a.number == 1)
	}
	if value.Bool() {
		return answer{number: 1}, true
	}
	return answer{}, true
}

func countBits(answers iter.Seq[answer]) (ones, n int) {
	for a := range answers {
		n++
		ones += int(a.number)
	}
	return ones, n
}
