// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mechanism_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// Every offset enumerated.
func TestClaim3StickyRoundingIsUnbiased(t *testing.T) {
	for _, to := range []int64{1, 2, 3, 5, 10, 100} {
		for x := int64(-250); x <= 250; x++ {
			sum := int64(0)
			for offset := range to {
				sum += mechanism.StickyRound(x, to, offset)
			}
			require.Equal(t, x*to, sum, "%d to %d", x, to)
		}
	}
	claim(t, 3, "sticky rounding: the mean over all offsets is the number", "exact, 6 grids, 501 numbers")
}

// offsets of a history's reports, by a seed in [0, n).
type offsets struct {
	n  int64
	of func(seed int64, report int) int64
}

func sticky(to int64) offsets {
	return offsets{to, func(seed int64, _ int) int64 { return seed }}
}

// totalVariation of what leaves of two histories, over all offsets.
func totalVariation(to int64, o offsets, a, b []int64) float64 {
	left := func(history []int64) map[string]float64 {
		p := map[string]float64{}
		for seed := range o.n {
			text := ""
			for report, x := range history {
				text += fmt.Sprint(mechanism.StickyRound(x, to, o.of(seed, report)), " ")
			}
			p[text] += 1 / float64(o.n)
		}
		return p
	}
	p, q, sum := left(a), left(b), 0.0
	for text := range p {
		sum += math.Max(0, p[text]-q[text])
	}
	return sum
}

func TestClaim3StickyRoundingHidesShifts(t *testing.T) {
	const to = 10
	var all []int64
	for x := range int64(3 * to) {
		all = append(all, x)
	}
	for shift := range int64(2*to + 1) {
		bound := math.Min(1, float64(shift)/to)
		for _, history := range [][]int64{{0}, {7}, {3, 4, 5}, {0, 9, 2, 9}} {
			require.LessOrEqual(t, totalVariation(to, sticky(to), history, shifted(history, shift)), bound+1e-12)
		}
		require.InDelta(t, bound, totalVariation(to, sticky(to), all, shifted(all, shift)), 1e-12,
			"reached when the history visits all residues")
	}
	claim(t, 3, "sticky rounding: total variation of a shift c", "at most min(1, c/s), and reached: 21 shifts at s = 10")
}

func shifted(history []int64, by int64) (moved []int64) {
	for _, x := range history {
		moved = append(moved, x+by)
	}
	return moved
}

// A mutant that draws a new offset for each report tells shifts apart over time.
func TestClaim3MutantOffsetRedrawnIsCaught(t *testing.T) {
	redrawn := offsets{1000, func(seed int64, report int) int64 { return seed / []int64{1, 10, 100}[report] % 10 }}
	assert.Greater(t, totalVariation(10, redrawn, []int64{0, 0, 0}, []int64{3, 3, 3}), .3+1e-9)
}

func TestStickyRoundStaysInRange(t *testing.T) {
	for _, x := range []int64{math.MaxInt64, math.MaxInt64 - 1, math.MinInt64, math.MinInt64 + 1} {
		for _, offset := range []int64{0, 1, 99} {
			rounded := mechanism.StickyRound(x, 100, offset)
			assert.Zero(t, rounded%100)
			assert.Equal(t, x < 0, rounded < 0, "%d by %d gave %d", x, offset, rounded)
		}
	}
}

func TestDrawsBelongToTheirParts(t *testing.T) {
	secret := mechanism.Secret{1}
	first := func(parts ...string) uint64 { return mechanism.Uniform(secret.Draw(parts...), 1<<60) }
	assert.Equal(t, first("a", "b"), first("a", "b"))
	seen := map[uint64][]string{}
	for _, parts := range [][]string{{"a", "b"}, {"ab"}, {"ab", ""}, {"", "ab"}, {"a", "b", ""}, {"a,b"}, {"b", "a"}, {}} {
		draw := first(parts...)
		require.NotContains(t, seen, draw, "%q as %q", parts, seen[draw])
		seen[draw] = parts
	}
	assert.NotEqual(t, first("a"), mechanism.Uniform(mechanism.Secret{2}.Draw("a"), 1<<60))
}

func TestPseudonyms(t *testing.T) {
	secret := mechanism.Secret{1}
	name := secret.Pseudonym("service.instance.id", "raw", "2026-Q4")
	assert.Regexp(t, "^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", name)
	assert.Equal(t, name, secret.Pseudonym("service.instance.id", "raw", "2026-Q4"))
	for _, other := range []string{
		secret.Pseudonym("service.instance.id", "raw", "2027-Q1"),
		secret.Pseudonym("service.instance.id", "other", "2026-Q4"),
		secret.Pseudonym("host.id", "raw", "2026-Q4"),
		mechanism.Secret{2}.Pseudonym("service.instance.id", "raw", "2026-Q4"),
	} {
		assert.NotEqual(t, name, other)
	}
}
