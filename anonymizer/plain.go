// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// treatNumbers is treat for numbers, with a short way for the most common of rules.
func treatNumbers(w *work, all pmetric.NumberDataPointSlice, s *shape[pmetric.NumberDataPoint, pmetric.NumberDataPointSlice]) bool {
	if all.Len() == 0 {
		return true
	}
	prepare(w, all, s)
	return roundAll(w, all) || finish(w, all, s)
}

// roundAll rounds all points where all are integers that pass, and the rule does nothing
// else and nobody looks on. It does what finish does, or nothing and says so.
func roundAll(w *work, all pmetric.NumberDataPointSlice) bool {
	rule, only := w.rule.onlyRounds()
	if !only || !w.smooth || w.ledger != nil {
		return false
	}
	for i := range all.Len() {
		p := all.At(i)
		before := p.IntValue()
		if after := rule.whole(before, rule.to); after != before {
			p.SetIntValue(after) // pdata allocates for each
		}
	}
	return true
}

func (n *number) onlyRounds() (r round, only bool) {
	if len(n.steps) == 1 {
		r, only = n.steps[0].(round)
	}
	return r, only
}
