// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
)

// drawing are entries that draw once and for ever, as a person may write them one after another.
var drawing = []string{
	"{noise: {scale: 1}}",
	"{noise: {scale: 1}, suppress_below: 2}",
	"{noise: {scale: 1}, round: {to: 4, mode: sticky}}",
	"{noise: {scale: 1}, bucket: {bounds: [0, 1, 3]}}",
	"{clamp: {max: 2}, noise: {scale: 1}}",
	"{clamp: {min: 1, max: 3}, noise: {scale: 1}}",
	"{round: {to: 4, mode: sticky}}",
	"{round: {to: 4, mode: sticky}, suppress_below: 2}",
	"{clamp: {max: 2}, round: {to: 4, mode: sticky}}",
	"{one_bit: {max: 4, step: 2, flip: 0}}",
	"{clamp: {min: 1, max: 3}, one_bit: {max: 4, step: 2, flip: 0}}",
}

// audits' noise: of half the probability at each step further, cut where its tails begin.
func cutTails(steps []step) (all []step) {
	for _, s := range steps {
		all = append(all, s)
		if _, adds := s.(noise); adds {
			all = append(all, clamp{Clamp: &Clamp{Min: new(int64(-reach + 3)), Max: new(int64(reach))}})
		}
	}
	return all
}

// spent is what a chain's bounds allow between two numbers that never change: e^ε, and a distance.
func spent(steps []step, bounds []Bound, apart int64) (ratio, distance *big.Rat, bounded bool) {
	for _, b := range bounds {
		switch {
		case b.Pairs == Alone, b.Pairs == Single, b.Within > 0 && apart > b.Within:
		case b.Of > 0:
			return big.NewRat(1, 1), big.NewRat(b.PerUnit*apart, b.Of), true
		default:
			return ratioOf(steps, b), new(big.Rat), true
		}
	}
	return nil, nil, false
}

// A rule that changes to another one, and back, is another number: what both tell adds up, and
// no draw of the one tells about the other.
func TestRulesThatChangeAddUp(t *testing.T) {
	const most = 3
	compared := 0
	for i, first := range drawing {
		for j, second := range drawing {
			if raceDetector && (i+j)%3 > 0 {
				continue
			}
			before, after := parsed(t, first), parsed(t, second)
			chains := [][]step{cutTails(before.steps()), cutTails(after.steps())}
			var histories [][]int64
			for x := range int64(most + 1) {
				histories = append(histories, []int64{x, x, x})
			}
			seen := runInTurn(chains, histories...)
			for x, p := range seen {
				for y, q := range seen {
					apart := max(int64(x-y), int64(y-x))
					ratio, distance, bounded := spent(chains[0], before.Chain().Guarantee(Always).Bounds, apart)
					more, further, both := spent(chains[1], after.Chain().Guarantee(Always).Bounds, apart)
					if !bounded || !both {
						continue
					}
					compared++
					allowed := new(big.Rat).Add(distance, further)
					over := excess(p, q, new(big.Rat).Mul(ratio, more))
					assert.LessOrEqual(t, over.Cmp(allowed), 0, fmt.Sprintf("%s, then %s: %d and %d are told apart by %v more than both allow", first, second, x, y, over.FloatString(3)))
				}
			}
		}
	}
	assert.Greater(t, compared, 200)
}
