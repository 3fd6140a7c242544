// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"hash/maphash"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/trust"
)

// Beyond this many entries, scratch space is given back instead of kept for the next batch.
const maxScratch = 1 << 16

// work is one batch's way through the anonymizer: its tally, and scratch space
// that is used again, so that allocations do not grow with points.
type work struct {
	*anonymizer
	tally

	names    map[string]int // of the attributes or metrics of one resource
	gathered []gathered
	before   int           // how many were gathered of the resource before
	repeats  bool          // those gathered so far are the same as of the resource before
	fields   []trust.Field // what the ledger will be shown of one resource

	// The metric at work.
	rule        *number
	temporality pmetric.AggregationTemporality
	place       place
	grid        grid
	marks       []mark
	table       []int32
	newest      map[stream]int32

	// The attributes of the point at work.
	clean          func(string, pcommon.Value) bool
	attributePlace place
	position       uint
	recent         [8]known
	smooth         bool // all points of the metric are integers that pass, each by itself
	hashes         bool // there are several points, and some may collide
	texts          []lostText
	raw, out       uint64
}

// known remembers which rule the attribute at some position had in the last point:
// points of one metric mostly carry the same names in the same order.
type known struct {
	name  string
	hash  uint64
	rule  *text // nil: no rule names it
	exact bool
	lost  bool   // whatever its value
	fate  reason // of what is lost
	plain bool   // it is exact or lost, and nobody looks on
}

func newWork(a *anonymizer) *work {
	w := &work{anonymizer: a, grid: gridOf(a.cfg.Timestamps.Truncate), place: placeOf(a.memory), attributePlace: placeOf(a.memory), names: map[string]int{}, newest: map[stream]int32{}}
	w.clean = func(name string, v pcommon.Value) bool {
		a := &w.recent[w.position%uint(len(w.recent))]
		w.position++
		if a.name != name || !a.plain || v.Type() != pcommon.ValueTypeStr {
			return w.treatAttribute(a, name, v) != passes
		}
		// A text that stays as it is, or goes whatever it says: what treatAttribute does, in short.
		if a.exact {
			if w.hashes {
				w.out += textHash(a.hash, v.Str())
			}
			return false
		}
		if w.hashes {
			w.texts = append(w.texts, lostText{a.hash, v.Str()})
		}
		w.drop(anAttribute, a.fate)
		return true
	}
	return w
}

// release forgets the batch and keeps the scratch space.
func (w *work) release() {
	w.tally = tally{}
	w.rule, w.place, w.attributePlace = nil, placeOf(w.memory), placeOf(w.memory)
	w.recent = [len(w.recent)]known{}
	if max(len(w.names), len(w.newest), cap(w.gathered), cap(w.marks), cap(w.table), cap(w.texts)) > maxScratch {
		w.anonymizer.works.Put(newWork(w.anonymizer))
		return
	}
	clear(w.names)
	clear(w.newest)
	clear(w.fields[:cap(w.fields)])
	clear(w.texts[:cap(w.texts)])
	clear(w.gathered[:cap(w.gathered)])
	w.anonymizer.works.Put(w)
}

// treatAttributes leaves of a point's attributes what is named. It returns hashes, whatever
// their order, of what was dropped or changed (but texts, which addTexts adds), and of the
// attributes as they are now: together they tell apart the series as they arrived.
func (w *work) treatAttributes(attributes pcommon.Map) (raw, out uint64) {
	w.position, w.raw, w.out = 0, 0, 0
	attributes.RemoveIf(w.clean)
	return w.raw, w.out
}

// treatAttribute runs an attribute's rule, and hashes or notes what came in and what leaves.
func (w *work) treatAttribute(a *known, name string, v pcommon.Value) reason {
	if a.name != name || a.hash == 0 {
		w.know(a, name)
	}
	switch {
	case a.exact && scalar(v):
		if w.hashes {
			w.out += pairHash(a.hash, v)
		}
		return passes
	case w.hashes:
		w.raw += pairHash(a.hash, v)
	}
	fate := a.fate
	if !a.lost {
		fate = w.treatText(a.rule, a.name, v)
	}
	if fate != passes {
		w.drop(anAttribute, fate)
		if w.ledger != nil {
			w.showAttribute(a.name, v, a.rule, fate)
		}
	} else if w.hashes {
		w.out += pairHash(a.hash, v)
	}
	return fate
}

// lostText is hashed only when points collide.
type lostText struct {
	name uint64
	text string
}

// addTexts adds to each mark's hash of what was dropped that of the texts.
func (w *work) addTexts() {
	end := len(w.texts)
	for i := len(w.marks) - 1; i >= 0; i-- {
		m := &w.marks[i]
		for _, t := range w.texts[m.texts:end] {
			m.raw += textHash(t.name, t.text)
		}
		end = int(m.texts)
	}
}

// treatText runs an attribute's rule, for the attribute and not for the metric at work.
func (w *work) treatText(rule *text, name string, v pcommon.Value) reason {
	w.attributePlace.instance, w.attributePlace.name = w.place.instance, name
	return rule.treat(v, &w.attributePlace)
}

// know finds an attribute's rule.
func (w *work) know(a *known, name string) {
	rule, _ := w.attributes.find(name)
	*a = known{name: name, hash: maphash.String(hashSeed, name) | 1, rule: rule}
	switch {
	case rule == nil:
		a.lost, a.fate = true, unnamed
	case rule.drops:
		a.lost, a.fate = true, byRule
	default:
		a.exact = rule.exact
	}
	a.plain = (a.exact || a.lost) && w.ledger == nil
}
