// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// pool are steps of which chains are made, in any order: also those that no entry can say.
func pool() map[string][]step {
	one := mechanism.Ratio{Num: 1, Den: 1}
	laplaced := func(fresh bool) []step {
		n := noise{scale: one, drawn: laplace(one), parameters: "1/1", fresh: fresh, within: 1, epsilon: 1}
		return []step{n, clamp{Clamp: &Clamp{Min: new(int64(-reach + 3)), Max: new(int64(reach))}}}
	}
	return map[string][]step{
		"clamp above":  {clamp{Clamp: &Clamp{Max: new(int64(2))}}},
		"clamp both":   {clamp{Clamp: &Clamp{Min: new(int64(1)), Max: new(int64(3))}}},
		"noise":        laplaced(false),
		"fresh noise":  laplaced(true),
		"suppress":     {suppress{below: 2}},
		"round":        {(&Round{To: 2}).step("")},
		"round to one": {(&Round{To: 1, Mode: RoundUp}).step("")},
		"sticky to 2":  {(&Round{To: 2, Mode: RoundSticky}).step("")},
		"sticky to 4":  {(&Round{To: 4, Mode: RoundSticky}).step("")},
		"bucket":       {(&Bucket{Bounds: []int64{0, 1, 3}, Hysteresis: new(float64)}).step("")},
		"hysteresis":   {(&Bucket{Bounds: []int64{0, 1, 3}}).step("")},
		"one bit":      {(&OneBit{Max: 4, Step: 2, Flip: new(float64)}).step("")},
		"floor":        {floor{}},
	}
}

// chainsOf has all chains of a length of steps of the pool, by their names.
func chainsOf(steps map[string][]step, length int) map[string][]step {
	all := map[string][]step{"": nil}
	for range length {
		longer := map[string][]step{}
		for before, chain := range all {
			for name, s := range steps {
				longer[strings.TrimPrefix(before+", "+name, ", ")] = slices.Concat(chain, s)
			}
		}
		all = longer
	}
	return all
}

func effectsOf(steps []step) (all []effect) {
	for _, s := range steps {
		all = append(all, s.effect())
	}
	return all
}
