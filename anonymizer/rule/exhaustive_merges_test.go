// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// merged is what becomes of two parts at a time, of which the first may be the newer one.
func (m Merge) merged(a, b Value, first bool) Value {
	switch {
	case m == MergeSum:
		return a.Plus(b)
	case m == MergeMax:
		return a.Max(b)
	case first:
		return a
	default:
		return b
	}
}

// Whoever counts in one of two points that become one is hidden as the chain says, whatever the other point
// is, and whichever of the two is the newer one each time.
func TestMergedPartsAreHiddenAsClaimed(t *testing.T) {
	const length = 2
	for _, how := range []Merge{MergeSum, MergeMax, MergeLast} {
		for name, steps := range pool() {
			bounds := compose(append([]effect{how.effect()}, effectsOf(steps)...))
			for _, other := range domain(2, length) {
				for order := range 1 << length {
					if how != MergeLast && order > 0 {
						continue
					}
					histories := domain(1, length) // with the other part at most 3, where the noise of the audits is exact
					var merged [][]int64
					for _, h := range histories {
						var reported []int64
						for i := range h {
							reported = append(reported, how.merged(Value{Whole: h[i]}, Value{Whole: other[i]}, order>>i&1 == 0).Whole)
						}
						merged = append(merged, reported)
					}
					_, err := checkBounds(steps, bounds, histories, compute(run(steps, merged...), length))
					assert.NoError(t, err, fmt.Sprintf("%s of %s with %v, order %d", name, how, other, order))
				}
			}
		}
	}
}
