// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"maps"

	"github.com/google/uuid"
	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/state"
)

// The records that the receiver keeps, and their versions.
const (
	idRecord      = "instance_id"
	idVersion     = 1
	cursorRecord  = "event/"
	cursorVersion = 1
)

// memory is what outlives a restart: a generated instance id and the events' cursors.
type memory struct {
	store   state.Store
	id      string
	cursors map[string]cursor
}

// recall opens the storage and loads all of it, so that what cannot be read is an error at start.
func recall(ctx context.Context, host component.Host, cfg *Config, id component.ID) (memory, error) {
	store, err := state.Open(ctx, host, cfg.Storage, component.KindReceiver, id)
	if err != nil {
		return memory{}, err
	}
	m := memory{store: store, cursors: map[string]cursor{}}
	if err := m.load(ctx, cfg); err != nil {
		_ = store.Close(ctx)
		return memory{}, err
	}
	return m, nil
}

func (m *memory) load(ctx context.Context, cfg *Config) error {
	if _, err := m.store.Load(ctx, idRecord, idVersion, &m.id); err != nil {
		return err
	}
	for _, name := range cfg.Events.Names() {
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

// instanceID gives the installation's generated id, which is kept before it is first used.
func (m *memory) instanceID(ctx context.Context) (string, error) {
	if m.id != "" {
		return m.id, nil
	}
	generated, err := uuid.NewRandom()
	if err != nil {
		return "", err
	}
	if err := m.store.Save(ctx, idRecord, idVersion, generated.String()); err != nil {
		return "", err
	}
	m.id = generated.String()
	return m.id, nil
}

// commit moves cursors forward; one that cannot be stored stays where it was, so that its event comes again.
func (m *memory) commit(ctx context.Context, pending map[string]cursor) error {
	for name, c := range maps.All(pending) {
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
	id, err := s.memory.instanceID(ctx)
	r.resource[instanceID] = s.answer("resource::"+instanceID, id, err)
}
