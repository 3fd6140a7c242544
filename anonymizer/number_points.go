// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"strconv"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

var (
	sumPoints = operations[pmetric.NumberDataPoint, pmetric.NumberDataPointSlice]{
		strip:  stripNumbers,
		fill:   fillGroups,
		absorb: absorbNumber,
		apply:  applyNumber,
		blank:  pmetric.NewNumberDataPoint,
		text:   numberText,
	}
	gaugePoints = operations[pmetric.NumberDataPoint, pmetric.NumberDataPointSlice]{
		strip:  stripNumbers,
		fill:   fillGroups,
		absorb: absorbNumber,
		apply:  applyNumber,
		blank:  pmetric.NewNumberDataPoint,
		text:   numberText,
		gauge:  true,
	}
)

func stripNumbers(w *batch, all pmetric.NumberDataPointSlice) {
	for i := range w.states {
		stripNumber(w, all.At(i), &w.states[i])
	}
}

func stripNumber(w *batch, p pmetric.NumberDataPoint, m *pointState) {
	w.note(m, p.Attributes(), p.Timestamp(), p.Flags())
	p.SetStartTimestamp(0)
	p.SetTimestamp(m.leaves)
	p.SetFlags(p.Flags() & noValue)
	removeExemplars(p.Exemplars())
	if p.ValueType() == pmetric.NumberDataPointValueTypeInt {
		return
	}
	w.smooth = false
	if m.outcome == rule.Passes && !m.absent {
		m.outcome = checkOther(p)
	}
}

// checkOther checks a number that is no integer.
func checkOther(p pmetric.NumberDataPoint) rule.Outcome {
	switch {
	case p.ValueType() != pmetric.NumberDataPointValueTypeDouble:
		return malformed
	case !numberOf(p).Finite():
		return notFinite
	default:
		return rule.Passes
	}
}

func removeExemplars(exemplars pmetric.ExemplarSlice) {
	if exemplars.Len() > 0 {
		exemplars.RemoveIf(func(pmetric.Exemplar) bool { return true })
	}
}

func numberOf(p pmetric.NumberDataPoint) rule.Value {
	if p.ValueType() == pmetric.NumberDataPointValueTypeDouble {
		return rule.Value{Double: p.DoubleValue(), IsDouble: true}
	}
	return rule.Value{Whole: p.IntValue()}
}

func setNumber(p pmetric.NumberDataPoint, v rule.Value) {
	if v.IsDouble {
		p.SetDoubleValue(v.Double)
	} else {
		p.SetIntValue(v.Whole)
	}
}

// applyNumber sets the number only where it changes: pdata allocates for each.
func applyNumber(w *batch, p pmetric.NumberDataPoint) rule.Outcome {
	before := numberOf(p)
	after, outcome := w.chain.Apply(before, &w.key)
	if w.chain.Listed {
		after = after.AsWhole() // as that of a group without a row
	}
	switch {
	case outcome != rule.Passes:
		return outcome
	case !after.Finite():
		return notFinite
	case !after.Same(before):
		setNumber(p, after)
	}
	return rule.Passes
}

// absorbNumber merges by sum, max or last; of two points of the same time the greater is the last.
func absorbNumber(into, from pmetric.NumberDataPoint, how rule.Merge, order int) bool {
	a, b := numberOf(into), numberOf(from)
	switch {
	case how == rule.MergeSum:
		setNumber(into, a.Plus(b))
	case how == rule.MergeMax || order == 0:
		setNumber(into, a.Max(b))
	case order > 0:
		setNumber(into, b)
	}
	return true
}

func numberText(p pmetric.NumberDataPoint) string {
	if p.ValueType() == pmetric.NumberDataPointValueTypeDouble {
		return strconv.FormatFloat(p.DoubleValue(), 'g', -1, 64)
	}
	return strconv.FormatInt(p.IntValue(), 10)
}
