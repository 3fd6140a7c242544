// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFaultsInTheAlgebraAreCaught(t *testing.T) {
	each := func(change func(*effect)) func([]effect) []effect {
		return func(all []effect) []effect {
			for i := range all {
				change(&all[i])
			}
			return all
		}
	}
	bounds := func(change func(*Bound)) func([]effect) []effect {
		return each(func(e *effect) {
			if e.theorem == nil {
				return
			}
			for i := range e.theorem.bounds {
				change(&e.theorem.bounds[i])
			}
		})
	}
	for name, fault := range map[string]func([]effect) []effect{
		"a clamp keeps a constant difference": each(func(e *effect) {
			if e.difference == contracted {
				e.difference = kept
			}
		}),
		"a clamp has no edges": each(func(e *effect) { e.edges = 0 }),
		"suppression before a draw is harmless": each(func(e *effect) {
			if e.difference == blocked {
				e.difference = kept
			}
		}),
		"suppression is a function like any other": each(func(e *effect) {
			if e.difference == blocked {
				e.difference = lost
			}
		}),
		"rounding keeps differences": each(func(e *effect) {
			if e.difference == lost {
				e.difference = kept
			}
		}),
		"rounding contracts": each(func(e *effect) {
			if e.difference == lost {
				e.difference = contracted
			}
		}),
		"hysteresis forgets": each(func(e *effect) { e.overTime = false }),
		"a draw may be used twice": each(func(e *effect) {
			if e.theorem != nil {
				e.theorem.draw = ""
			}
		}),
		"half the offset's variation": bounds(func(b *Bound) { b.Of *= 2 }),
		"noise hides two rows": bounds(func(b *Bound) {
			if b.Within > 0 {
				b.Within = 2
			}
		}),
		"fresh noise for ever": bounds(func(b *Bound) {
			if b.Pairs == Single {
				b.Pairs = Shifted
			}
		}),
		"an answer for ever hides changes": bounds(func(b *Bound) {
			if b.Pairs == Unchanging {
				b.Pairs = Shifted
			}
		}),
		"a report alone is all of them": bounds(func(b *Bound) {
			if b.Pairs == Alone {
				b.Pairs = Single
			}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, _, err := auditAll(2, fault)
			assert.Error(t, err)
			t.Log(err)
		})
	}
}
