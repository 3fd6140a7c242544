// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

const (
	accountKey     = "account"
	accountVersion = 1
)

// tally is what became of one stat beside its deliveries.
type tally struct {
	// Unsent counts the rounds that did not bring the stat to its endpoint.
	Unsent map[trust.Reason]int `json:"unsent,omitempty"`
	// Missing names what the stat lacked when it last was incomplete.
	Missing []string `json:"missing,omitempty"`
	// Due is the next time at which the stat may be sent.
	Due time.Time `json:"due,omitzero"`
}

// account knows where exporters send, and counts what they do not send. It is
// stored when the program ends: after a crash the counts since the start are lost.
type account struct {
	trust.NopObserver
	changed func()

	mu           sync.Mutex
	destinations []trust.Destination
	tallies      map[string]*tally
}

func newAccount(changed func()) *account {
	return &account{changed: changed, tallies: map[string]*tally{}}
}

func (a *account) restore(ctx context.Context, store state.Store, logger *zap.Logger) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var stored map[string]*tally
	if _, err := store.Load(ctx, accountKey, accountVersion, &stored); err != nil {
		logger.Warn("What was not sent is counted anew", zap.Error(err))
		return
	}
	for stat, t := range stored {
		if t != nil {
			a.tallies[stat] = t
		}
	}
}

func (a *account) save(ctx context.Context, store state.Store) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return store.Save(ctx, accountKey, accountVersion, a.tallies)
}

func (a *account) of(stat string) *tally {
	t, ok := a.tallies[stat]
	if !ok {
		t = &tally{}
		a.tallies[stat] = t
	}
	return t
}

// Promises implements trust.Observer.
func (a *account) Promises(d trust.Destination) {
	a.mu.Lock()
	defer a.mu.Unlock()
	d.Stats = slices.Clone(d.Stats)
	a.destinations = append(a.destinations, d)
	a.changed()
}

// Unsent implements trust.Observer.
func (a *account) Unsent(u trust.Unsent) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.of(u.Stat)
	if t.Unsent == nil {
		t.Unsent = map[trust.Reason]int{}
	}
	t.Unsent[u.Reason]++
	if u.Reason == trust.Incomplete {
		t.Missing = slices.Clone(u.Missing)
	}
	a.changed()
}

// Due implements trust.Observer.
func (a *account) Due(stat string, next time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.of(stat).Due = next.UTC()
	a.changed()
}

// snapshot copies the destinations, and the tallies by stat: also those that are promised and were never heard of.
func (a *account) snapshot() ([]trust.Destination, map[string]tally) {
	a.mu.Lock()
	defer a.mu.Unlock()
	tallies := map[string]tally{}
	for _, d := range a.destinations {
		for _, stat := range d.Stats {
			tallies[stat] = tally{}
		}
	}
	for stat, t := range a.tallies {
		tallies[stat] = tally{Unsent: maps.Clone(t.Unsent), Missing: t.Missing, Due: t.Due}
	}
	return slices.Clone(a.destinations), tallies
}
