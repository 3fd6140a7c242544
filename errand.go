// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headcount-otel/headcount/trust"
)

// errand is what a program that ends by itself was started for: every promised
// stat is shown, or delivered. What came out is known when the program ends.
type errand struct {
	trust.NopObserver
	until    Until
	deadline time.Duration
	stop     func(ending <-chan struct{}) // asks the program to end, until it does
	ending   chan struct{}
	asking   sync.WaitGroup

	mu       sync.Mutex
	outcomes map[string]error // of each promised stat; errAwaited until there is one
	shown    int              // stats that were shown or accepted
	ready    bool
	stopped  bool // the program was asked to end
	over     bool // it ends
	overdue  bool
	needless bool // consent does not reach far enough for the errand to begin
	timer    *time.Timer
}

var errAwaited = errors.New("nothing came of it")

func newErrand(until Until, deadline time.Duration, stop func(ending <-chan struct{})) *errand {
	return &errand{until: until, deadline: deadline, stop: stop, ending: make(chan struct{}), outcomes: map[string]error{}}
}

// Promises implements trust.Observer.
func (e *errand) Promises(d trust.Destination) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, stat := range d.Stats {
		e.outcomes[stat] = errAwaited
	}
}

// Delivered implements trust.Observer. An answer that leaves hope for the next try is no outcome.
func (e *errand) Delivered(d trust.Delivery) {
	switch {
	case d.DryRun || (d.Status >= 200 && d.Status < 300):
		e.conclude(d.Stat, nil, 1)
	case d.Status >= 400 && d.Status < 500 && d.Status != 408 && d.Status != 429:
		e.conclude(d.Stat, fmt.Errorf("answered %d", d.Status), 0)
	}
}

// Unsent implements trust.Observer.
func (e *errand) Unsent(u trust.Unsent) {
	switch {
	case u.Reason == trust.Absent, e.until == Delivered && u.Reason == trust.Withheld:
		e.conclude(u.Stat, nil, 0)
	case u.Reason == trust.NotDue:
		e.notDue(u.Stat)
	case len(u.Missing) > 0:
		e.conclude(u.Stat, fmt.Errorf("%s: %s", u.Reason, strings.Join(u.Missing, ", ")), 0)
	default:
		e.conclude(u.Stat, errors.New(string(u.Reason)), 0)
	}
}

// Due implements trust.Observer.
func (e *errand) Due(stat string, next time.Time) {
	if next.After(time.Now()) {
		e.notDue(stat)
	}
}

// notDue is as good as delivered. What is to be shown is still awaited: it may
// be said of a stat that goes with another one of its pace.
func (e *errand) notDue(stat string) {
	if e.until == Delivered {
		e.conclude(stat, nil, 0)
	}
}

// conclude notes a stat's outcome; a bad one is never forgotten over a later good one.
func (e *errand) conclude(stat string, outcome error, shown int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.shown += shown
	if was, promised := e.outcomes[stat]; !promised || was == nil || errors.Is(was, errAwaited) {
		e.outcomes[stat] = outcome
	}
	e.stopWhenDone()
}

// begin starts the wait, once all components have started.
func (e *errand) begin(mode trust.Mode) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ready = true
	if mode == trust.Off || (mode == trust.Local && e.until == Delivered) {
		e.needless = true
		e.end()
		return
	}
	e.timer = time.AfterFunc(e.deadline, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.overdue = true
		e.end()
	})
	e.stopWhenDone()
}

func (e *errand) stopWhenDone() {
	if !e.ready || len(e.outcomes) == 0 {
		return
	}
	for _, outcome := range e.outcomes {
		if errors.Is(outcome, errAwaited) {
			return
		}
	}
	e.end()
}

func (e *errand) end() {
	if !e.stopped {
		e.stopped = true
		e.asking.Go(func() { e.stop(e.ending) })
	}
}

// ends is told once the program is about to end, for whatever reason.
func (e *errand) ends() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.timer != nil {
		e.timer.Stop()
	}
	if !e.over {
		e.stopped, e.over = true, true
		close(e.ending)
	}
}

// result is nil when the errand is done, else it says for each stat what is wrong.
func (e *errand) result() error {
	e.asking.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case !e.ready, e.needless && e.until == Delivered:
		return nil // the program never got to it, and says why; or there was nothing to do
	case e.needless:
		return errors.New("usage statistics are off, so nothing could be shown")
	case len(e.outcomes) == 0:
		return errors.New("no exporter said what it would send: name this extension under its consent key")
	}
	var errs []error
	for _, stat := range slices.Sorted(maps.Keys(e.outcomes)) {
		if outcome := e.outcomes[stat]; outcome != nil {
			errs = append(errs, fmt.Errorf("%s: %w", stat, outcome))
		}
	}
	if len(errs) == 0 && e.until == Shown && e.shown == 0 {
		errs = append(errs, errors.New("nothing was read that could be shown"))
	}
	if len(errs) > 0 && e.overdue {
		errs = append(errs, fmt.Errorf("the deadline of %s has passed", e.deadline))
	}
	return errors.Join(errs...)
}
