// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// A point with more outgoing attributes than this is dropped: OpenTelemetry's own default limit.
const maxAttributes = 128

// point is what pdata's four types of points have in common.
type point[P any] interface {
	Attributes() pcommon.Map
	Timestamp() pcommon.Timestamp
	SetTimestamp(pcommon.Timestamp)
	SetStartTimestamp(pcommon.Timestamp)
	Flags() pmetric.DataPointFlags
	SetFlags(pmetric.DataPointFlags)
	MoveTo(P)
}

type points[P any] interface {
	Len() int
	At(int) P
	RemoveIf(func(P) bool)
}

// shape is what differs between the types of points.
type shape[P any] struct {
	// strip removes what never leaves, and says what is wrong with the point.
	strip func(P) reason
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
	fate     reason
	merged   bool
	into     int32 // the first point that leaves with the same attributes and time; itself, mostly
	raw, out uint64
	time     pcommon.Timestamp
}

// treat cleans the points of one metric in place, and reports whether the metric leaves.
func treat[P point[P], S points[P]](w *work, all S, s *shape[P]) bool {
	if all.Len() == 0 {
		return true
	}
	w.marks = w.marks[:0]
	w.hashes = all.Len() > 1
	for i := range all.Len() {
		p := all.At(i)
		m := mark{into: int32(i), time: p.Timestamp()}
		m.raw, m.out = w.treatAttributes(p.Attributes())
		p.SetStartTimestamp(0)
		p.SetTimestamp(truncated(m.time, w.cfg.Timestamps.Truncate))
		p.SetFlags(p.Flags() & noValue)
		m.out += mix(hashKey, uint64(p.Timestamp()))
		m.fate = s.strip(p)
		if p.Attributes().Len() > maxAttributes {
			m.fate = malformed
		}
		w.marks = append(w.marks, m)
	}
	if all.Len() > 1 {
		mergePoints(w, all, s)
	}

	return finish(w, all, s)
}

// finish runs the rule on what is left of each mark, and removes what does not leave.
func finish[P point[P], S points[P]](w *work, all S, s *shape[P]) (leaves bool) {
	removes := false
	for i := range w.marks {
		m := &w.marks[i]
		switch {
		case m.merged:
			w.merged++
			removes = true
			continue
		case m.fate == passes:
			m.fate = treatPoint(w, all.At(i), s)
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
func treatPoint[P point[P]](w *work, p P, s *shape[P]) reason {
	absent := p.Flags().NoRecordedValue()
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
		withoutValue(p, s)
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
func withoutValue[P point[P]](p P, s *shape[P]) {
	blank := s.blank()
	p.Attributes().MoveTo(blank.Attributes())
	blank.SetTimestamp(p.Timestamp())
	blank.SetFlags(noValue)
	blank.MoveTo(p)
}

// truncated cuts a time down to a multiple of the grid since 1970-01-01 UTC.
func truncated(t pcommon.Timestamp, grid time.Duration) pcommon.Timestamp {
	if grid == 0 {
		return t
	}
	return t - t%pcommon.Timestamp(grid)
}
