// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"sync"
	"time"

	"github.com/headcount-otel/headcount/exporter/internal/pacing"
)

// maxHeld bounds the memory for what waits. What finds no room is dropped: the
// application's next report is as good.
const maxHeld = 1000

// hold keeps reports that become due in a moment. It is not stored: after a
// restart the next scrape brings the same.
type hold struct {
	release func(report)

	mu        sync.Mutex
	stopped   bool
	waiting   map[pacing.Owner]report
	timers    map[pacing.Owner]*time.Timer
	releasing sync.WaitGroup
}

func newHold(release func(report)) *hold {
	return &hold{
		release: release,
		waiting: map[pacing.Owner]report{},
		timers:  map[pacing.Owner]*time.Timer{},
	}
}

// keep releases the report after the wait; what the same owner brings until then
// takes its place. It reports whether there was room.
func (h *hold) keep(r report, wait time.Duration) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, waits := h.waiting[r.owner]
	if h.stopped || (!waits && len(h.waiting) >= maxHeld) {
		return false
	}
	h.waiting[r.owner] = r
	if !waits {
		h.timers[r.owner] = time.AfterFunc(wait, func() { h.over(r.owner) })
	}
	return true
}

func (h *hold) over(owner pacing.Owner) {
	h.mu.Lock()
	r, waits := h.waiting[owner]
	delete(h.waiting, owner)
	delete(h.timers, owner)
	if h.stopped || !waits {
		h.mu.Unlock()
		return
	}
	h.releasing.Add(1)
	h.mu.Unlock()
	defer h.releasing.Done()
	h.release(r)
}

// clear forgets what waits.
func (h *hold) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, timer := range h.timers {
		timer.Stop()
	}
	clear(h.waiting)
	clear(h.timers)
}

// stop forgets what waits, and keeps nothing from now on.
func (h *hold) stop() {
	h.mu.Lock()
	h.stopped = true
	h.mu.Unlock()
	h.clear()
}

// wait returns when nothing is being released any more.
func (h *hold) wait() { h.releasing.Wait() }
