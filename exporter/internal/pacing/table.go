// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	"encoding/binary"
	"iter"
	"math/bits"
	"math/rand/v2"
)

// table is a map from Key to settled with open addressing. Keys are hashes,
// so that a look-up is one memory access where a Go map of this size needs two in
// a row, and a hundred thousand keys are more than a processor's nearer caches hold.
type table struct {
	// slots are a power of two in number; a slot whose key is the zero Key is free.
	slots []slot
	taken int
	// seeds keep from who chooses installation ids which slots are neighbours.
	seeds [2]uint64
}

type slot struct {
	key Key
	settled
}

// smallest number of slots.
const smallest = 16

func newTable() *table {
	return &table{slots: make([]slot, smallest), seeds: [2]uint64{rand.Uint64() | 1, rand.Uint64() | 1}} //nolint:gosec // no secret: they spread
}

// get finds what is known of key.
func (t *table) get(key Key) (s settled, known bool) {
	if found := t.find(key); found.key == key {
		return found.settled, true
	}
	return settled{}, false
}

func (t *table) set(key Key, s settled) {
	found := t.find(key)
	if found.key != key {
		if t.taken++; t.taken > len(t.slots)/8*7 {
			t.grow()
			found = t.find(key)
		}
		found.key = key
	}
	found.settled = s
}

func (t *table) delete(key Key) {
	found := t.home(key)
	for ; t.slots[found].key != key; found = t.after(found) {
		if t.slots[found].key == (Key{}) {
			return
		}
	}
	t.taken--
	// Whoever would no longer be found past the free slot moves into it.
	for next := t.after(found); t.slots[next].key != (Key{}); next = t.after(next) {
		if t.distance(t.home(t.slots[next].key), next) >= t.distance(found, next) {
			t.slots[found] = t.slots[next]
			found = next
		}
	}
	t.slots[found] = slot{}
}

// all visits every key; nothing may be set or deleted meanwhile.
func (t *table) all() iter.Seq2[Key, settled] {
	return func(yield func(Key, settled) bool) {
		for i := range t.slots {
			if s := &t.slots[i]; s.key != (Key{}) && !yield(s.key, s.settled) {
				return
			}
		}
	}
}

// keys visits every key; as with all, nothing may be set or deleted meanwhile.
func (t *table) keys() iter.Seq[Key] {
	return func(yield func(Key) bool) {
		for key := range t.all() {
			if !yield(key) {
				return
			}
		}
	}
}

// find is the key's slot, or the free one where it would be.
func (t *table) find(key Key) *slot {
	for i := t.home(key); ; i = t.after(i) {
		if s := &t.slots[i]; s.key == key || s.key == (Key{}) {
			return s
		}
	}
}

// home is where the search for key begins.
func (t *table) home(key Key) int {
	mixed := binary.LittleEndian.Uint64(key[:8])*t.seeds[0] + binary.LittleEndian.Uint64(key[8:])*t.seeds[1]
	return int(mixed >> (65 - bits.Len(uint(len(t.slots))))) //nolint:gosec // fewer bits than an int has
}

func (t *table) after(i int) int { return (i + 1) & (len(t.slots) - 1) }

// distance from one slot on to another.
func (t *table) distance(from, to int) int { return (to - from) & (len(t.slots) - 1) }

func (t *table) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	for i := range old {
		if old[i].key != (Key{}) {
			*t.find(old[i].key) = old[i]
		}
	}
}
