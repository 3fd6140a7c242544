// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"math"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pmetric"
)

var (
	sumPoints = shape[pmetric.NumberDataPoint, pmetric.NumberDataPointSlice]{
		strip:  stripNumbers,
		absorb: absorbNumber,
		apply:  applyNumber,
		blank:  pmetric.NewNumberDataPoint,
		text:   numberText,
	}
	gaugePoints = shape[pmetric.NumberDataPoint, pmetric.NumberDataPointSlice]{
		strip:  stripNumbers,
		absorb: absorbNumber,
		apply:  applyNumber,
		blank:  pmetric.NewNumberDataPoint,
		text:   numberText,
		gauge:  true,
	}
)

func stripNumbers(w *work, all pmetric.NumberDataPointSlice) {
	for i := range w.marks {
		stripNumber(w, all.At(i), &w.marks[i])
	}
}

func stripNumber(w *work, p pmetric.NumberDataPoint, m *mark) {
	w.note(m, p.Attributes(), p.Timestamp(), p.Flags())
	p.SetStartTimestamp(0)
	p.SetTimestamp(m.leaves)
	p.SetFlags(p.Flags() & noValue)
	removeExemplars(p.Exemplars())
	if p.ValueType() == pmetric.NumberDataPointValueTypeInt {
		return
	}
	w.smooth = false
	if m.fate == passes && !m.absent {
		m.fate = checkOther(p)
	}
}

// checkOther checks a number that is no integer.
func checkOther(p pmetric.NumberDataPoint) reason {
	switch {
	case p.ValueType() != pmetric.NumberDataPointValueTypeDouble:
		return malformed
	case !numberOf(p).finite():
		return notFinite
	default:
		return passes
	}
}

func removeExemplars(exemplars pmetric.ExemplarSlice) {
	if exemplars.Len() > 0 {
		exemplars.RemoveIf(func(pmetric.Exemplar) bool { return true })
	}
}

func numberOf(p pmetric.NumberDataPoint) value {
	if p.ValueType() == pmetric.NumberDataPointValueTypeDouble {
		return value{double: p.DoubleValue(), isDouble: true}
	}
	return value{whole: p.IntValue()}
}

func setNumber(p pmetric.NumberDataPoint, v value) {
	if v.isDouble {
		p.SetDoubleValue(v.double)
	} else {
		p.SetIntValue(v.whole)
	}
}

// applyNumber sets the number only where it changes: pdata allocates for each.
func applyNumber(w *work, p pmetric.NumberDataPoint) reason {
	before := numberOf(p)
	after, fate := w.rule.apply(before, &w.place)
	switch {
	case fate != passes:
		return fate
	case !after.finite():
		return notFinite
	case !after.same(before):
		setNumber(p, after)
	}
	return passes
}

// absorbNumber merges by sum, max or last; of two points of the same time the greater is the last.
func absorbNumber(into, from pmetric.NumberDataPoint, how Merge, order int) bool {
	a, b := numberOf(into), numberOf(from)
	switch {
	case how == MergeSum:
		setNumber(into, add(a, b))
	case how == MergeMax || order == 0:
		setNumber(into, greater(a, b))
	case order > 0:
		setNumber(into, b)
	}
	return true
}

func (v value) float() float64 {
	if v.isDouble {
		return v.double
	}
	return float64(v.whole)
}

// same tells 0 from -0.
func (v value) same(other value) bool {
	return v.isDouble == other.isDouble && v.whole == other.whole &&
		math.Float64bits(v.double) == math.Float64bits(other.double)
}

func add(a, b value) value {
	if a.isDouble || b.isDouble {
		return value{double: a.float() + b.float(), isDouble: true}
	}
	return value{whole: addCounts(a.whole, b.whole)}
}

func greater(a, b value) value {
	if !a.isDouble && !b.isDouble {
		return value{whole: max(a.whole, b.whole)}
	}
	if a.float() < b.float() {
		return b
	}
	return a
}

// addCounts stays at the end of the range of int64 where the sum is beyond.
func addCounts(a, b int64) int64 {
	switch sum := a + b; {
	case a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && sum >= 0:
		return math.MinInt64
	default:
		return sum
	}
}

func numberText(p pmetric.NumberDataPoint) string {
	if p.ValueType() == pmetric.NumberDataPointValueTypeDouble {
		return strconv.FormatFloat(p.DoubleValue(), 'g', -1, 64)
	}
	return strconv.FormatInt(p.IntValue(), 10)
}
