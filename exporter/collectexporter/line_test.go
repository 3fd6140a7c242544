// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/exporter/internal/pacing"
)

func TestLine(t *testing.T) {
	now := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	l := line{places: map[pacing.Owner]place{}}
	join := func(installation string) bool { return l.join(ownerOf(installation), time.Hour, now) }
	assert.True(t, join("a"))
	assert.True(t, join("b"))
	assert.False(t, join("a"), "one copy of each waits")

	l.call(ownerOf("a"))
	assert.False(t, join("a"), "it is being tried")
	assert.False(t, join("b"), "its turn has not come")
	l.leave(ownerOf("a"))
	assert.True(t, join("a"))

	l.call(ownerOf("a"))
	assert.True(t, join("b"), "it was passed over: the queue has lost it")
	assert.False(t, join("b"))
	l.call(ownerOf("stranger")) // from before a restart

	now = now.Add(time.Hour)
	assert.True(t, join("a"), "older than its interval")
	now = now.Add(-2 * time.Hour)
	assert.True(t, join("a"), "the clock went back")

	l.open = true
	assert.True(t, join("a"))
}
