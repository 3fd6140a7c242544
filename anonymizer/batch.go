// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"hash/maphash"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/trust"
)

// Beyond this many entries, scratch space is given back instead of kept for the next batch.
const maxScratch = 1 << 16

// batch is one batch's way through the anonymizer: its stats, and scratch space
// that is used again, so that allocations do not grow with points.
type batch struct {
	*anonymizer
	stats

	names    map[string]int // of the attributes or metrics of one resource
	outgoing []outgoing
	before   int           // how many were outgoing of the resource before
	repeats  bool          // those found so far are the same as of the resource before
	fields   []trust.Field // what the ledger will be shown of one resource
	several  bool          // there is more than one resource
	found    []bool        // of each resource: whether it has a number that a rule lets through
	unread   []int         // of what leaves: the resources without one
	drawn    map[number]bool

	// The metric at work.
	chain       *rule.Chain
	temporality pmetric.AggregationTemporality
	ranges      bool // which buckets its points have, the data says
	key         rule.Key
	grid        grid
	states      []pointState
	table       []int32
	newest      map[stream]int32

	// The attributes of the point at work.
	clean        func(string, pcommon.Value) bool
	attributeKey rule.Key
	position     uint
	recent       [8]known
	smooth       bool // all points of the metric are integers that pass, each by itself
	hashes       bool // there are several points, and some may collide
	texts        []lostText
	raw, out     uint64
}

// known remembers which rule the attribute at some position had in the last point:
// points of one metric mostly carry the same names in the same order.
type known struct {
	name    string
	hash    uint64
	step    *rule.TextStep // nil: no rule names it
	exact   bool
	lost    bool         // whatever its value
	outcome rule.Outcome // of what is lost
	plain   bool         // it is exact or lost, and nobody looks on
}

func newBatch(a *anonymizer) *batch {
	w := &batch{anonymizer: a, grid: gridOf(a.cfg.Timestamps.Truncate), key: rule.NewKey(a.memory), attributeKey: rule.NewKey(a.memory), names: map[string]int{}, newest: map[stream]int32{}, drawn: map[number]bool{}}
	w.clean = func(name string, v pcommon.Value) bool {
		a := &w.recent[w.position%uint(len(w.recent))]
		w.position++
		if a.name != name || !a.plain || v.Type() != pcommon.ValueTypeStr {
			return w.applyAttribute(a, name, v) != rule.Passes
		}
		// A text that stays as it is, or goes whatever it says: what applyAttribute does, in short.
		if a.exact && utf8.ValidString(v.Str()) {
			if w.hashes {
				w.out += textHash(a.hash, v.Str())
			}
			return false
		}
		if a.exact {
			return w.applyAttribute(a, name, v) != rule.Passes
		}
		if w.hashes {
			w.texts = append(w.texts, lostText{a.hash, v.Str()})
		}
		w.drop(anAttribute, a.outcome)
		return true
	}
	return w
}

// release forgets the batch and keeps the scratch space.
func (w *batch) release() {
	w.stats = stats{}
	w.chain, w.key, w.attributeKey = nil, rule.NewKey(w.memory), rule.NewKey(w.memory)
	w.recent = [len(w.recent)]known{}
	if max(len(w.names), len(w.newest), len(w.drawn), cap(w.found), cap(w.outgoing), cap(w.states), cap(w.table), cap(w.texts)) > maxScratch {
		w.anonymizer.batches.Put(newBatch(w.anonymizer))
		return
	}
	clear(w.names)
	clear(w.newest)
	clear(w.drawn)
	w.found, w.unread = w.found[:0], w.unread[:0]
	clear(w.fields[:cap(w.fields)])
	clear(w.texts[:cap(w.texts)])
	clear(w.outgoing[:cap(w.outgoing)])
	w.anonymizer.batches.Put(w)
}

// applyAttributes leaves of a point's attributes what is named. It returns hashes, whatever
// their order, of what was dropped or changed (but texts, which addTexts adds), and of the
// attributes as they are now: together they tell apart the series as they arrived.
func (w *batch) applyAttributes(attributes pcommon.Map) (raw, out uint64) {
	w.position, w.raw, w.out = 0, 0, 0
	attributes.RemoveIf(w.clean)
	return w.raw, w.out
}

// applyAttribute runs an attribute's rule, and hashes or notes what came in and what leaves.
func (w *batch) applyAttribute(a *known, name string, v pcommon.Value) rule.Outcome {
	if a.name != name || a.hash == 0 {
		w.know(a, name)
	}
	switch {
	case a.exact && rule.Scalar(v) && (v.Type() != pcommon.ValueTypeStr || utf8.ValidString(v.Str())):
		if w.hashes {
			w.out += pairHash(a.hash, v)
		}
		return rule.Passes
	case w.hashes:
		w.raw += pairHash(a.hash, v)
	}
	outcome := a.outcome
	if !a.lost {
		outcome = w.applyText(a.step, a.name, v)
	}
	if outcome != rule.Passes {
		w.drop(anAttribute, outcome)
		if w.ledger != nil {
			w.showAttribute(a.name, v, a.step, outcome)
		}
	} else if w.hashes {
		w.out += pairHash(a.hash, v)
	}
	return outcome
}

// lostText is hashed only when points collide.
type lostText struct {
	name uint64
	text string
}

// addTexts adds to each state's hash of what was dropped that of the texts.
func (w *batch) addTexts() {
	end := len(w.texts)
	for i := len(w.states) - 1; i >= 0; i-- {
		m := &w.states[i]
		for _, t := range w.texts[m.texts:end] {
			m.raw += textHash(t.name, t.text)
		}
		end = int(m.texts)
	}
}

// applyText runs an attribute's rule, for the attribute and not for the metric at work.
func (w *batch) applyText(step *rule.TextStep, name string, v pcommon.Value) rule.Outcome {
	w.attributeKey.Instance, w.attributeKey.Name = w.key.Instance, name
	return step.Apply(v, &w.attributeKey)
}

// know finds an attribute's rule.
func (w *batch) know(a *known, name string) {
	step, _ := w.attributes.find(name)
	*a = known{name: name, hash: maphash.String(hashSeed, name) | 1, step: step}
	switch {
	case step == nil:
		a.lost, a.outcome = true, unnamed
	case step.Drops:
		a.lost, a.outcome = true, byRule
	default:
		a.exact = step.Exact
	}
	a.plain = (a.exact || a.lost) && w.ledger == nil
}
