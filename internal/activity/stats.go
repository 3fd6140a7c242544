// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package activity

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
	statsKey     = "account"
	statsVersion = 1
)

// Stat is what became of one stat beside its deliveries.
type Stat struct {
	// Unsent counts how often the stat was not brought to its endpoint, by the reason.
	Unsent map[trust.Reason]int `json:"unsent,omitempty"`
	// Missing names what the stat lacked when it last was incomplete.
	Missing []string `json:"missing,omitempty"`
	// Due is the next time at which the stat may be sent.
	Due time.Time `json:"due,omitzero"`
}

// Stats knows where exporters send, and counts what they do not send. It is
// stored when the program ends: after a crash the counts since the start are lost.
type Stats struct {
	trust.NopObserver
	changed func()

	mu           sync.Mutex
	destinations []trust.Destination
	stats        map[string]*Stat
}

// NewStats counts from zero, and calls changed after each change.
func NewStats(changed func()) *Stats {
	return &Stats{changed: changed, stats: map[string]*Stat{}}
}

// Restore reads the counts of earlier runs.
func (s *Stats) Restore(ctx context.Context, store state.Store, logger *zap.Logger) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var stored map[string]*Stat
	if _, err := store.Load(ctx, statsKey, statsVersion, &stored); err != nil {
		logger.Warn("What was not sent is counted anew", zap.Error(err))
		return
	}
	for stat, t := range stored {
		if t != nil {
			s.stats[stat] = t
		}
	}
}

// Save stores the counts.
func (s *Stats) Save(ctx context.Context, store state.Store) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return store.Save(ctx, statsKey, statsVersion, s.stats)
}

func (s *Stats) of(stat string) *Stat {
	t, ok := s.stats[stat]
	if !ok {
		t = &Stat{}
		s.stats[stat] = t
	}
	return t
}

// Promises implements trust.Observer.
func (s *Stats) Promises(d trust.Destination) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Stats, d.Keys, d.Descriptions = slices.Clone(d.Stats), slices.Clone(d.Keys), maps.Clone(d.Descriptions)
	s.destinations = append(s.destinations, d)
	s.changed()
}

// Unsent implements trust.Observer.
func (s *Stats) Unsent(u trust.Unsent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.of(u.Stat)
	if t.Unsent == nil {
		t.Unsent = map[trust.Reason]int{}
	}
	t.Unsent[u.Reason]++
	if u.Reason == trust.Incomplete {
		t.Missing = slices.Clone(u.Missing)
	}
	s.changed()
}

// Due implements trust.Observer.
func (s *Stats) Due(stat string, next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of(stat).Due = next.UTC()
	s.changed()
}

// Snapshot copies the destinations, and the stats by stat: also those that are promised and were never heard of.
func (s *Stats) Snapshot() ([]trust.Destination, map[string]Stat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := map[string]Stat{}
	for _, d := range s.destinations {
		for _, stat := range d.Stats {
			stats[stat] = Stat{}
		}
	}
	for stat, t := range s.stats {
		stats[stat] = Stat{Unsent: maps.Clone(t.Unsent), Missing: t.Missing, Due: t.Due}
	}
	return slices.Clone(s.destinations), stats
}
