// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package pacing

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/headcount-otel/headcount/state"
)

// sweepEvery is how often the memory is searched for what may be forgotten.
const sweepEvery = time.Hour

// Book is the memory of what was accepted. It is safe for concurrent use.
type Book struct {
	store state.Store
	now   func() time.Time
	since func(time.Time) time.Duration
	turns turns

	mu       sync.Mutex
	settled  *table
	underway map[Owner]underway
	// complete: what is not in settled is not in store either.
	complete bool
	swept    time.Time

	// saving keeps a record's older version from being stored over a newer one.
	saving sync.Mutex
}

// Open reads the memory that store keeps. Records that cannot be read are told of
// in damage, and count as accepted now: their stats rest for an interval, and are
// not all sent again.
func Open(ctx context.Context, store state.Store, now func() time.Time) (b *Book, damage, err error) {
	b = &Book{
		store: store, now: now, since: time.Since, swept: now(),
		turns:    turns{taken: map[Owner]chan struct{}{}},
		settled:  newTable(),
		underway: map[Owner]underway{},
	}
	var damaged []Owner
	b.complete, err = state.Walk(ctx, store, recordVersion, func(key string, r record, broken error) {
		owner, stray := parseOwner(key)
		switch {
		case stray != nil:
			damage = errors.Join(damage, stray)
		case broken != nil:
			damage = errors.Join(damage, broken)
			damaged = append(damaged, owner)
		default:
			b.set(owner, r)
		}
	})
	for _, owner := range damaged {
		b.change(owner, func(r *record) { r.Accepted = now().UnixNano() })
		err = errors.Join(err, b.save(ctx, owner))
	}
	return b, damage, err
}

// Turn waits until nobody else has the owner's turn, and takes it. Without it nothing of the owner is tried.
func (b *Book) Turn(ctx context.Context, owner Owner) (giveBack func(), err error) {
	return b.turns.take(ctx, owner)
}

// Wait says how long the owner's stat has to wait, 0 when it is due. From the
// second report on, one that becomes due waits for a random time, drawn once per
// report, of up to 0.5 % of its interval.
func (b *Book) Wait(ctx context.Context, owner Owner, stat string, interval time.Duration) (time.Duration, error) {
	_, wait, err := b.look(ctx, owner, stat, interval, false)
	return wait, err
}

// Try is Wait, and where the stat is due, the Idempotency-Key of its next try: the
// same one, across restarts, until Accepted. Without an error it has been stored.
func (b *Book) Try(ctx context.Context, owner Owner, stat string, interval time.Duration) (key string, wait time.Duration, err error) {
	return b.look(ctx, owner, stat, interval, true)
}

func (b *Book) look(ctx context.Context, owner Owner, stat string, interval time.Duration, try bool) (key string, wait time.Duration, err error) {
	var r record
	b.mu.Lock()
	if err := b.find(ctx, owner, &r); err != nil {
		b.mu.Unlock()
		return "", 0, err
	}
	now := b.now().UnixNano()
	nanoseconds, noted := r.wait(stat, int64(interval), now)
	if try && nanoseconds == 0 {
		var begun bool
		key, begun = r.try(stat, int64(interval), now)
		noted = noted || begun
	}
	if noted {
		r.unsaved = b.store.Keeps()
		b.set(owner, r)
	}
	b.mu.Unlock()
	if r.unsaved {
		err = b.save(ctx, owner)
	}
	return key, time.Duration(nanoseconds), err
}

// Accepted notes that the endpoint accepted the stat. When it cannot be stored,
// it still holds until the end of the process, and is stored by a later Wait or Try.
func (b *Book) Accepted(ctx context.Context, owner Owner, stat string, interval time.Duration) error {
	b.change(owner, func(r *record) {
		r.Interval = int64(interval)
		r.accepted(stat, b.now().UnixNano())
	})
	return b.save(ctx, owner)
}

// Refused notes that the endpoint refused the stat's Try: it rests for an hour, doubled
// by each refusal in a row, up to its interval.
func (b *Book) Refused(ctx context.Context, owner Owner, stat string) error {
	b.change(owner, func(r *record) {
		if t := r.trial(stat); t != nil {
			refused := *t
			refused.Refused = b.now().UnixNano()
			refused.Refusals++
			r.tried(refused)
		}
	})
	return b.save(ctx, owner)
}

// Sweep forgets, at most once an hour, what is older than twice its interval.
func (b *Book) Sweep(ctx context.Context) error {
	now := b.now()
	b.mu.Lock()
	elapsed := b.since(b.swept)
	if elapsed < sweepEvery {
		b.mu.Unlock()
		return nil
	}
	// Where the clock jumped, nothing is forgotten before it has stood an hour.
	jump := now.Round(0).Sub(b.swept.Round(0)) - elapsed
	b.swept = now
	var forgotten []Owner
	if jump.Abs() < sweepEvery/2 {
		forgotten = b.forget(now.UnixNano())
	}
	b.mu.Unlock()
	keys := make([]string, len(forgotten))
	for i, owner := range forgotten {
		keys[i] = owner.String()
	}
	return b.store.Delete(ctx, keys...)
}

// forget takes out of memory what is older than twice its interval. The caller holds mu.
func (b *Book) forget(now int64) (forgotten []Owner) {
	for owner, settled := range b.settled.all() {
		r := record{settled: settled, underway: b.underway[owner]}
		if r.forgettable(now) {
			forgotten = append(forgotten, owner)
		}
	}
	for _, owner := range forgotten {
		b.settled.delete(owner)
		delete(b.underway, owner)
	}
	return forgotten
}

// Close releases the storage.
func (b *Book) Close(ctx context.Context) error { return b.store.Close(ctx) }

// get and set are the memory. The caller holds mu, but before the Book is anyone else's.
func (b *Book) get(owner Owner, r *record) (known bool) {
	r.settled, known = b.settled.get(owner)
	if r.moves {
		r.underway = b.underway[owner]
	}
	return known
}

func (b *Book) set(owner Owner, r record) {
	moved := r.moves
	r.moves = !r.empty()
	b.settled.set(owner, r.settled)
	if r.moves {
		b.underway[owner] = r.underway
	} else if moved {
		delete(b.underway, owner)
	}
}

// find looks an owner up, in storage where it has to. The caller holds mu.
func (b *Book) find(ctx context.Context, owner Owner, r *record) error {
	if b.get(owner, r) || b.complete {
		return nil
	}
	stored, err := b.load(ctx, owner)
	if err == nil {
		b.set(owner, stored)
		*r = stored
	}
	return err
}

func (b *Book) load(ctx context.Context, owner Owner) (r record, err error) {
	_, err = b.store.Load(ctx, owner.String(), recordVersion, &r)
	return r, err
}

func (b *Book) change(owner Owner, change func(*record)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var r record
	b.get(owner, &r)
	change(&r)
	r.unsaved = b.store.Keeps()
	b.set(owner, r)
}

// save stores the owner's record as it now is.
func (b *Book) save(ctx context.Context, owner Owner) error {
	if !b.store.Keeps() {
		return nil
	}
	b.saving.Lock()
	defer b.saving.Unlock()
	b.mu.Lock()
	var r record
	if !b.get(owner, &r) || !r.unsaved {
		b.mu.Unlock()
		return nil
	}
	r.unsaved = false
	b.set(owner, r)
	b.mu.Unlock()

	err := b.store.Save(ctx, owner.String(), recordVersion, r)
	if err != nil {
		b.change(owner, func(*record) {})
	}
	return err
}
