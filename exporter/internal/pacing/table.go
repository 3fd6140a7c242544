// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	"encoding/binary"
	"iter"
	"math/bits"
	"math/rand/v2"
)

// table is a map from Owner to settled with open addressing. Owners are hashes,
// so that a look-up is one memory access where a Go map of this size needs two in
// a row, and a hundred thousand owners are more than a processor's nearer caches hold.
type table struct {
	// slots are a power of two in number; a slot whose owner is the zero Owner is free.
	slots []slot
	taken int
	// seeds keep from who chooses installation ids which slots are neighbours.
	seeds [2]uint64
}

type slot struct {
	owner Owner
	settled
}

// smallest number of slots.
const smallest = 16

func newTable() *table {
	return &table{slots: make([]slot, smallest), seeds: [2]uint64{rand.Uint64() | 1, rand.Uint64() | 1}} //nolint:gosec // no secret: they spread
}

// get finds what is known of owner.
func (t *table) get(owner Owner) (s settled, known bool) {
	if found := t.find(owner); found.owner == owner {
		return found.settled, true
	}
	return settled{}, false
}

func (t *table) set(owner Owner, s settled) {
	found := t.find(owner)
	if found.owner != owner {
		if t.taken++; t.taken > len(t.slots)/8*7 {
			t.grow()
			found = t.find(owner)
		}
		found.owner = owner
	}
	found.settled = s
}

func (t *table) delete(owner Owner) {
	found := t.home(owner)
	for ; t.slots[found].owner != owner; found = t.after(found) {
		if t.slots[found].owner == (Owner{}) {
			return
		}
	}
	t.taken--
	// Whoever would no longer be found past the free slot moves into it.
	for next := t.after(found); t.slots[next].owner != (Owner{}); next = t.after(next) {
		if t.distance(t.home(t.slots[next].owner), next) >= t.distance(found, next) {
			t.slots[found] = t.slots[next]
			found = next
		}
	}
	t.slots[found] = slot{}
}

// all visits every owner; nothing may be set or deleted meanwhile.
func (t *table) all() iter.Seq2[Owner, settled] {
	return func(yield func(Owner, settled) bool) {
		for i := range t.slots {
			if s := &t.slots[i]; s.owner != (Owner{}) && !yield(s.owner, s.settled) {
				return
			}
		}
	}
}

// find is the owner's slot, or the free one where it would be.
func (t *table) find(owner Owner) *slot {
	for i := t.home(owner); ; i = t.after(i) {
		if s := &t.slots[i]; s.owner == owner || s.owner == (Owner{}) {
			return s
		}
	}
}

// home is where the search for owner begins.
func (t *table) home(owner Owner) int {
	mixed := binary.LittleEndian.Uint64(owner[:8])*t.seeds[0] + binary.LittleEndian.Uint64(owner[8:])*t.seeds[1]
	return int(mixed >> (65 - bits.Len(uint(len(t.slots))))) //nolint:gosec // fewer bits than an int has
}

func (t *table) after(i int) int { return (i + 1) & (len(t.slots) - 1) }

// distance from one slot on to another.
func (t *table) distance(from, to int) int { return (to - from) & (len(t.slots) - 1) }

func (t *table) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	for i := range old {
		if old[i].owner != (Owner{}) {
			*t.find(old[i].owner) = old[i]
		}
	}
}
