// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oneshot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

func TestAWarningIsGivenOncePerState(t *testing.T) {
	store := state.Over(state.NewMemory())
	run := func(subject, words string) bool {
		n := NewNotices(Delivered, trust.AlwaysOn{}.Mode)
		n.Restore(t.Context(), store)
		news := n.News(subject, words)
		require.NoError(t, n.Save(t.Context(), store))
		return news
	}
	assert.False(t, run("report", ""), "there never was anything")
	assert.True(t, run("review", "kept"))
	assert.False(t, run("review", "kept"), "the next run does not say it again")
	assert.True(t, run("review/2", "kept"), "each subject for itself")
	assert.True(t, run("review", "kept, and noised"))
	assert.False(t, run("review", ""), "an end is no warning")
	assert.True(t, run("review", "kept, and noised"), "after its end it begins anew")
}

func TestWhatStillHolds(t *testing.T) {
	for _, until := range []Until{Stopped, Delivered} {
		n := NewNotices(until, trust.AlwaysOn{}.Mode)
		n.News("review", "kept\nnoised")
		n.News("report", "two reports")
		n.News("report", "two reports")
		assert.Equal(t, []string{"two reports", "kept", "noised"}, n.Holding(), until)
		n.News("review", "")
		assert.Equal(t, []string{"two reports"}, n.Holding(), until)
	}
}

func TestWhoIsWarned(t *testing.T) {
	withheld := NewNotices(Delivered, func() (trust.Mode, string) { return trust.Off, "" })
	assert.False(t, withheld.News("review", "kept"), "nothing leaves")
	for _, until := range []Until{Stopped, Shown} {
		n := NewNotices(until, trust.AlwaysOn{}.Mode)
		for range 2 {
			assert.True(t, n.News("review", "kept"), until)
			assert.False(t, n.News("review", ""), until)
		}
		assert.False(t, n.Concludes(), until)
	}
}
