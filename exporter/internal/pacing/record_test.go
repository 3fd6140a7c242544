// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const (
	hour = int64(time.Hour)
	week = 168 * hour
	year = 365 * 24 * hour
	// today is some moment far from the Unix epoch.
	today = 20_000 * 24 * hour
)

func TestFirstReportIsDueAtOnce(t *testing.T) {
	var r record
	wait, noted := r.wait("S", week, today)
	assert.Zero(t, wait)
	assert.False(t, noted)
}

func TestIntervalLessOnePercent(t *testing.T) {
	r := record{settled: settled{Accepted: today, Interval: week}}
	wait, noted := r.wait("S", week, today+week-week/100-1)
	assert.EqualValues(t, 1, wait)
	assert.False(t, noted)
	wait, noted = r.wait("S", week, today+week-week/100)
	assert.LessOrEqual(t, wait, week/200)
	assert.True(t, noted, "the random wait was drawn")
}

func TestRandomWaitIsDrawnOncePerReport(t *testing.T) {
	due := today + week
	distinct := map[int64]bool{}
	for range 50 {
		r := record{settled: settled{Accepted: today, Interval: week}}
		r.wait("S", week, due)
		notBefore := r.NotBefore
		distinct[notBefore] = true
		for now := due; now < notBefore; now += hour / 10 {
			wait, noted := r.wait("S", week, now)
			assert.Equal(t, notBefore-now, wait)
			assert.False(t, noted)
		}
		wait, _ := r.wait("S", week, notBefore)
		assert.Zero(t, wait)
		r.accepted("S", notBefore)
		assert.Zero(t, r.NotBefore, "the next report draws its own")
	}
	assert.Greater(t, len(distinct), 40)
}

// A report that waited, in a scrape that comes exactly once an interval, does not miss the next scrape.
func TestNoDrift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		interval := rapid.Int64Range(int64(time.Minute), week).Draw(t, "interval")
		var r record
		for tick := range int64(100) {
			now := today + tick*interval
			for r.Accepted < now {
				wait, _ := r.wait("S", interval, now)
				assert.LessOrEqual(t, wait, interval/200, "tick %d", tick)
				if now += wait; wait == 0 {
					r.accepted("S", now)
				}
			}
		}
	})
}

func TestRefusalsRest(t *testing.T) {
	r := record{settled: settled{Accepted: today - 2*week, Interval: week}}
	now, refusals, rests := today, 0, []time.Duration{}
	for range 10 {
		refusals++
		r.tried(attempt{Stat: "S", Refused: now, Refusals: refusals})
		wait, _ := r.wait("S", week, now)
		rests = append(rests, time.Duration(wait))
		now += wait
	}
	h := time.Hour
	assert.Equal(t, []time.Duration{h, 2 * h, 4 * h, 8 * h, 16 * h, 32 * h, 64 * h, 128 * h, 168 * h, 168 * h}, rests)
	wait, _ := r.wait("OTHER", week, now-week)
	assert.LessOrEqual(t, wait, week/200, "another stat of the pace does not rest")
	r.accepted("S", now)
	assert.Empty(t, r.Attempts)
}

func TestClockAYearAhead(t *testing.T) {
	r := record{settled: settled{Accepted: today, Interval: week}}
	wait, _ := r.wait("S", week, today+hour)
	assert.Positive(t, wait)

	wait, _ = r.wait("S", week, today+year)
	assert.LessOrEqual(t, wait, week/200, "due once in the wrong year")
	r.accepted("S", today+year)
	wait, _ = r.wait("S", week, today+year+hour)
	assert.Positive(t, wait, "and only once")

	wait, noted := r.wait("S", week, today+2*hour)
	assert.Equal(t, week-week/100, wait, "back: one interval from here")
	assert.True(t, noted)
	wait, _ = r.wait("S", week, today+2*hour+week)
	assert.Zero(t, wait, "no year of silence")
}

func TestClockBackAndForth(t *testing.T) {
	r := record{settled: settled{Accepted: today, Interval: week}}
	wait, _ := r.wait("S", week, hour) // a machine without a clock starts in 1970
	assert.Positive(t, wait)
	wait, _ = r.wait("S", week, today+hour) // and learns the time
	assert.Equal(t, week-week/100-hour, wait, "what it knew still holds")
}

// However the clock jumps: each jump costs at most one report too many, and a
// stretch of two intervals without a jump brings at least one.
func TestClockJumps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const interval = week
		var r record
		var elapsed, offset, jumps, reports, lastEvent int64
		for range rapid.IntRange(1, 300).Draw(t, "scrapes") {
			step := rapid.Int64Range(hour, 12*hour).Draw(t, "step")
			elapsed += step
			if rapid.IntRange(0, 19).Draw(t, "jump?") == 0 {
				offset += rapid.Int64Range(-2*year, 2*year).Draw(t, "jump")
				jumps++
				lastEvent = elapsed
			}
			now := today + 10*year + elapsed + offset
			if wait, _ := r.wait("S", interval, now); wait == 0 {
				r.accepted("S", now)
				reports++
				lastEvent = elapsed
			}
			assert.LessOrEqual(t, elapsed-lastEvent, 2*interval, "silence")
		}
		assert.LessOrEqual(t, reports, 1+jumps+elapsed/(interval-interval/100), "flood")
	})
}

// Whatever is read quickly is what encoding/json reads, and what is not is left to it.
func FuzzReadQuickly(f *testing.F) {
	for _, seed := range []string{
		`{"accepted":1764320000000000000,"interval":604800000000000}`, `{"accepted":176432000000000000,"interval":604800000000000}`, `{"accepted":9999999999999999999,"interval":1}`, `{"accepted":1,"interval":1}`, `{"accepted":01,"interval":1}`,
		`{"accepted":1,"interval":1,"ripe":5}`, `{"accepted":-1,"interval":1}`, `{"accepted":,"interval":1}`, `{"accepted":1e3,"interval":1}`, `{}`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var quick, slow record
		if quick.ReadQuickly(text) {
			require.NoError(t, json.Unmarshal(text, &slow))
			assert.Equal(t, slow, quick)
		}
	})
}

func TestWhatIsSettledIsReadQuickly(t *testing.T) {
	want := record{settled: settled{Accepted: time.Now().UnixNano(), Interval: int64(168 * time.Hour)}}
	text, err := json.Marshal(want)
	require.NoError(t, err)
	var got record
	assert.True(t, got.ReadQuickly(text), "%s", text)
	assert.Equal(t, want, got)
}
