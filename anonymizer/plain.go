// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// applyNumbers is applyAll for numbers, with a short way for the most common of rules.
func applyNumbers(w *batch, all pmetric.NumberDataPointSlice, s *operations[pmetric.NumberDataPoint, pmetric.NumberDataPointSlice]) bool {
	if all.Len() == 0 && !w.chain.Listed {
		return w.noRows()
	}
	prepare(w, all, s)
	groups := named(all) // before a rule names its range, as it does for no other points
	leaves := roundAll(w, all) || finish(w, all, s)
	w.watchGroups(w.key.Name, all.Len(), groups)
	if list, listed := w.listed[w.chain]; listed {
		list.sort(all)
	}
	return leaves
}

// roundAll rounds or keeps all points where all are integers that pass, and the rule does
// nothing else and nobody looks on. It does what finish does, or nothing and says so.
func roundAll(w *batch, all pmetric.NumberDataPointSlice) bool {
	round, to, only := w.chain.Rounds()
	if !only || !w.smooth || w.ledger != nil {
		return false
	}
	if round == nil {
		return true
	}
	for i := range all.Len() {
		p := all.At(i)
		before := p.IntValue()
		if after := round(before, to); after != before {
			p.SetIntValue(after) // pdata allocates for each
		}
	}
	return true
}
