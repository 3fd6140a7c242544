// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oneshot

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/trust"
)

// Until is what the program waits for before it ends by itself.
type Until string

const (
	// Stopped: the program runs until somebody stops it.
	Stopped Until = "stopped"
	// Shown: each stat was shown as it would leave; for exporters with dry_run.
	Shown Until = "shown"
	// Delivered: each stat that is due and permitted was accepted.
	Delivered Until = "delivered"
)

// Run is a one-shot run: what a program that ends by itself was started for: every promised
// stat is shown, or delivered. What came out is known when the program ends.
type Run struct {
	trust.NopObserver
	until    Until
	deadline time.Duration
	stop     func(ending <-chan struct{}) // asks the program to end, until it does
	ending   chan struct{}
	asking   sync.WaitGroup

	mu       sync.Mutex
	outcomes map[string]error // of each promised stat; errAwaited until there is one
	words    map[string]*words
	unread   map[component.ID][]string // what failed of each receiver of which all did
	readers  int
	ends     time.Time // when the deadline passes
	shown    int       // stats that were shown or accepted
	ready    bool
	stopped  bool // the program was asked to end
	over     bool // it ends
	overdue  bool
	needless bool // consent does not reach far enough for the run to begin
	timer    *time.Timer
}

var errAwaited = errors.New("nothing came of it")

// New makes a run that asks the program to end, through stop, once its work is done or deadline has passed.
func New(until Until, deadline time.Duration, stop func(ending <-chan struct{})) *Run {
	return &Run{until: until, deadline: deadline, stop: stop, ending: make(chan struct{}), outcomes: map[string]error{}, words: map[string]*words{}, unread: map[component.ID][]string{}}
}

// Promises implements trust.Observer.
func (r *Run) Promises(d trust.Destination) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, stat := range d.Stats {
		r.outcomes[stat] = errAwaited
	}
}

// Delivered implements trust.Observer. An answer that leaves hope for the next try is no outcome.
func (r *Run) Delivered(d trust.Delivery) {
	r.heard(d)
	switch {
	case d.DryRun, d.Verdict == trust.Accepted:
		r.conclude(d.Stat, nil, 1)
	case d.Verdict == trust.Refused:
		r.conclude(d.Stat, errors.New(cmp.Or(d.Wrong, fmt.Sprintf("answered %d", d.Status))), 0)
	}
}

// Unsent implements trust.Observer.
func (r *Run) Unsent(u trust.Unsent) {
	switch {
	case u.Reason == trust.Absent && r.waits(u.Stat): // of which an earlier report is still to be delivered
	case u.Reason == trust.Absent, r.until == Delivered && u.Reason == trust.Withheld:
		r.conclude(u.Stat, nil, 0)
	case u.Reason == trust.OtherRules: // another is made
	case u.Reason == trust.Waiting, u.Reason == trust.Delayed: // what becomes of the one that waits is awaited
		r.mu.Lock()
		r.of(u.Stat).waits = true
		r.mu.Unlock()
	case u.Reason == trust.NotDue:
		r.notDue(u.Stat)
	case len(u.Missing) > 0:
		r.conclude(u.Stat, fmt.Errorf("%s: %s", u.Reason, strings.Join(u.Missing, ", ")), 0)
	default:
		r.conclude(u.Stat, errors.New(string(u.Reason)), 0)
	}
}

// Unread implements trust.Observer. Where it is so of each receiver there is nothing to wait for; what
// waits from an earlier run may be delivered all the same.
func (r *Run) Unread(u trust.Unread) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unread[u.Receiver] = u.Failures
	r.stopWhenDone()
}

// Due implements trust.Observer. What comes due before the deadline is awaited.
func (r *Run) Due(stat string, next time.Time) {
	r.mu.Lock()
	w := r.of(stat)
	w.due = next
	tried, postponed, ends := w.failed != "" && w.accepted == "", r.postponed(stat), r.ends
	r.mu.Unlock()
	if ends.IsZero() {
		ends = time.Now().Add(r.deadline)
	}
	switch {
	case !next.After(ends):
		r.await(stat)
	case tried && r.until == Delivered:
		r.conclude(stat, errors.New(postponed), 0)
	default:
		r.notDue(stat)
	}
}

// waits reports whether a report of the stat was put off.
func (r *Run) waits(stat string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.of(stat).waits
}

// await has the run wait for a report that was put off for a moment, also where
// nothing new of the stat was read.
func (r *Run) await(stat string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.of(stat); w.waits && w.accepted == "" && r.until == Delivered && r.outcomes[stat] == nil {
		r.outcomes[stat] = errAwaited
	}
}

// notDue is as good as delivered. What is to be shown is still awaited: it may
// be said of a stat that goes with another one of its pace.
func (r *Run) notDue(stat string) {
	if r.until == Delivered {
		r.conclude(stat, nil, 0)
	}
}

// conclude notes a stat's outcome; a bad one is never forgotten over a later good one.
func (r *Run) conclude(stat string, outcome error, shown int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shown += shown
	if was, promised := r.outcomes[stat]; !promised || was == nil || errors.Is(was, errAwaited) {
		r.outcomes[stat] = outcome
	}
	r.stopWhenDone()
}

// Begin starts the wait, once all components have started, of which so many are receivers that read.
func (r *Run) Begin(mode trust.Mode, readers int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ready, r.readers = true, readers
	if mode == trust.Off || (mode == trust.Local && r.until == Delivered) {
		r.needless = true
		r.askToEnd()
		return
	}
	r.ends = time.Now().Add(r.deadline)
	r.timer = time.AfterFunc(r.deadline, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.overdue = true
		r.askToEnd()
	})
	r.stopWhenDone()
}

func (r *Run) stopWhenDone() {
	if !r.ready || len(r.outcomes) == 0 {
		return
	}
	if r.until == Shown && len(r.unread) > 0 && len(r.unread) >= r.readers {
		r.askToEnd()
		return
	}
	for _, outcome := range r.outcomes {
		if errors.Is(outcome, errAwaited) {
			return
		}
	}
	r.askToEnd()
}

func (r *Run) askToEnd() {
	if !r.stopped {
		r.stopped = true
		r.asking.Go(func() { r.stop(r.ending) })
	}
}

// End says that the program is about to end, for whatever reason.
func (r *Run) End() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.timer != nil {
		r.timer.Stop()
	}
	if !r.over {
		r.stopped, r.over = true, true
		close(r.ending)
	}
}

// Result is nil when the run did what it was for, else it says for each stat what is wrong.
func (r *Run) Result() error {
	r.asking.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.ready, r.needless && r.until == Delivered:
		return nil // the program never got to it, and says why; or there was nothing to do
	case r.needless:
		return errors.New("usage statistics are off, so nothing could be shown")
	case len(r.outcomes) == 0:
		return errors.New("no exporter said what it would send: name this extension under its consent key")
	}
	var errs []error
	var well []string
	for _, stat := range slices.Sorted(maps.Keys(r.outcomes)) {
		outcome := r.outcomes[stat]
		if postponed := r.postponed(stat); errors.Is(outcome, errAwaited) && postponed != "" {
			outcome = errors.New(postponed)
		}
		if outcome != nil {
			errs = append(errs, fmt.Errorf("%s: %w", stat, outcome))
		} else if said := r.said(stat); said != "" {
			well = append(well, said)
		}
	}
	if len(errs) == 0 && r.until == Shown && r.shown == 0 {
		errs = append(errs, errors.New("nothing was read that could be shown"))
	}
	for _, receiver := range slices.SortedFunc(maps.Keys(r.unread), func(a, b component.ID) int { return strings.Compare(a.String(), b.String()) }) {
		errs = append(errs, fmt.Errorf("every reading of %s failed: %s", receiver, strings.Join(r.unread[receiver], "; ")))
	}
	if len(errs) > 0 && r.overdue {
		errs = append(errs, fmt.Errorf("the deadline of %s has passed", r.deadline))
	}
	if r.until == Delivered && len(errs) > 0 {
		return oneLine(errs, well)
	}
	return errors.Join(errs...)
}

// oneLine is what cron mails.
func oneLine(errs []error, well []string) error {
	said := make([]string, 0, len(errs)+len(well))
	for _, err := range errs {
		said = append(said, err.Error())
	}
	return errors.New(strings.Join(append(said, well...), "; "))
}
