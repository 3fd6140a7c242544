// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"sync"
	"time"

	"github.com/headcount-otel/headcount/exporter/internal/pacing"
)

// line knows who has a copy in the queue, so that an endpoint that is down does
// not fill the queue with copies of one report.
type line struct {
	// open to all where the retry gives up one day, and a copy ends untold.
	open   bool
	mu     sync.Mutex
	places map[pacing.Owner]place
	// joined counts places, called is the last one whose turn came.
	joined, called uint64
}

// place is a copy's in the line.
type place struct {
	number uint64
	since  int64 // Unix nanoseconds
	tried  bool
}

// join reports whether the owner has no copy in the queue, or one that is older than
// its interval or was passed over: the Collector's queue drops what it cannot read
// from a full disk, and tells nobody. A copy too many costs no request: it is not due.
func (l *line) join(owner pacing.Owner, interval time.Duration, now time.Time) bool {
	if l.open {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if p, waits := l.places[owner]; waits && (p.tried || p.number > l.called) {
		if waiting := now.UnixNano() - p.since; 0 <= waiting && waiting < int64(interval) {
			return false
		}
	}
	l.joined++
	l.places[owner] = place{number: l.joined, since: now.UnixNano()}
	return true
}

// call notes that the copy is tried from now on, and so that whoever joined before it had their turn.
func (l *line) call(owner pacing.Owner) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p, waits := l.places[owner]; waits {
		p.tried = true
		l.places[owner] = p
		l.called = max(l.called, p.number)
	}
}

func (l *line) leave(owner pacing.Owner) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.places, owner)
}
