// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"hash/maphash"
	"math"

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
	none           pcommon.Map // of attributes: an attribute has none of its own
	position       int
	recent         [8]known
	raw, out       uint64
}

// known remembers which rule the attribute at some position had in the last point.
type known struct {
	name string
	hash uint64
	rule *text // nil: no rule names it
}

func newWork(a *anonymizer) *work {
	w := &work{anonymizer: a, place: place{memory: a.memory}, none: pcommon.NewMap(), names: map[string]int{}, newest: map[stream]int32{}}
	w.clean = w.dropAttribute
	return w
}

// release forgets the batch and keeps the scratch space.
func (w *work) release() {
	w.tally = tally{}
	w.rule, w.place, w.attributePlace = nil, place{memory: w.memory}, place{}
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

// treatAttributes leaves of a point's attributes what is named. It returns hashes of
// the attributes as they were and as they are, whatever their order.
func (w *work) treatAttributes(attributes pcommon.Map) (raw, out uint64) {
	w.position, w.raw, w.out = 0, 0, 0
	attributes.RemoveIf(w.clean)
	return w.raw, w.out
}

func (w *work) dropAttribute(name string, v pcommon.Value) bool {
	a := w.known(name)
	w.raw += pairHash(a.hash, v)
	if a.rule == nil {
		w.drop(anAttribute, unnamed)
		w.showAttribute(name, v, nil, unnamed)
		return true
	}
	if a.rule.drops {
		w.drop(anAttribute, byRule)
		w.showAttribute(name, v, a.rule, byRule)
		return true
	}
	if fate := w.treatText(a.rule, name, v); fate != passes {
		w.drop(anAttribute, fate)
		w.showAttribute(name, v, a.rule, fate)
		return true
	}
	w.out += pairHash(a.hash, v)
	return false
}

// treatText runs an attribute's rule, for the attribute and not for the metric at work.
func (w *work) treatText(rule *text, name string, v pcommon.Value) reason {
	w.attributePlace = place{memory: w.memory, instance: w.place.instance, name: name, attributes: w.none}
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

// pairHash is of one attribute; sums of them are of a set, because an odd factor
// chosen by the secret seed separates names from values.
func pairHash(name uint64, v pcommon.Value) uint64 {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return mix(name ^ maphash.String(hashSeed, v.Str()))
	case pcommon.ValueTypeInt:
		return mix(name ^ mix(uint64(v.Int())) + 1)
	case pcommon.ValueTypeDouble:
		return mix(name ^ mix(math.Float64bits(v.Double())) + 2)
	default:
		return mix(name ^ maphash.String(hashSeed, v.AsString()) + uint64(v.Type()))
	}
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
