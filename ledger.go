// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

const (
	// maxEntries and maxBytes bound the ledger: nearly ten years of a weekly report, in memory that nobody misses.
	maxEntries = 512
	maxBytes   = 1 << 20

	entryVersion = 1
)

// ledger keeps each body that was sent, or would have been, oldest first. Each
// entry is a record of its own in the storage, under its number modulo
// maxEntries, so that a torn write costs one entry.
type ledger struct {
	trust.NopObserver
	logger  *zap.Logger
	changed func()

	mu         sync.Mutex
	store      state.Store
	entries    []*entry
	bytes      int
	last       uint64
	unreadable int
}

// restore reads what earlier runs kept. An entry that cannot be read is set aside until its place is needed.
func (l *ledger) restore(ctx context.Context, store state.Store) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.store = store
	for slot := range uint64(maxEntries) {
		var e entry
		found, err := store.Load(ctx, entryKey(slot), entryVersion, &e)
		switch {
		case err != nil || (found && e.Number%maxEntries != slot):
			l.unreadable++
		case found:
			l.entries = append(l.entries, &e)
			l.bytes += len(e.Body)
			l.last = max(l.last, e.Number)
		}
	}
	slices.SortFunc(l.entries, func(a, b *entry) int { return int(a.Number) - int(b.Number) })
	if l.unreadable > 0 {
		l.logger.Warn("Entries of the ledger cannot be read and are left out; all else goes on", zap.Int("entries", l.unreadable))
	}
}

func entryKey(number uint64) string { return fmt.Sprintf("ledger.%d", number%maxEntries) }

// Sending implements trust.Observer.
func (l *ledger) Sending(d trust.Delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.find(d)
	e.Time, e.Status, e.underway = d.Time.UTC(), 0, true
	e.Tries++
	l.keep(e)
}

// Delivered implements trust.Observer.
func (l *ledger) Delivered(d trust.Delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.find(d)
	e.Time, e.Status = d.Time.UTC(), d.Status
	if !e.underway && !d.DryRun {
		e.Tries++
	}
	e.underway = false
	l.keep(e)
}

// find returns the entry that an earlier try of the same body made, or a new one.
func (l *ledger) find(d trust.Delivery) *entry {
	for _, e := range slices.Backward(l.entries) {
		if e.of(d) {
			return e
		}
	}
	l.last++
	e := newEntry(l.last, d)
	l.entries = append(l.entries, e)
	l.bytes += len(e.Body)
	for len(l.entries) > maxEntries || l.bytes > maxBytes {
		l.forgetOldest()
	}
	return e
}

func (l *ledger) forgetOldest() {
	oldest := l.entries[0]
	l.entries = slices.Delete(l.entries, 0, 1)
	l.bytes -= len(oldest.Body)
	if err := l.store.Delete(context.Background(), entryKey(oldest.Number)); err != nil {
		l.logger.Warn("An old entry of the ledger cannot be removed", zap.Error(err))
	}
}

func (l *ledger) keep(e *entry) {
	if err := l.store.Save(context.Background(), entryKey(e.Number), entryVersion, e); err != nil {
		l.logger.Error("The ledger cannot be stored; its newest entry is lost at the next restart", zap.Error(err))
	}
	l.changed()
}

// snapshot copies the entries, oldest first; their bodies are never changed and are shared.
func (l *ledger) snapshot() []entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	copied := make([]entry, len(l.entries))
	for i, e := range l.entries {
		copied[i] = *e
	}
	return copied
}

// setAside returns how many entries could not be read.
func (l *ledger) setAside() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.unreadable
}

// close makes later entries last in memory only.
func (l *ledger) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.store = state.Store{}
}
