// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/headcount-otel/headcount/state"
)

// sweepEvery is how often the memory is searched for what may be forgotten.
const sweepEvery = time.Hour

// Tracker is the memory of what was accepted. It is safe for concurrent use.
type Tracker struct {
	journal *state.Journal
	now     func() time.Time
	since   func(time.Time) time.Duration
	turns   turns

	mu       sync.Mutex
	settled  *table
	underway map[Key]underway
	looked   record // by look, which would allocate one each time
	// complete: what is not in settled is not in store either.
	complete bool
	// lost is when earlier records were lost, 0 for never: what is unknown counts as accepted then.
	lost  int64
	swept time.Time

	// next is the commit that records join which are to be stored; nil before the first.
	next *commit
	// saving has room for the one commit that is being written.
	saving chan struct{}
}

// commit is a transaction that many may share: who finds one being written joins the
// next, and the first of these to come to its turn writes it for all.
type commit struct {
	keys []Key
	// written is closed when err says how that went.
	written chan struct{}
	err     error
}

// Open reads the memory that store keeps. Records that cannot be read are told of
// in damage, and count as accepted now: their stats rest for an interval, and are
// not all sent again.
func Open(ctx context.Context, store state.Store, now func() time.Time) (t *Tracker, damage, err error) {
	t = &Tracker{
		now: now, since: time.Since, swept: now(),
		turns:    turns{taken: map[Key]chan struct{}{}},
		settled:  newTable(),
		underway: map[Key]underway{},
		saving:   make(chan struct{}, 1),
	}
	loss, unreadable := store.Loss(ctx)
	var strays error
	damaged := map[Key]error{}
	t.journal, t.complete, err = state.OpenJournal(ctx, store, recordVersion, func(name string, r record, broken error) {
		key, stray := parseKey(name)
		switch {
		case name == "": // records of the journal
			unreadable = errors.Join(unreadable, broken)
		case stray != nil:
			strays = errors.Join(strays, stray)
		case broken != nil:
			damaged[key] = broken
		default:
			delete(damaged, key)
			t.set(key, r)
		}
	})
	for _, broken := range damaged {
		damage = errors.Join(damage, broken)
	}
	if !loss.IsZero() {
		t.lost = loss.UnixNano()
	}
	rest := slices.Collect(maps.Keys(damaged))
	if unreadable != nil { // and where there is a record, the lost one may have been newer
		rest = slices.AppendSeq(rest, t.settled.keys())
	}
	if unreadable != nil || (strays != nil && loss.IsZero()) { // it is not known whose records are lost; strays stay, and count once
		t.lost = now().UnixNano()
		err = errors.Join(err, store.NoteLoss(ctx, now()))
	}
	damage = errors.Join(damage, strays, unreadable)
	return t, damage, errors.Join(err, t.rest(ctx, rest))
}

// rest has keys count as accepted now.
func (t *Tracker) rest(ctx context.Context, keys []Key) error {
	for _, key := range keys {
		t.change(key, func(r *record) { r.Accepted = t.now().UnixNano() })
	}
	return t.save(ctx, keys...)
}

// Turn waits until nobody else has the key's turn, and takes it. Without it nothing of the key is tried.
func (t *Tracker) Turn(ctx context.Context, key Key) (giveBack func(), err error) {
	return t.turns.take(ctx, key)
}

// Wait says how long the key's stat has to wait, 0 when it is due. From the
// second report on, one that becomes due waits for a random time, drawn once per
// report, of up to 0.5 % of its interval.
func (t *Tracker) Wait(ctx context.Context, key Key, stat string, interval time.Duration) (time.Duration, error) {
	wait := int64(0)
	unsaved, err := t.look(ctx, key, func(r *record, now int64) (noted bool) {
		wait, noted = r.wait(stat, int64(interval), now)
		return noted
	})
	if unsaved {
		err = t.save(ctx, key)
	}
	return time.Duration(wait), err
}

// Attempt is a stat's next try, or how long it has to wait.
type Attempt struct {
	// IdempotencyKey is the same in all tries, across restarts, until Accepted.
	// Empty where the stat has to wait.
	IdempotencyKey string
	// Failures is how many tries in a row failed.
	Failures int
	// Wait is how long until the stat is due.
	Wait time.Duration
	// Delay is how long until a stat that is due may be tried again after a failure.
	Delay time.Duration
	// Outdated: what it tells of was told in part, or is being told by another report.
	Outdated bool
}

// Try is Wait, and where the stat is due and not put off by Failed, its attempt.
// Without an error it has been stored. The tags name the rules of the report's random
// answers: an earlier attempt under others counts as accepted.
func (t *Tracker) Try(ctx context.Context, key Key, stat string, interval time.Duration, growth Growth, tags string) (a Attempt, err error) {
	unsaved, err := t.look(ctx, key, func(r *record, now int64) (noted bool) {
		if a.Outdated = !r.tells(stat, growth); a.Outdated {
			return false
		}
		settled := r.settle(stat, tags)
		wait, noted := r.wait(stat, int64(interval), now)
		noted = noted || settled
		delay := int64(0)
		if wait == 0 {
			delay = r.delayed(stat, now)
		}
		a.Wait, a.Delay = time.Duration(wait), time.Duration(delay)
		if wait > 0 || delay > 0 {
			return noted
		}
		var begun bool
		a.IdempotencyKey, begun = r.try(stat, int64(interval), now, growth.Until, tags)
		a.Failures = r.attempt(stat).Failures
		return noted || begun
	})
	if unsaved || a.IdempotencyKey != "" {
		err = errors.Join(err, t.save(ctx, key)) // and with it what was accepted before
	}
	return a, err
}

// look shows a key's record to see, and reports whether it has to be stored.
func (t *Tracker) look(ctx context.Context, key Key, see func(r *record, now int64) (noted bool)) (unsaved bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := &t.looked
	*r = record{}
	if err := t.find(ctx, key, r); err != nil {
		return false, err
	}
	if see(r, t.now().UnixNano()) {
		r.unsaved = t.journal.Keeps()
		t.set(key, *r)
	}
	return r.unsaved, nil
}

// Accepted notes that the endpoint accepted the stat. That holds from now on; stored
// waits until it survives a restart. When it cannot be stored, it holds until the end
// of the process, and is stored by a later Wait or Try.
func (t *Tracker) Accepted(ctx context.Context, key Key, stat string, interval time.Duration) (stored func() error) {
	t.change(key, func(r *record) {
		r.Interval = int64(interval)
		r.accepted(stat, t.now().UnixNano())
	})
	return t.saveSoon(ctx, key)
}

// saveSoon adds the key to the next commit; stored waits until that is written.
func (t *Tracker) saveSoon(ctx context.Context, key Key) (stored func() error) {
	if !t.journal.Keeps() {
		return func() error { return nil }
	}
	joined := t.join([]Key{key})
	return func() error { return t.await(ctx, joined) }
}

// Keeps reports whether what is noted survives a restart.
func (t *Tracker) Keeps() bool { return t.journal.Keeps() }

// Refused notes that the endpoint refused the stat's Try: it rests for an hour, doubled
// by each refusal in a row, up to its interval.
func (t *Tracker) Refused(ctx context.Context, key Key, stat string) error {
	t.change(key, func(r *record) {
		if a := r.attempt(stat); a != nil {
			refused := *a
			refused.Refused = t.now().UnixNano()
			refused.Refusals++
			r.tried(refused)
		}
	})
	return t.save(ctx, key)
}

// Failed notes that the stat's Try brought no answer that settles it: it is not
// tried again before the delay has passed, across restarts once it is stored.
func (t *Tracker) Failed(ctx context.Context, key Key, stat string, delay time.Duration) (stored func() error) {
	t.change(key, func(r *record) { r.failed(stat, delay, t.now().UnixNano()) })
	return t.saveSoon(ctx, key)
}

// Rest notes that the endpoint at host asked for a pause: nothing is tried there
// until it has passed, across restarts.
func (t *Tracker) Rest(ctx context.Context, host string, pause time.Duration) error {
	key := restOf(host)
	t.change(key, func(r *record) { r.NotBefore = t.now().Add(pause).UnixNano() })
	return t.save(ctx, key)
}

// Resting says how much longer the endpoint at host asked to be left alone.
func (t *Tracker) Resting(ctx context.Context, host string) (pause time.Duration, err error) {
	_, err = t.look(ctx, restOf(host), func(r *record, now int64) bool {
		if rest := time.Duration(r.NotBefore - now); 0 < rest && rest <= maxDelay {
			pause = rest
		}
		return false
	})
	return pause, err
}

// restOf is the key under which an endpoint's rest is kept. No installation has it: its id would be empty.
func restOf(host string) Key { return NewKey("", "endpoint "+host) }

// Sweep forgets, at most once an hour, what is of no use any more.
func (t *Tracker) Sweep(ctx context.Context) error {
	now := t.now()
	t.mu.Lock()
	elapsed := t.since(t.swept)
	if elapsed < sweepEvery {
		t.mu.Unlock()
		return nil
	}
	// Where the clock jumped, nothing is forgotten before it has stood an hour.
	jump := now.Round(0).Sub(t.swept.Round(0)) - elapsed
	t.swept = now
	var forgotten []Key
	if jump.Abs() < sweepEvery/2 {
		forgotten = t.forget(now.UnixNano())
	}
	t.mu.Unlock()
	names := make([]string, len(forgotten))
	for i, key := range forgotten {
		names[i] = key.String()
	}
	if len(names) == 0 {
		return nil
	}
	t.saving <- struct{}{}
	defer func() { <-t.saving }()
	return t.journal.Delete(ctx, names...)
}

// forget takes out of memory what is of no use any more. The caller holds mu.
func (t *Tracker) forget(now int64) (forgotten []Key) {
	for key, settled := range t.settled.all() {
		r := record{settled: settled, underway: t.underway[key]}
		if r.forgettable(now) {
			forgotten = append(forgotten, key)
		}
	}
	for _, key := range forgotten {
		t.settled.delete(key)
		delete(t.underway, key)
	}
	return forgotten
}

// Close releases the storage.
func (t *Tracker) Close(ctx context.Context) error {
	t.saving <- struct{}{}
	defer func() { <-t.saving }()
	return t.journal.Close(ctx)
}

// get and set are the memory. The caller holds mu, but before the Tracker is anyone else's.
func (t *Tracker) get(key Key, r *record) (known bool) {
	r.settled, known = t.settled.get(key)
	if r.moves {
		r.underway = t.underway[key]
	}
	return known
}

func (t *Tracker) set(key Key, r record) {
	moved := r.moves
	r.moves = !r.empty()
	t.settled.set(key, r.settled)
	if r.moves {
		t.underway[key] = r.underway
	} else if moved {
		delete(t.underway, key)
	}
}

// find looks a key up, in storage where it has to. The caller holds mu.
func (t *Tracker) find(ctx context.Context, key Key, r *record) error {
	if t.get(key, r) {
		return nil
	}
	known := false
	if !t.complete {
		var err error
		if *r, known, err = t.load(ctx, key); err != nil {
			return err
		}
	}
	if !known {
		r.Accepted = t.lost
	}
	if !t.complete {
		t.set(key, *r) // to be asked for once
	}
	return nil
}

func (t *Tracker) load(ctx context.Context, key Key) (r record, known bool, err error) {
	known, err = t.journal.Load(ctx, key.String(), &r)
	return r, known, err
}

func (t *Tracker) change(key Key, change func(*record)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var r record
	t.get(key, &r)
	change(&r)
	r.unsaved = t.journal.Keeps()
	t.set(key, r)
}

// save stores the keys' records as they are when their commit is written.
func (t *Tracker) save(ctx context.Context, keys ...Key) error {
	if len(keys) == 0 || !t.journal.Keeps() {
		return nil
	}
	return t.await(ctx, t.join(keys))
}

// await returns when the commit is written. Who comes to its turn first writes it,
// after a moment in which others may join; it wakes all who wait for it at once.
func (t *Tracker) await(ctx context.Context, joined *commit) error {
	select {
	case <-joined.written:
		return joined.err
	case t.saving <- struct{}{}:
	}
	defer func() { <-t.saving }()
	select {
	case <-joined.written:
	default:
		runtime.Gosched()
		t.write(ctx, joined)
	}
	return joined.err
}

// join adds the keys to the next commit.
func (t *Tracker) join(keys []Key) *commit {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next == nil {
		t.next = &commit{written: make(chan struct{})}
	}
	t.next.keys = append(t.next.keys, keys...)
	return t.next
}

// write stores what joined the commit. The caller holds saving.
func (t *Tracker) write(ctx context.Context, c *commit) {
	t.mu.Lock()
	t.next = nil
	records := make([]state.Saved, 0, len(c.keys))
	for _, key := range c.keys {
		var r record
		if t.get(key, &r) && r.unsaved {
			r.unsaved = false
			t.set(key, r)
			records = append(records, state.Saved{Key: key.String(), Record: r})
		}
	}
	t.mu.Unlock()
	if c.err = t.journal.Save(ctx, records); c.err != nil {
		for _, key := range c.keys {
			t.change(key, func(*record) {})
		}
	}
	close(c.written)
}
