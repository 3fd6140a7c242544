// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"math/bits"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Most metrics hold integers that are rounded, do not collide and all pass. Nothing has
// to be noted of these; all others go the long way.

// treatNumbers is treat for numbers, with a short way.
func treatNumbers(w *work, all pmetric.NumberDataPointSlice, s *shape[pmetric.NumberDataPoint]) bool {
	if all.Len() == 0 {
		return true
	}
	w.hashes = mayCollide(w, all)
	return !w.hashes && treatPlainly(w, all, s) || treatNoted(w, all, s)
}

// treatPlainly rounds integers where that is all there is to do, and reports whether it was.
func treatPlainly(w *work, all pmetric.NumberDataPointSlice, s *shape[pmetric.NumberDataPoint]) bool {
	rule, ok := w.rule.onlyRounds()
	if !ok || w.ledger != nil {
		return false
	}
	for i := range all.Len() {
		p := all.At(i)
		if p.ValueType() != pmetric.NumberDataPointValueTypeInt || p.Flags().NoRecordedValue() || p.Attributes().Len() > maxAttributes {
			return false
		}
	}
	var m mark
	for i := range all.Len() {
		p := all.At(i)
		s.strip(w, p, &m)
		before := p.IntValue()
		if after := rule.whole(before, rule.to); after != before {
			p.SetIntValue(after)
		}
	}
	return true
}

func (n *number) onlyRounds() (r round, ok bool) {
	if len(n.steps) == 1 {
		r, ok = n.steps[0].(round)
	}
	return r, ok
}

// mayCollide looks, before anything is changed, whether two points may leave with the same
// attributes. It is wrong only in one direction: points that it does not find do not collide.
func mayCollide[P point[P], S points[P]](w *work, all S) bool {
	n := all.Len()
	if n < 2 {
		return false
	}
	size := 1 << bits.Len(uint(2*n))
	if cap(w.hashesMet) < size {
		w.hashesMet = make([]uint64, size)
	}
	met := w.hashesMet[:size]
	clear(met)
	for i := range n {
		hash, certain := w.leaving(all.At(i).Attributes())
		if !certain {
			return true
		}
		slot := hash & uint64(size-1)
		for ; met[slot] != 0; slot = (slot + 1) & uint64(size-1) {
			if met[slot] == hash {
				return true
			}
		}
		met[slot] = hash
	}
	return false
}

// leaving is a hash, never zero, of the attributes that will leave, where these leave as they are.
func (w *work) leaving(attributes pcommon.Map) (hash uint64, certain bool) {
	position := 0
	for name, v := range attributes.All() {
		a := w.known(position, name)
		position++
		switch {
		case a.exact && scalar(v):
			hash += pairHash(a.hash, v)
		case a.rule != nil && !a.rule.drops && !a.exact:
			return 0, false
		}
	}
	return max(hash, 1), true
}
