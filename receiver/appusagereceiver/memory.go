// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"errors"
	"sync"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

// The records that the receiver keeps beside the generated id, and their version.
const (
	cursorRecord  = "event/"
	cursorVersion = 1
)

// memory is what outlives a restart: a generated instance id and the events' cursors.
type memory struct {
	cfg   *Config
	owner component.ID
	host  component.Host

	// mu lets a withdrawal of consent come at any moment.
	mu      sync.Mutex
	opened  bool
	store   state.Store
	id      string
	cursors map[string]cursor
}

// open loads all of it, so that what cannot be read is an error at start.
func (m *memory) open(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.opened {
		return nil
	}
	store, err := state.Open(ctx, m.host, m.cfg.Storage, component.KindReceiver, m.owner)
	if err != nil {
		return err
	}
	m.store = store
	if err := m.load(ctx); err != nil {
		return errors.Join(err, store.Close(ctx))
	}
	m.opened = true
	return nil
}

func (m *memory) load(ctx context.Context) error {
	var err error
	if m.id, err = m.store.LoadInstanceID(ctx); err != nil {
		return err
	}
	m.cursors = map[string]cursor{}
	for _, name := range m.cfg.Events.Names() {
		var c cursor
		found, err := m.store.Load(ctx, cursorRecord+name, cursorVersion, &c)
		if err != nil {
			return err
		}
		if found {
			m.cursors[name] = c
		}
	}
	return nil
}

func (m *memory) close(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.opened {
		return nil
	}
	m.opened = false
	return m.store.Close(ctx)
}

// instanceID gives the installation's generated id, which is kept before it is first used.
func (m *memory) instanceID(ctx context.Context, consent trust.Consent) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if mode, _ := consent.Mode(); mode == trust.Off {
		return "", errWithdrawn
	}
	if m.id != "" {
		return m.id, nil
	}
	made, err := m.store.MakeInstanceID(ctx)
	if err != nil {
		return "", err
	}
	m.id = made
	return m.id, nil
}

// forgetID discards the generated id: the operator withdrew consent. A withdrawal that
// was cut short ends at the next start, before anything else opens the storage.
func (m *memory) forgetID(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.id = ""
	if m.opened {
		return m.store.Delete(ctx, state.InstanceID)
	}
	store, err := state.Open(ctx, m.host, m.cfg.Storage, component.KindReceiver, m.owner)
	if err != nil {
		return err
	}
	return errors.Join(store.Delete(ctx, state.InstanceID), store.Close(ctx))
}

// commit moves cursors forward; one that cannot be stored stays where it was, so that its event comes again.
func (m *memory) commit(ctx context.Context, pending map[string]cursor) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, c := range pending {
		if err := m.store.Save(ctx, cursorRecord+name, cursorVersion, c); err != nil {
			return err
		}
		m.cursors[name] = c
	}
	return nil
}

// identify gives an installation without an id a generated one; after a failed
// reading it may have one of its own that could not be read.
func (s *usageScraper) identify(ctx context.Context, r *round) {
	if found := r.resource[instanceID]; found.failed || found.value != nil {
		return
	}
	id, err := s.memory.instanceID(ctx, s.consent)
	r.resource[instanceID] = s.answer("resource::"+instanceID, id, err)
}
