// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// aggregator is the way of a metric's entry, and what tells its answers from others.
func (n Number) aggregator() (aggregator, string, error) {
	switch {
	case n.OneBit != nil:
		m, err := n.OneBit.Mechanism()
		if err != nil {
			return nil, "", fmt.Errorf("one_bit: %w", err)
		}
		way, key := n.byGroup(bits{m, n.Unit}, n.OneBit.Estimand())
		return way, key, nil
	case n.RandomizedResponse != nil:
		m, err := n.RandomizedResponse.Mechanism()
		if err != nil {
			return nil, "", fmt.Errorf("randomized_response: %w", err)
		}
		way, key := n.byGroup(responses{m}, n.RandomizedResponse.Estimand())
		return way, key, nil
	case n.By != "":
		return n.groups(), "groups " + n.By, nil
	case n.Histogram:
		return histograms{n.Unit}, "histogram", nil
	default:
		return numbers{n.Unit, n.reach(), mechanism.Buckets{Bounds: n.Bounds}}, "number", nil
	}
}

// byGroup tells bits of all installations or, where the number has groups, for each of them.
func (n Number) byGroup(all interface {
	aggregator
	estimator
}, key string,
) (aggregator, string) {
	if n.By == "" {
		return all, key
	}
	return bitsByGroup{n.groups(), all}, key + " by " + n.By
}

func (n Number) groups() groups {
	return groups{n.Unit, n.reach(), n.Groups(), cmp.Or(n.Limit, defaultLimit)}
}

// Groups are the data point attributes that By names.
func (n Number) Groups() []string {
	names := strings.Split(n.By, ",")
	for at := range names {
		names[at] = strings.TrimSpace(names[at])
	}
	return names
}

// estimand is the random rule of an entry, with its parameters; empty where it has none.
func (n Number) estimand() string {
	return rule.Number{OneBit: n.OneBit, RandomizedResponse: n.RandomizedResponse}.Estimand()
}

// numbers are told as they are: in sum, on average and by range.
type numbers struct {
	unit   string
	reach  reach
	ranges mechanism.Buckets
}

func (numbers) kind() answerKind { return aNumber }

func (numbers) observe(said observation) (answer, bool) {
	value, ok := said.single()
	if !ok {
		return answer{}, false
	}
	return numberIn(value)
}

// numberIn is a number that counts can reach, or nothing where the value is empty.
func numberIn(value pcommon.Value) (answer, bool) {
	switch value.Type() {
	case pcommon.ValueTypeEmpty:
		return answer{}, true
	case pcommon.ValueTypeInt:
		x := float64(value.Int())
		return answer{kind: aNumber, number: x}, anyNumber.holds(x)
	case pcommon.ValueTypeDouble:
		x := value.Double()
		return answer{kind: aNumber, number: x}, anyNumber.holds(x)
	default:
		return answer{}, false
	}
}

func (n numbers) emit(about aggregate, answers iter.Seq[answer], to *snapshot) {
	total := tally{}
	inRange := make([]int, len(n.ranges.Bounds))
	for a := range answers {
		x := n.reach.cut(a.number)
		total.add(x)
		if len(inRange) > 0 {
			inRange[n.ranges.Index(wholeFrom(x))]++
		}
	}
	if !to.tells(total.installations) {
		return
	}
	sum := math.NaN()
	if to.tellsSum(total) {
		sum = total.sum
		to.upDownCounter(about.name+".sum", n.unit, "Sum over the installations. "+about.description).number(total.sum)
		to.gauge(about.name+".mean", n.unit, "Mean of the installations. "+about.description).number(total.mean())
	}
	to.installations(about).count(total.installations)
	if len(inRange) > 0 {
		uppers := make([]float64, len(inRange)-1)
		for at := range uppers {
			uppers[at] = float64(n.ranges.Bounds[at+1] - 1)
		}
		if uppers, inRange, told := floored(uppers, inRange, inRange, to.min); told {
			to.histogram(about.name+".distribution", n.unit, "Installations by their number. "+about.description, uppers, inRange, sum)
		}
	}
}

// wholeFrom is the smallest whole number from x on, within the range of int64: a
// range holds what is at most its upper end.
func wholeFrom(x float64) int64 {
	switch {
	case x >= math.MaxInt64:
		return math.MaxInt64
	case x <= math.MinInt64:
		return math.MinInt64
	default:
		return int64(math.Ceil(x))
	}
}
