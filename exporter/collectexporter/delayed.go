// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"sync"
	"time"
)

// maxDelayed bounds the memory for what waits. What finds no room is dropped: the
// application's next report is as good.
const maxDelayed = 1000

// delayed keeps reports that become due in a moment. It is not stored: after a
// restart the next scrape brings the same.
type delayed struct {
	release func(report)

	mu        sync.Mutex
	stopped   bool
	waiting   map[subject]report
	timers    map[subject]*time.Timer
	releasing sync.WaitGroup
}

func newDelayed(release func(report)) *delayed {
	return &delayed{
		release: release,
		waiting: map[subject]report{},
		timers:  map[subject]*time.Timer{},
	}
}

// keep releases the report after the wait; what comes of the same stat until then
// takes its place. It reports whether there was room.
func (d *delayed) keep(r report, wait time.Duration) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	of := r.subject()
	_, waits := d.waiting[of]
	if d.stopped || (!waits && len(d.waiting) >= maxDelayed) {
		return false
	}
	d.waiting[of] = r
	if !waits {
		d.timers[of] = time.AfterFunc(wait, func() { d.over(of) })
	}
	return true
}

func (d *delayed) over(of subject) {
	d.mu.Lock()
	r, waits := d.waiting[of]
	delete(d.waiting, of)
	delete(d.timers, of)
	if d.stopped || !waits {
		d.mu.Unlock()
		return
	}
	d.releasing.Add(1)
	d.mu.Unlock()
	defer d.releasing.Done()
	d.release(r)
}

// clear forgets what waits.
func (d *delayed) clear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, timer := range d.timers {
		timer.Stop()
	}
	clear(d.waiting)
	clear(d.timers)
}

// stop forgets what waits, and keeps nothing from now on.
func (d *delayed) stop() {
	d.mu.Lock()
	d.stopped = true
	d.mu.Unlock()
	d.clear()
}

// wait returns when nothing is being released any more.
func (d *delayed) wait() { d.releasing.Wait() }
