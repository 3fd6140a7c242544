// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
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

// shape is what differs between the types of points.
type shape[P, S any] struct {
	// strip removes what never leaves, and notes in each mark what is left and what is wrong with it.
	strip func(w *work, all S)
	// absorb makes one point of two; order compares from's time to into's; false when that cannot be.
	absorb func(into, from P, how Merge, order int) bool
	// apply runs the metric's rule on each number of the point.
	apply func(w *work, p P) reason
	// blank makes a point without anything.
	blank func() P
	// text is the point's number for the ledger.
	text func(P) string
	// gauge: points that collide do not simply add.
	gauge bool
}

// mark is what is known of one point before its rule runs.
type mark struct {
	fate         reason
	merged       bool
	absent       bool  // there was no number
	into         int32 // the first point that leaves with the same attributes and time; itself, mostly
	texts        int32 // the first of its dropped texts among all
	raw, out     uint64
	time, leaves pcommon.Timestamp // as it arrived, and truncated
}

// treat cleans the points of one metric in place, and reports whether the metric leaves.
func treat[P point[P], S points[P]](w *work, all S, s *shape[P, S]) bool {
	if all.Len() == 0 {
		return true
	}
	prepare(w, all, s)
	return finish(w, all, s)
}

// prepare strips all points, notes what is known of each, and merges what collides.
func prepare[P point[P], S points[P]](w *work, all S, s *shape[P, S]) {
	w.hashes, w.texts, w.smooth = all.Len() > 1, w.texts[:0], true
	w.marks = slices.Grow(w.marks[:0], all.Len())[:all.Len()]
	s.strip(w, all)
	if w.hashes {
		mergePoints(w, all, s)
	}
}

// finish runs the rule on what is left of each mark, and removes what does not leave.
func finish[P point[P], S points[P]](w *work, all S, s *shape[P, S]) (leaves bool) {
	removes := false
	for i := range w.marks {
		m := &w.marks[i]
		switch {
		case m.merged:
			w.merged++
			removes = true
			continue
		case m.fate == passes:
			m.fate = treatPoint(w, all.At(i), m, s)
		}
		switch m.fate {
		case passes:
			leaves = true
			continue
		case suppressed:
			leaves = true // of all groups suppressed, the metric still says that it was read
		}
		w.drop(aPoint, m.fate)
		removes = true
	}
	if removes {
		at := -1
		all.RemoveIf(func(P) bool {
			at++
			return w.marks[at].merged || w.marks[at].fate != passes
		})
	}
	return leaves
}

const noValue = pmetric.DataPointFlags(1) // OTLP's FLAG_NO_RECORDED_VALUE

// treatPoint runs the rule. A number that is suppressed, or that was not there,
// leaves a point without a value; but of a group whose number is suppressed not even the name.
func treatPoint[P point[P], S points[P]](w *work, p P, m *mark, s *shape[P, S]) reason {
	absent := m.absent
	read := ""
	if w.ledger != nil && !absent {
		read = s.text(p)
	}
	fate := passes
	if !absent {
		if w.rule.placed {
			w.place.attributes = p.Attributes()
		}
		fate = s.apply(w, p)
	} else if w.rule.suppresses && p.Attributes().Len() > 0 {
		fate = suppressed
	}
	if fate == suppressed && p.Attributes().Len() == 0 {
		w.drop(aValue, suppressed)
		absent, fate = true, passes
	}
	if absent {
		withoutValue(p, m.leaves, s)
	}
	if w.ledger != nil {
		leaves := ""
		if fate == passes && !absent {
			leaves = s.text(p)
		}
		w.showPoint(p.Attributes(), read, leaves, fate)
	}
	return fate
}

// withoutValue leaves of a point its attributes and time.
func withoutValue[P point[P], S points[P]](p P, at pcommon.Timestamp, s *shape[P, S]) {
	blank := s.blank()
	p.Attributes().MoveTo(blank.Attributes())
	blank.SetTimestamp(at)
	blank.SetFlags(noValue)
	blank.MoveTo(p)
}

// note fills in what all types of points have in common, and cleans the attributes.
func (w *work) note(m *mark, attributes pcommon.Map, time pcommon.Timestamp, flags pmetric.DataPointFlags) {
	if time != w.grid.time {
		w.grid.cut(time)
	}
	*m = mark{absent: flags.NoRecordedValue(), texts: int32(len(w.texts)), time: time, leaves: w.grid.truncated}
	m.raw, m.out = w.treatAttributes(attributes)
	m.out += w.grid.hash
	if attributes.Len() > maxAttributes {
		m.fate = malformed
	}
	if m.fate != passes || m.absent {
		w.smooth = false
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
