// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Reports of an increase follow one another without a gap and without an overlap, whatever becomes of their tries.
func TestIncreasesFollowOneAnother(t *testing.T) {
	const stat, interval = "S", time.Hour
	key := NewKey("i-1", stat)
	m, clock := &memory{values: map[string][]byte{}, walkable: true}, &clock{}
	clock.advance(time.Duration(today))
	tracker, _ := open(t, m, clock)
	growth := func() Growth {
		g, err := tracker.Growth(t.Context(), key, stat)
		require.NoError(t, err)
		return g
	}
	try := func(since, until string) Attempt {
		a, err := tracker.Try(t.Context(), key, stat, interval, Growth{since, until}, "")
		require.NoError(t, err)
		return a
	}
	assert.Zero(t, growth())
	first := try("", "5")
	require.NotEmpty(t, first.IdempotencyKey)
	assert.Equal(t, Growth{"", "5"}, growth(), "it may have been accepted: a repetition tells the same")
	assert.True(t, try("", "6").Outdated)
	assert.Equal(t, first.IdempotencyKey, try("", "5").IdempotencyKey)
	require.NoError(t, tracker.Accepted(t.Context(), key, stat, interval)())
	assert.Equal(t, Growth{Since: "5"}, growth())
	assert.True(t, try("", "6").Outdated, "a copy from before the acceptance would count 5 again")

	clock.advance(2 * interval)
	tracker, _ = open(t, m, clock) // and across restarts
	clock.advance(sweepEvery)
	require.NoError(t, tracker.Sweep(t.Context()))
	if wait := try("5", "9").Wait; wait > 0 {
		clock.advance(wait)
	}
	require.NotEmpty(t, try("5", "9").IdempotencyKey)
	require.NoError(t, tracker.Accepted(t.Context(), key, stat, interval)())
	assert.Equal(t, Growth{Since: "9"}, growth())
}

// Between two reports that told an increase there was one that told none: what was counted since the first is more
// than what was counted since the last.
func TestAReportWithoutAnIncreaseEndsWhatWasToldBefore(t *testing.T) {
	const interval = time.Hour
	m, clock := &memory{values: map[string][]byte{}, walkable: true}, &clock{}
	clock.advance(time.Duration(today))
	tracker, _ := open(t, m, clock)
	pace := NewKey("i-1", "shared")
	report := func(stat string, growth Growth) {
		t.Helper()
		for range 3 {
			a, err := tracker.Try(t.Context(), pace, stat, interval, growth, "")
			require.NoError(t, err)
			clock.advance(a.Wait)
		}
		require.NoError(t, tracker.Accepted(t.Context(), pace, stat, interval)())
	}
	since := func(stat string) string {
		growth, err := tracker.Growth(t.Context(), pace, stat)
		require.NoError(t, err)
		return growth.Since
	}
	report("S", Growth{Until: "5"})
	report("OTHER", Growth{Until: "7"})
	require.Equal(t, "5", since("S"))
	report("S", Growth{})
	tracker, _ = open(t, m, clock)
	assert.Empty(t, since("S"))
	assert.Equal(t, "7", since("OTHER"))
}
