// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/exporter/internal/delivery"
)

func startupOf(installation string) *report {
	return &report{Report: delivery.Report{Stat: "STARTUP", Key: keyOf(installation)}}
}

func TestOneReportOfAStatWaits(t *testing.T) {
	now := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	p := newPending(time.Hour)
	join := func(installation string) bool { return p.join(startupOf(installation).subject(), 24*time.Hour, now) }
	assert.True(t, join("a"))
	assert.True(t, join("b"))
	assert.False(t, join("a"), "one report of each waits")

	a := startupOf("a")
	assert.True(t, p.call(a, now))
	assert.False(t, join("a"), "it is being tried")
	assert.False(t, join("b"), "its turn has not come")
	p.leave(a)
	assert.True(t, join("a"))

	assert.True(t, p.call(startupOf("a"), now))
	assert.True(t, join("b"), "it was passed over: the queue has lost it")
	assert.False(t, join("b"))

	now = now.Add(24 * time.Hour)
	assert.True(t, join("b"), "older than its interval, and never tried: the queue has lost it")
	now = now.Add(-48 * time.Hour)
	assert.True(t, join("b"), "the clock went back")
	p.clear()
	assert.True(t, join("a"))
}

// An endpoint that is down for weeks: the report that waits is the only one.
func TestWhatIsTriedIsNotJoined(t *testing.T) {
	now := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	p := newPending(time.Hour)
	first := startupOf("a")
	assert.True(t, p.call(first, now), "from before a restart")
	for range 100 {
		p.again(first, 10*time.Minute, now)
		now = now.Add(59 * time.Minute)
		assert.False(t, p.join(first.subject(), time.Minute, now))
		assert.False(t, p.call(startupOf("a"), now), "a copy from before a restart")
		assert.True(t, p.call(first, now))
	}
	p.again(first, 10*time.Minute, now)
	now = now.Add(time.Hour + time.Second)
	assert.True(t, p.join(first.subject(), time.Minute, now), "the retry has given it up")
	assert.True(t, p.call(startupOf("a"), now))
	assert.False(t, p.call(first, now), "its claim is another's")
}
