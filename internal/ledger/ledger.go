// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/oncelog"
	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

const (
	// MaxEntries and MaxBytes bound the ledger: nearly ten years of a weekly report, in memory that nobody misses.
	MaxEntries = 512
	MaxBytes   = 1 << 20

	entryVersion = 1
)

// Ledger keeps each body that was sent, or would have been, oldest first. Each
// entry is a record of its own in the storage, under its number modulo
// MaxEntries, so that a torn write costs one entry.
type Ledger struct {
	trust.NopObserver
	logger  *zap.Logger
	changed func()

	mu         sync.Mutex
	store      state.Store
	entries    []*Entry
	bytes      int
	last       uint64
	unreadable int
	trouble    oncelog.Subjects[string]
}

// storing is the subject of a ledger that cannot be stored.
const storing = "storing"

// New makes an empty ledger that calls changed after each change.
func New(changed func(), logger *zap.Logger) *Ledger {
	return &Ledger{logger: logger, changed: changed}
}

// Restore reads what earlier runs kept, instead of what it held before. An entry that cannot be read is set aside until its place is needed.
func (l *Ledger) Restore(ctx context.Context, store state.Store) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.store, l.entries, l.bytes, l.unreadable = store, nil, 0, 0
	keys := make([]string, MaxEntries)
	for slot := range keys {
		keys[slot] = entryKey(uint64(slot))
	}
	err := state.LoadEach(ctx, store, entryVersion, keys, func(key string, e Entry, damage error) {
		if damage != nil || entryKey(e.Number) != key {
			l.unreadable++
			return
		}
		l.entries = append(l.entries, &e)
		l.bytes += len(e.Body)
		l.last = max(l.last, e.Number)
	})
	if err != nil {
		l.unreadable = MaxEntries
	}
	slices.SortFunc(l.entries, func(a, b *Entry) int { return int(a.Number) - int(b.Number) })
	if l.unreadable > 0 {
		l.logger.Warn("Entries of the ledger cannot be read and are left out; all else goes on", zap.Int("entries", l.unreadable))
	}
}

func entryKey(number uint64) string { return fmt.Sprintf("ledger.%d", number%MaxEntries) }

// Sending implements trust.Observer. A body that cannot be recorded must not be sent, and leaves no trace here.
func (l *Ledger) Sending(d trust.Delivery) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.find(d)
	before := *e
	e.Time, e.Status, e.underway = d.Time.UTC(), 0, true
	e.Tries++
	l.regain(e, d)
	err := l.keep(e)
	if err != nil {
		l.bytes -= len(e.Body) - len(before.Body)
		*e = before
		l.forgetUnsent()
	}
	return err
}

// regain takes a discarded body in again, because it leaves or has left after all.
func (l *Ledger) regain(e *Entry, d trust.Delivery) {
	if e.Discarded {
		e.Discarded, e.Body = false, bytes.Clone(d.Body)
		l.bytes += len(e.Body)
	}
}

// Delivered implements trust.Observer.
func (l *Ledger) Delivered(d trust.Delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.find(d)
	e.Time, e.Status = d.Time.UTC(), d.Status
	if !e.underway && !d.DryRun {
		e.Tries++
	}
	e.underway = false
	if e.Accepted() { // also one that was on its way when consent was withdrawn
		l.regain(e, d)
	}
	_ = l.keep(e) // that it was sent is on disk already; the log says that the answer is not
}

// find returns the entry that an earlier try of the same body made, or a new one.
func (l *Ledger) find(d trust.Delivery) *Entry {
	for _, e := range slices.Backward(l.entries) {
		if e.of(d) {
			return e
		}
	}
	l.last++
	e := newEntry(l.last, d)
	l.entries = append(l.entries, e)
	l.bytes += len(e.Body)
	for len(l.entries) > MaxEntries || l.bytes > MaxBytes {
		l.forgetOldest()
	}
	return e
}

// Withdraw discards the bodies that no endpoint has taken, also from the bytes of the
// storage: they are withdrawn with the consent. That they were tried stays, with the
// key under which one whose answer was lost could be found.
func (l *Ledger) Withdraw(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	discarded, errs := 0, []error(nil)
	for _, e := range l.entries {
		if e.Accepted() || e.Body == nil {
			continue
		}
		l.bytes -= len(e.Body)
		e.Body, e.Discarded = nil, true
		errs = append(errs, l.keep(e))
		discarded++
	}
	if discarded == 0 {
		return nil
	}
	return errors.Join(append(errs, l.store.Forget(ctx))...)
}

func (l *Ledger) forgetOldest() {
	oldest := l.entries[0]
	l.entries = slices.Delete(l.entries, 0, 1)
	l.bytes -= len(oldest.Body)
	if err := l.store.Delete(context.Background(), entryKey(oldest.Number)); err != nil {
		l.logger.Warn("An old entry of the ledger cannot be removed", zap.Error(err))
	}
}

// forgetUnsent drops the newest entry again where its body was never sent.
func (l *Ledger) forgetUnsent() {
	newest := l.entries[len(l.entries)-1]
	if newest.Tries > 0 || newest.DryRun {
		return
	}
	l.entries = l.entries[:len(l.entries)-1]
	l.bytes -= len(newest.Body)
}

func (l *Ledger) keep(e *Entry) error {
	defer l.changed()
	err := l.store.Save(context.Background(), entryKey(e.Number), entryVersion, e)
	if err != nil {
		if l.trouble.Begins(storing, oncelog.Reason(err)) {
			l.logger.Error("The ledger cannot be stored; what cannot be recorded is not sent", zap.Error(err))
		}
		return fmt.Errorf("the ledger cannot record it: %w", err)
	}
	if l.trouble.Ends(storing) {
		l.logger.Info("The ledger can be stored again")
	}
	return nil
}

// Records reports whether the ledger could be stored when that was last tried.
func (l *Ledger) Records() bool { return l.trouble.Len() == 0 }

// Snapshot copies the entries, oldest first; their bodies are never changed and are shared.
func (l *Ledger) Snapshot() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	copied := make([]Entry, len(l.entries))
	for i, e := range l.entries {
		copied[i] = *e
	}
	return copied
}

// Unreadable returns how many entries could not be read.
func (l *Ledger) Unreadable() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.unreadable
}

// Close makes later entries last in memory only.
func (l *Ledger) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.store = state.Store{}
}
