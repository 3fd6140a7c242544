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
		table, reference := newTable(), map[Owner]settled{}
		owners := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) Owner {
			var o Owner
			copy(o[:], rapid.SliceOfN(rapid.Byte(), len(o), len(o)).Draw(t, "owner"))
			o[0] |= 1 // none is zero
			return o
		}), 1, 100, rapid.ID).Draw(t, "owners")
		for i := range rapid.IntRange(0, 400).Draw(t, "steps") {
			owner := rapid.SampledFrom(owners).Draw(t, "of")
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				table.delete(owner)
				delete(reference, owner)
			default:
				s := settled{Accepted: int64(i)}
				table.set(owner, s)
				reference[owner] = s
			}
			for _, owner := range owners {
				s, known := table.get(owner)
				want, wanted := reference[owner]
				assert.Equal(t, want, s)
				assert.Equal(t, wanted, known)
			}
			assert.Equal(t, len(reference), table.taken)
		}
		assert.Equal(t, reference, maps.Collect(table.all()))
	})
}

// BenchmarkLookUp is why there is a table: one look-up among a hundred thousand, behind the Book's lock, beside Go's map.
func BenchmarkLookUp(b *testing.B) {
	var mu sync.Mutex
	owners := make([]Owner, installations)
	table, reference := newTable(), map[Owner]settled{}
	for i := range owners {
		owners[i] = owner(i)
		table.set(owners[i], settled{})
		reference[owners[i]] = settled{}
	}
	look := func(b *testing.B, get func(Owner) (settled, bool)) {
		for i := 0; b.Loop(); i = (i + 1) % installations {
			mu.Lock()
			_, known := get(owners[i])
			mu.Unlock()
			if !known {
				b.Fatal(i)
			}
		}
	}
	b.Run("table", func(b *testing.B) { look(b, table.get) })
	b.Run("map", func(b *testing.B) {
		look(b, func(owner Owner) (s settled, known bool) {
			s, known = reference[owner]
			return s, known
		})
	})
}
