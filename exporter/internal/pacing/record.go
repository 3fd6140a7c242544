// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	cryptorand "crypto/rand"
	"encoding/hex"
	"math/rand/v2"
	"time"
)

// recordVersion is raised when record or Owner changes its meaning.
const recordVersion = 2

// record is what is remembered of one owner.
type record struct {
	settled
	underway
}

// settled is what is known of every owner. It is small and holds no pointers: a
// look-up among a hundred thousand touches few cache lines, and the garbage
// collector need not look at them.
type settled struct {
	// Accepted is when the endpoint last accepted one of the owner's stats, in
	// Unix nanoseconds, 0 for never.
	Accepted int64 `json:"accepted,omitzero"`
	// Interval is the owner's, in nanoseconds: it says when the record may be forgotten.
	Interval int64 `json:"interval,omitzero"`

	unsaved bool
	// moves: there is something under way.
	moves bool
}

// underway is what is known between the time when a report becomes due and its
// acceptance, in Unix nanoseconds, 0 for none.
type underway struct {
	// Ripe is when the next report may leave, drawn when it became due.
	Ripe int64 `json:"ripe,omitzero"`
	// Doubted is when Accepted was first seen to lie in the future.
	Doubted int64 `json:"doubted,omitzero"`
	// Trials are the owner's stats that were tried and not accepted yet; never changed in place.
	Trials []trial `json:"trials,omitempty"`
}

func (u *underway) empty() bool { return u.Ripe == 0 && u.Doubted == 0 && len(u.Trials) == 0 }

// trial is a stat on its way to acceptance.
type trial struct {
	Stat string `json:"stat"`
	// Key is the Idempotency-Key of all its tries.
	Key string `json:"key"`
	// Begun is when the key was drawn.
	Begun int64 `json:"begun"`
	// Refused is when the endpoint last refused it.
	Refused int64 `json:"refused,omitzero"`
	// Refusals in a row.
	Refusals int `json:"refusals,omitzero"`
}

const (
	// tolerance: a tick comes a moment early or late, and a report is due from
	// 1/tolerance of its interval before the interval is over.
	tolerance = 100
	// spread: a report that became due waits for up to 1/spread of its interval.
	// It is half the tolerance, so that one that waited does not miss the next tick.
	spread = 2 * tolerance
	// firstRest of a stat that the endpoint refused; each further refusal doubles it.
	firstRest = int64(time.Hour)
)

// wait says how long the owner's stat has to wait; it may note what it saw, and says so.
func (r *record) wait(stat string, interval, now int64) (wait int64, noted bool) {
	if rest := r.rest(stat, interval, now); rest > 0 {
		return rest, false
	}
	if r.Accepted == 0 {
		return 0, false
	}
	if r.Interval != interval {
		r.Interval, noted = interval, true
	}
	almost := interval - interval/tolerance
	switch {
	case now < r.Accepted:
		// The clock was ahead then, or is behind now. Which one cannot be known:
		// wait one interval from here, or until the clock has come past Accepted and one more.
		if r.Doubted == 0 || now < r.Doubted {
			r.Doubted, noted = now, true
		}
		return max(0, r.Doubted+almost-now), noted
	case r.Doubted != 0:
		r.Doubted, noted = 0, true
	}
	if due := r.Accepted + almost; now < due {
		return due - now, noted
	}
	if r.Ripe == 0 || r.Ripe-now > interval/spread {
		r.Ripe, noted = now+rand.Int64N(interval/spread+1), true //nolint:gosec // it spreads a fleet, and hides nothing
	}
	return max(0, r.Ripe-now), noted
}

// rest of a refused stat: from an hour, doubled by each refusal, up to its interval.
func (r *record) rest(stat string, interval, now int64) int64 {
	t := r.trial(stat)
	if t == nil || t.Refusals == 0 || now < t.Refused {
		return 0
	}
	rest := min(firstRest<<min(t.Refusals-1, 20), interval)
	return t.Refused + rest - now
}

// try returns the key of the stat's next try; it may begin a trial, and says so.
func (r *record) try(stat string, interval, now int64) (key string, begun bool) {
	if t := r.trial(stat); t != nil {
		return t.Key, false
	}
	t := trial{Stat: stat, Key: newKey(), Begun: now}
	r.Interval = interval
	r.tried(t)
	return t.Key, true
}

// newKey is 128 random bits.
func newKey() string {
	var bits [16]byte
	_, _ = cryptorand.Read(bits[:]) // never fails
	return hex.EncodeToString(bits[:])
}

func (r *record) trial(stat string) *trial {
	for i := range r.Trials {
		if r.Trials[i].Stat == stat {
			return &r.Trials[i]
		}
	}
	return nil
}

func (r *record) accepted(stat string, now int64) {
	r.Accepted, r.Ripe, r.Doubted = now, 0, 0
	r.Trials = r.otherTrials(stat)
}

func (r *record) tried(t trial) { r.Trials = append(r.otherTrials(t.Stat), t) }

// otherTrials is a copy without the stat's, nil when there is no other.
func (r *record) otherTrials(stat string) (others []trial) {
	for _, t := range r.Trials {
		if t.Stat != stat {
			others = append(others, t)
		}
	}
	return others
}

// forgettable: nothing happened for twice the interval, so the next stat is due anyway.
func (r *record) forgettable(now int64) bool {
	if r.Interval == 0 {
		return false
	}
	last := r.Accepted
	for _, t := range r.Trials {
		last = max(last, t.Begun, t.Refused)
	}
	return now-last >= 2*r.Interval
}

// Spread is the longest random wait of a report that became due.
func Spread(interval time.Duration) time.Duration { return interval / spread }
