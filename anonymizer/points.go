// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// A point with more outgoing attributes than this is dropped: OpenTelemetry's own default limit.
const maxAttributes = 128

// point is what pdata's four types of points have in common.
type point[P any] interface {
	Attributes() pcommon.Map
	SetTimestamp(pcommon.Timestamp)
	SetFlags(pmetric.DataPointFlags)
	MoveTo(P)
}

type points[P any] interface {
	Len() int
	At(int) P
	RemoveIf(func(P) bool)
}

// operations are what differs between the types of points.
type operations[P, S any] struct {
	// strip removes what never leaves, and notes in each state what is left and what is wrong with it.
	strip func(w *batch, all S)
	// absorb makes one point of two; order compares from's time to into's; false when that cannot be.
	absorb func(into, from P, how rule.Merge, order int) bool
	// fill completes the groups that the rule lists, or drops what it cannot complete.
	fill func(w *batch, all S)
	// apply runs the metric's rule on each number of the point.
	apply func(w *batch, p P) rule.Outcome
	// blank makes a point without anything.
	blank func() P
	// text is the point's number for the ledger.
	text func(P) string
	// gauge: points that collide do not simply add.
	gauge bool
}

// pointState is what is known of one point before its rule runs.
type pointState struct {
	outcome      rule.Outcome
	merged       bool
	absent       bool  // there was no number
	grouped      bool  // it came with attributes, whether they leave or not
	into         int32 // the first point that leaves with the same attributes and time; itself, mostly
	texts        int32 // the first of its dropped texts among all
	raw, out     uint64
	time, leaves pcommon.Timestamp // as it arrived, and truncated
}

// applyAll cleans the points of one metric in place, and reports whether the metric leaves.
func applyAll[P point[P], S points[P]](w *batch, all S, s *operations[P, S]) bool {
	if all.Len() == 0 {
		return w.noRows()
	}
	prepare(w, all, s)
	leaves := finish(w, all, s)
	w.watchGroups(w.key.Name, all.Len(), named(all))
	return leaves
}

// named reports whether what leaves are groups, which their attributes name.
func named[P point[P], S points[P]](all S) bool {
	return all.Len() > 0 && all.At(0).Attributes().Len() > 0
}

// noRows treats a metric that was read and has no groups, which leaves without points.
func (w *batch) noRows() (leaves bool) {
	w.found[len(w.found)-1] = true
	return !w.chain.Listed
}

// prepare strips all points, notes what is known of each, and merges what collides.
func prepare[P point[P], S points[P]](w *batch, all S, s *operations[P, S]) {
	w.hashes, w.texts, w.smooth = all.Len() > 1, w.texts[:0], true
	w.states = slices.Grow(w.states[:0], all.Len())[:all.Len()]
	s.strip(w, all)
	if w.chain.Listed {
		s.fill(w, all)
	}
	if w.hashes {
		mergePoints(w, all, s)
	}
}

// finish runs the rule on what is left of each point, and removes what does not leave.
func finish[P point[P], S points[P]](w *batch, all S, s *operations[P, S]) (leaves bool) {
	removes := false
	for i := range w.states {
		m := &w.states[i]
		switch {
		case m.merged:
			w.merged++
			removes = true
			continue
		case m.outcome == rule.Passes:
			m.outcome = applyPoint(w, all.At(i), m, s)
		}
		switch m.outcome {
		case rule.Passes:
			leaves = true
			continue
		case rule.Suppressed:
			leaves = true // of all groups suppressed, the metric still says that it was read
		}
		w.drop(aPoint, m.outcome)
		removes = true
	}
	if removes {
		at := -1
		all.RemoveIf(func(P) bool {
			at++
			return w.states[at].merged || w.states[at].outcome != rule.Passes
		})
	}
	return leaves
}

const noValue = pmetric.DataPointFlags(1) // OTLP's FLAG_NO_RECORDED_VALUE

// applyPoint runs the rule. A number that is suppressed, or that was not there,
// leaves a point without a value; but of a group whose number is suppressed there is no trace, whether its name
// would have left or not: it is as if it had no row.
func applyPoint[P point[P], S points[P]](w *batch, p P, m *pointState, s *operations[P, S]) rule.Outcome {
	absent := m.absent
	read := ""
	if w.ledger != nil && !absent {
		read = s.text(p)
	}
	outcome := rule.Passes
	if !absent {
		if w.chain.Keyed {
			w.key.Attributes = p.Attributes()
		}
		outcome = s.apply(w, p)
	} else if w.chain.Suppresses && m.grouped {
		outcome = rule.Suppressed
	}
	switch {
	case outcome == rule.Suppressed && !m.grouped,
		outcome == rule.OutOfRange && w.chain.Listed:
		w.drop(aValue, outcome)
		absent, outcome = true, rule.Passes
	}
	if absent {
		withoutValue(p, m.leaves, s)
	}
	if w.ledger != nil {
		leaves := ""
		if outcome == rule.Passes && !absent {
			leaves = s.text(p)
		}
		w.showPoint(p.Attributes(), m.grouped, read, leaves, outcome)
	}
	return outcome
}

// refuseGroups drops points of a type of which no empty group can be made.
func refuseGroups[S any](w *batch, _ S) {
	for i := range w.states {
		w.states[i].outcome = rule.Unfit
	}
}

// withoutValue leaves of a point its attributes and time.
func withoutValue[P point[P], S points[P]](p P, at pcommon.Timestamp, s *operations[P, S]) {
	blank := s.blank()
	p.Attributes().MoveTo(blank.Attributes())
	blank.SetTimestamp(at)
	blank.SetFlags(noValue)
	blank.MoveTo(p)
}

// note fills in what all types of points have in common, and cleans the attributes.
func (w *batch) note(m *pointState, attributes pcommon.Map, time pcommon.Timestamp, flags pmetric.DataPointFlags) {
	if time != w.grid.time {
		w.grid.cut(time)
	}
	*m = pointState{absent: flags.NoRecordedValue(), grouped: attributes.Len() > 0, texts: int32(len(w.texts)), time: time, leaves: w.grid.truncated}
	m.raw, m.out = w.applyAttributes(attributes)
	m.out += w.grid.hash
	if attributes.Len() > maxAttributes {
		m.outcome = malformed
	}
	if m.outcome != rule.Passes || m.absent {
		w.smooth = false
	}
	if !m.absent || m.grouped {
		w.found[len(w.found)-1] = true
	}
}

// grid is what all times are cut down to: multiples since 1970-01-01 UTC. It remembers
// the last time, which is mostly that of the next point too.
type grid struct {
	step            pcommon.Timestamp // 0: times leave as they are
	time, truncated pcommon.Timestamp
	hash            uint64
}

func gridOf(step time.Duration) grid {
	g := grid{step: pcommon.Timestamp(step)}
	g.cut(0)
	return g
}

func (g *grid) cut(t pcommon.Timestamp) {
	g.time, g.truncated = t, t
	if g.step != 0 {
		g.truncated -= t % g.step
	}
	g.hash = mix(hashKey, uint64(g.truncated))
}
