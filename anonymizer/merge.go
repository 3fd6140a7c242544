// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"cmp"
	"math/bits"

	"go.opentelemetry.io/collector/pdata/pmetric"
)

// stream is one time series as it arrived, among those that leave as one.
type stream struct {
	into int32
	raw  uint64
}

// mergePoints makes one point of all that leave with the same attributes and time.
// Of one arriving series the newest cumulative point or gauge counts; then sums
// and histograms of different series add, and gauges do as their rule says.
func mergePoints[P point[P], S points[P]](w *work, all S, s *shape[P, S]) {
	if !collide(w, all) {
		return
	}
	w.smooth = false
	if w.temporality != pmetric.AggregationTemporalityDelta {
		w.addTexts()
		w.supersede()
	}
	how := w.rule.merge
	if !s.gauge {
		how = MergeSum
	}
	for i := range w.marks {
		from := &w.marks[i]
		if from.fate != passes {
			continue
		}
		into := w.leader(i)
		switch {
		case into == from:
		case how == "" || into.fate == collision:
			from.fate, into.fate = collision, collision
		default:
			from.merged = true
			if !absorb(all.At(int(into.into)), into, all.At(i), from, s, how) {
				into.fate = collision
			}
			into.time = max(into.time, from.time)
		}
	}
}

func absorb[P point[P], S points[P]](into P, intoMark *mark, from P, fromMark *mark, s *shape[P, S], how Merge) bool {
	switch {
	case fromMark.absent:
		return true
	case intoMark.absent:
		from.MoveTo(into)
		intoMark.absent = false
		return true
	default:
		return s.absorb(into, from, how, cmp.Compare(fromMark.time, intoMark.time))
	}
}

// leader is the point into which point i goes: the first of its group that is still there.
func (w *work) leader(i int) *mark {
	first := &w.marks[w.marks[i].into]
	if first.fate == superseded && first.into == w.marks[i].into {
		first.into, w.marks[i].into = int32(i), int32(i)
	}
	return &w.marks[first.into]
}

// supersede drops, of each series, all points but the newest.
func (w *work) supersede() {
	clear(w.newest)
	for i := range w.marks {
		m := &w.marks[i]
		if m.fate != passes {
			continue
		}
		key := stream{m.into, m.raw}
		before, met := w.newest[key]
		switch {
		case met && m.time <= w.marks[before].time:
			m.fate = superseded
			continue
		case met:
			w.marks[before].fate = superseded
		}
		w.newest[key] = int32(i)
	}
}

// collide notes in each mark the first point with the same outgoing attributes
// and time, and reports whether there are two such points.
func collide[P point[P], S points[P]](w *work, all S) (found bool) {
	size := 1 << bits.Len(uint(2*len(w.marks)))
	if cap(w.table) < size {
		w.table = make([]int32, size)
	}
	w.table = w.table[:size]
	clear(w.table)
	for i := range w.marks {
		m := &w.marks[i]
		m.into = int32(i)
		if m.fate != passes {
			continue
		}
		slot := m.out & uint64(size-1)
		for ; w.table[slot] != 0; slot = (slot + 1) & uint64(size-1) {
			first := w.table[slot] - 1
			if w.marks[first].out == m.out && w.marks[first].leaves == m.leaves &&
				all.At(int(first)).Attributes().Equal(all.At(i).Attributes()) {
				m.into, found = first, true
				break
			}
		}
		if w.table[slot] == 0 {
			w.table[slot] = int32(i) + 1
		}
	}
	return found
}
