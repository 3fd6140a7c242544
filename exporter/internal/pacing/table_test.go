// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	"maps"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// A table answers as a map does, whatever is set, deleted and looked up in whatever order.
func TestTableIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, reference := newTable(), map[Key]settled{}
		keys := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) Key {
			var o Key
			copy(o[:], rapid.SliceOfN(rapid.Byte(), len(o), len(o)).Draw(t, "key"))
			o[0] |= 1 // none is zero
			return o
		}), 1, 100, rapid.ID).Draw(t, "keys")
		for i := range rapid.IntRange(0, 400).Draw(t, "steps") {
			key := rapid.SampledFrom(keys).Draw(t, "of")
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				table.delete(key)
				delete(reference, key)
			default:
				s := settled{Accepted: int64(i)}
				table.set(key, s)
				reference[key] = s
			}
			for _, key := range keys {
				s, known := table.get(key)
				want, wanted := reference[key]
				assert.Equal(t, want, s)
				assert.Equal(t, wanted, known)
			}
			assert.Equal(t, len(reference), table.taken)
		}
		assert.Equal(t, reference, maps.Collect(table.all()))
	})
}

// BenchmarkLookUp is why there is a table: one look-up among a hundred thousand, behind the Tracker's lock, beside Go's map.
func BenchmarkLookUp(b *testing.B) {
	var mu sync.Mutex
	keys := make([]Key, installations)
	table, reference := newTable(), map[Key]settled{}
	for i := range keys {
		keys[i] = key(i)
		table.set(keys[i], settled{})
		reference[keys[i]] = settled{}
	}
	look := func(b *testing.B, get func(Key) (settled, bool)) {
		for i := 0; b.Loop(); i = (i + 1) % installations {
			mu.Lock()
			_, known := get(keys[i])
			mu.Unlock()
			if !known {
				b.Fatal(i)
			}
		}
	}
	b.Run("table", func(b *testing.B) { look(b, table.get) })
	b.Run("map", func(b *testing.B) {
		look(b, func(key Key) (s settled, known bool) {
			s, known = reference[key]
			return s, known
		})
	})
}
