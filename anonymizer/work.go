// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"hash/maphash"
	"math"
	"math/bits"

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
	gathered []*number      // the rule of each gathered metric
	fields   []trust.Field  // what the ledger will be shown of one resource

	// The metric at work.
	rule        *number
	temporality pmetric.AggregationTemporality
	place       place
	marks       []mark
	table       []int32
	newest      map[stream]int32

	// The attributes of the point at work.
	clean          func(string, pcommon.Value) bool
	attributePlace place
	position       int
	recent         [8]known
	hashes         bool // there are several points, and some may collide
	raw, out       uint64
}

// known remembers which rule the attribute at some position had in the last point.
type known struct {
	name string
	hash uint64
	rule *text // nil: no rule names it
}

func newWork(a *anonymizer) *work {
	w := &work{anonymizer: a, place: placeOf(a.memory), attributePlace: placeOf(a.memory), names: map[string]int{}, newest: map[stream]int32{}}
	w.clean = w.dropAttribute
	return w
}

// release forgets the batch and keeps the scratch space.
func (w *work) release() {
	w.tally = tally{}
	w.rule, w.place, w.attributePlace = nil, placeOf(w.memory), placeOf(w.memory)
	w.recent = [len(w.recent)]known{}
	if max(len(w.names), len(w.newest), cap(w.gathered), cap(w.marks), cap(w.table)) > maxScratch {
		w.anonymizer.works.Put(newWork(w.anonymizer))
		return
	}
	clear(w.names)
	clear(w.newest)
	clear(w.fields[:cap(w.fields)])
	w.anonymizer.works.Put(w)
}

// treatAttributes leaves of a point's attributes what is named. It returns hashes, whatever
// their order, of what was dropped or changed, and of the attributes as they are now:
// together they tell apart the series as they arrived.
func (w *work) treatAttributes(attributes pcommon.Map) (raw, out uint64) {
	w.position, w.raw, w.out = 0, 0, 0
	attributes.RemoveIf(w.clean)
	return w.raw, w.out
}

func (w *work) dropAttribute(name string, v pcommon.Value) bool {
	a := w.known(name)
	hash := uint64(0)
	if w.hashes {
		hash = pairHash(a.hash, v)
	}
	if a.rule != nil && a.rule.exact && scalar(v) {
		w.out += hash
		return false
	}
	w.raw += hash
	fate := unnamed
	switch {
	case a.rule == nil:
	case a.rule.drops:
		fate = byRule
	default:
		fate = w.treatText(a.rule, name, v)
	}
	if fate == passes {
		if w.hashes {
			w.out += pairHash(a.hash, v)
		}
		return false
	}
	w.drop(anAttribute, fate)
	w.showAttribute(name, v, a.rule, fate)
	return true
}

// treatText runs an attribute's rule, for the attribute and not for the metric at work.
func (w *work) treatText(rule *text, name string, v pcommon.Value) reason {
	w.attributePlace.instance, w.attributePlace.name = w.place.instance, name
	return rule.treat(v, &w.attributePlace)
}

// known finds an attribute's rule. Points of one metric mostly carry the same names in the same order.
func (w *work) known(name string) *known {
	a := &w.recent[w.position%len(w.recent)]
	w.position++
	if a.name != name || a.hash == 0 {
		rule, _ := w.attributes.find(name)
		*a = known{name, maphash.String(hashSeed, name) | 1, rule}
	}
	return a
}

var hashSeed = maphash.MakeSeed()

// pairHash is of one attribute; the sum over a set does not depend on its order.
func pairHash(name uint64, v pcommon.Value) uint64 {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return mix(name, maphash.String(hashSeed, v.Str()))
	case pcommon.ValueTypeInt:
		return mix(name+1, mix(hashKey, uint64(v.Int())))
	case pcommon.ValueTypeDouble:
		return mix(name+2, mix(hashKey, math.Float64bits(v.Double())))
	default:
		return mix(name+3+uint64(v.Type()), maphash.String(hashSeed, v.AsString()))
	}
}

var hashKey = maphash.String(hashSeed, "key")

// mix multiplies to 128 bits and folds them, as wyhash does.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0xa0761d6478bd642f, b^hashKey)
	return high ^ low
}
