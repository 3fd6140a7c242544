// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"cmp"
	"math/bits"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// stream is one time series as it arrived, among those that leave as one.
type stream struct {
	into int32
	raw  uint64
}

// mergePoints makes one point of all that leave with the same attributes and time.
// Of one arriving series the newest cumulative point or gauge counts; then sums
// and histograms of different series add, and gauges do as their rule says.
func mergePoints[P point[P], S points[P]](w *batch, all S, s *operations[P, S]) {
	if !collide(w, all) {
		return
	}
	w.smooth = false
	if w.temporality != pmetric.AggregationTemporalityDelta {
		w.addTexts()
		w.supersede()
	}
	how := w.chain.Merge
	if !s.gauge {
		how = rule.MergeSum
	}
	for i := range w.states {
		from := &w.states[i]
		if from.outcome != rule.Passes {
			continue
		}
		into := w.leader(i)
		switch {
		case into == from:
		case how == "" || into.outcome == collision:
			from.outcome, into.outcome = collision, collision
		default:
			from.merged = true
			if !absorb(all.At(int(into.into)), into, all.At(i), from, s, how) {
				into.outcome = collision
			}
			into.time = max(into.time, from.time)
		}
	}
}

func absorb[P point[P], S points[P]](into P, intoState *pointState, from P, fromState *pointState, s *operations[P, S], how rule.Merge) bool {
	switch {
	case fromState.absent:
		return true
	case intoState.absent:
		from.MoveTo(into)
		intoState.absent = false
		return true
	default:
		return s.absorb(into, from, how, cmp.Compare(fromState.time, intoState.time))
	}
}

// leader is the point into which point i goes: the first of its group that is still there.
func (w *batch) leader(i int) *pointState {
	first := &w.states[w.states[i].into]
	if first.outcome == superseded && first.into == w.states[i].into {
		first.into, w.states[i].into = int32(i), int32(i)
	}
	return &w.states[first.into]
}

// supersede drops, of each series, all points but the newest.
func (w *batch) supersede() {
	clear(w.newest)
	for i := range w.states {
		m := &w.states[i]
		if m.outcome != rule.Passes {
			continue
		}
		key := stream{m.into, m.raw}
		before, met := w.newest[key]
		switch {
		case met && m.time <= w.states[before].time:
			m.outcome = superseded
			continue
		case met:
			w.states[before].outcome = superseded
		}
		w.newest[key] = int32(i)
	}
}

// collide notes in each state the first point with the same outgoing attributes
// and time, and reports whether there are two such points.
func collide[P point[P], S points[P]](w *batch, all S) (found bool) {
	size := 1 << bits.Len(uint(2*len(w.states)))
	if cap(w.table) < size {
		w.table = make([]int32, size)
	}
	w.table = w.table[:size]
	clear(w.table)
	for i := range w.states {
		m := &w.states[i]
		m.into = int32(i)
		if m.outcome != rule.Passes {
			continue
		}
		slot := m.out & uint64(size-1)
		for ; w.table[slot] != 0; slot = (slot + 1) & uint64(size-1) {
			first := w.table[slot] - 1
			if w.states[first].out == m.out && w.states[first].leaves == m.leaves &&
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
