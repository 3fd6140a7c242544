// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	cryptorand "crypto/rand"
	"encoding/hex"
	"math/rand/v2"
	"time"
)

// recordVersion is raised when record or Key changes its meaning.
const recordVersion = 2

// record is what is remembered of one key.
type record struct {
	settled
	underway
}

// ReadQuickly implements state.Quick, for a record of which nothing is under way.
func (r *record) ReadQuickly(text []byte) bool {
	accepted, text, first := cutNumber(text, `{"accepted":`)
	interval, text, second := cutNumber(text, `,"interval":`)
	if !first || !second || string(text) != "}" {
		return false
	}
	*r = record{settled: settled{Accepted: accepted, Interval: interval}}
	return true
}

// cutNumber takes a name and a positive number off text.
func cutNumber(text []byte, name string) (number int64, rest []byte, found bool) {
	if len(text) < len(name) || string(text[:len(name)]) != name {
		return 0, text, false
	}
	digits := text[len(name):]
	end := 0
	for end < len(digits) && end < maxDigits && '0' <= digits[end] && digits[end] <= '9' {
		number = 10*number + int64(digits[end]-'0')
		end++
	}
	return number, digits[end:], end > 0 && digits[0] != '0' && number > 0 // not past the greatest
}

// maxDigits are those of the greatest int64.
const maxDigits = 19

// settled is what is known of every key. It is small and holds no pointers: a
// look-up among a hundred thousand touches few cache lines, and the garbage
// collector need not look at them.
type settled struct {
	// Accepted is when the endpoint last accepted one of the key's stats, in
	// Unix nanoseconds, 0 for never.
	Accepted int64 `json:"accepted,omitzero"`
	// Interval is the key's, in nanoseconds: it says when the record may be forgotten.
	Interval int64 `json:"interval,omitzero"`

	unsaved bool
	// moves: there is something under way.
	moves bool
}

// underway is what is known between the time when a report becomes due and its
// acceptance, in Unix nanoseconds, 0 for none.
type underway struct {
	// NotBefore is when the next report may leave, drawn when it became due.
	NotBefore int64 `json:"ripe,omitzero"`
	// ClockSuspect is when Accepted was first seen to lie in the future.
	ClockSuspect int64 `json:"doubted,omitzero"`
	// Attempts are the key's stats that were tried and not accepted yet; never changed in place.
	Attempts []attempt `json:"trials,omitempty"`
	// Totals are those up to which the key's stats told what was counted; never changed in place.
	Totals []totals `json:"totals,omitempty"`
}

func (u *underway) empty() bool {
	return u.NotBefore == 0 && u.ClockSuspect == 0 && len(u.Attempts) == 0 && len(u.Totals) == 0
}

// attempt is a stat on its way to acceptance.
type attempt struct {
	Stat string `json:"stat"`
	// IdempotencyKey of all its tries.
	IdempotencyKey string `json:"key"`
	// Tags name the rules of its random answers, as they stand in its key behind what was drawn.
	Tags string `json:"tags,omitzero"`
	// Begun is when the key was drawn.
	Begun int64 `json:"begun"`
	// Refused is when the endpoint last refused it.
	Refused int64 `json:"refused,omitzero"`
	// Refusals in a row.
	Refusals int `json:"refusals,omitzero"`
	// Failures in a row, without an answer that settles it.
	Failures int `json:"failures,omitzero"`
	// RetryAt is when it may be tried again after a failure.
	RetryAt int64 `json:"retry_at,omitzero"`
	// Until are the totals up to which all its tries tell what was counted.
	Until string `json:"until,omitzero"`
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
	// maxDelay is the longest that a failure, or an endpoint that asks for it, puts off the next try.
	maxDelay = 36 * time.Hour
)

// wait says how long the key's stat has to wait; it may note what it saw, and says so.
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
		if r.ClockSuspect == 0 || now < r.ClockSuspect {
			r.ClockSuspect, noted = now, true
		}
		return max(0, r.ClockSuspect+almost-now), noted
	case r.ClockSuspect != 0:
		r.ClockSuspect, noted = 0, true
	}
	if due := r.Accepted + almost; now < due {
		return due - now, noted
	}
	if r.NotBefore == 0 || r.NotBefore-now > interval/spread {
		r.NotBefore, noted = now+rand.Int64N(interval/spread+1), true //nolint:gosec // it spreads a fleet, and hides nothing
	}
	return max(0, r.NotBefore-now), noted
}

// rest of a refused stat: from an hour, doubled by each refusal, up to its interval.
func (r *record) rest(stat string, interval, now int64) int64 {
	t := r.attempt(stat)
	if t == nil || t.Refusals == 0 || now < t.Refused {
		return 0
	}
	rest := min(firstRest<<min(t.Refusals-1, 20), interval)
	return t.Refused + rest - now
}

// delayed says how long a stat that failed waits for its next try. A delay longer
// than any that is asked for is a clock that jumped.
func (r *record) delayed(stat string, now int64) int64 {
	a := r.attempt(stat)
	if a == nil || a.RetryAt-now > int64(maxDelay) {
		return 0
	}
	return max(0, a.RetryAt-now)
}

// failed puts off the stat's next try.
func (r *record) failed(stat string, delay time.Duration, now int64) {
	if a := r.attempt(stat); a != nil {
		failed := *a
		failed.Failures++
		failed.RetryAt = now + int64(delay)
		r.tried(failed)
	}
}

// settle has an attempt under other rules count as accepted when it began: whether it was cannot be known, and a
// try of today's rules has another key, by which a receiver would count it twice.
func (r *record) settle(stat, tags string) (settled bool) {
	t := r.attempt(stat)
	if t == nil || t.Tags == tags {
		return false
	}
	r.accepted(stat, max(r.Accepted, t.Begun))
	return true
}

// try returns the key of the stat's next try; it may begin an attempt, and says so.
func (r *record) try(stat string, interval, now int64, until, tags string) (key string, begun bool) {
	if t := r.attempt(stat); t != nil {
		if until == "" || t.Until == until {
			return t.IdempotencyKey, false
		}
		promised := *t
		promised.Until = until
		r.tried(promised)
		return t.IdempotencyKey, true
	}
	t := attempt{Stat: stat, IdempotencyKey: newIdempotencyKey(), Tags: tags, Begun: now, Until: until}
	r.Interval = interval
	r.tried(t)
	return t.IdempotencyKey, true
}

// newIdempotencyKey is 128 random bits.
func newIdempotencyKey() string {
	var bits [16]byte
	_, _ = cryptorand.Read(bits[:]) // never fails
	return hex.EncodeToString(bits[:])
}

func (r *record) attempt(stat string) *attempt {
	for i := range r.Attempts {
		if r.Attempts[i].Stat == stat {
			return &r.Attempts[i]
		}
	}
	return nil
}

func (r *record) accepted(stat string, now int64) {
	r.Accepted, r.NotBefore, r.ClockSuspect = now, 0, 0
	if t := r.attempt(stat); t != nil {
		r.toldUntil(stat, t.Until)
	}
	r.Attempts = r.otherAttempts(stat)
}

func (r *record) tried(t attempt) { r.Attempts = append(r.otherAttempts(t.Stat), t) }

// otherAttempts is a copy without the stat's, nil when there is no other.
func (r *record) otherAttempts(stat string) (others []attempt) {
	for _, t := range r.Attempts {
		if t.Stat != stat {
			others = append(others, t)
		}
	}
	return others
}

// attemptsKept is how long after its last try the key of a report is remembered of which nobody knows whether it was
// accepted: neither an outage of many short intervals nor a program that stands still must end in a second key.
const attemptsKept = int64(30 * 24 * time.Hour)

// forgettable: nothing happened for twice the interval, so the next stat is due anyway; or for longer, where a key or a
// total is remembered.
func (r *record) forgettable(now int64) bool {
	if r.Interval == 0 {
		return false
	}
	last := r.Accepted
	for _, t := range r.Attempts {
		last = max(last, t.Begun, t.Refused, t.RetryAt)
	}
	kept := 2 * r.Interval
	if len(r.Attempts) > 0 {
		kept = max(kept, attemptsKept)
	}
	if len(r.Totals) > 0 {
		kept = max(kept, totalsKept)
	}
	return now-last >= kept
}

// Spread is the longest random wait of a report that became due.
func Spread(interval time.Duration) time.Duration { return interval / spread }
