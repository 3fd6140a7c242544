// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"sync"
	"time"

	"github.com/headcount-otel/headcount/exporter/internal/pacing"
)

// pending knows which report of a stat waits, in the queue or under way, so that
// neither an endpoint that is down nor a restart collects copies of one.
type pending struct {
	// longest is how long the Collector's retry lets a report wait at most.
	longest time.Duration

	mu    sync.Mutex
	waits map[subject]*claim
	// joined counts claims, called is the last one whose turn came.
	joined, called uint64
}

// subject is one stat of one installation's rate group.
type subject struct {
	key  pacing.Key
	stat string
}

// claim is held by the one report of a stat that waits.
type claim struct {
	number uint64
	since  time.Time
	// tried: the queue has given it out.
	tried bool
	// until is when it is tried again; after it nobody tries it any more. Zero while it is under way.
	until time.Time
}

func newPending(longest time.Duration) *pending {
	return &pending{longest: longest, waits: map[subject]*claim{}}
}

// join reports whether no report of the stat waits, or one that is lost: the retry
// gave it up, or it was never tried though it is older than the interval or others
// were called after it, because the Collector's queue drops what it cannot read from a
// full disk and tells nobody.
func (p *pending) join(of subject, interval time.Duration, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.waits[of]; c != nil && c.waits(interval, p.called, now) {
		return false
	}
	p.joined++
	p.waits[of] = &claim{number: p.joined, since: now}
	return true
}

func (c *claim) waits(interval time.Duration, called uint64, now time.Time) bool {
	if c.tried {
		return !c.lost(now)
	}
	waited := now.Sub(c.since)
	return c.number > called && 0 <= waited && waited < interval
}

// lost reports whether a claim that was tried is tried no more.
func (c *claim) lost(now time.Time) bool { return !c.until.IsZero() && now.After(c.until) }

// call gives the report its stat's claim, and reports whether it has it. Another one
// has it where the report is a copy from before a restart: it is needless.
func (p *pending) call(r *report, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.waits[r.subject()]
	switch {
	case c == nil: // it was queued before a restart
		c = &claim{since: now}
		p.waits[r.subject()] = c
	case c.tried && c != r.claim && !c.lost(now):
		return false
	}
	c.tried, c.until = true, time.Time{}
	p.called = max(p.called, c.number)
	r.claim = c
	return true
}

// again notes that the report is tried again after the wait, or somewhat later.
func (p *pending) again(r *report, wait time.Duration, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.waits[r.subject()]; c != nil && c == r.claim {
		c.until = now.Add(max(wait, p.longest))
	}
}

// leave notes that the report waits no more.
func (p *pending) leave(r *report) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waits, r.subject())
}

// clear notes that nothing waits any more.
func (p *pending) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.waits)
}
