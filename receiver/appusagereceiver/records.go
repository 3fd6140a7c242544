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

// records are what outlives a restart: a generated instance id and the events' cursors.
type records struct {
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
func (r *records) open(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.opened {
		return nil
	}
	store, err := state.Open(ctx, r.host, r.cfg.Storage, component.KindReceiver, r.owner)
	if err != nil {
		return err
	}
	r.store = store
	if err := r.load(ctx); err != nil {
		return errors.Join(err, store.Close(ctx))
	}
	r.opened = true
	return nil
}

func (r *records) load(ctx context.Context) error {
	var err error
	if r.id, err = r.store.LoadInstanceID(ctx); err != nil {
		return err
	}
	r.cursors = map[string]cursor{}
	for _, name := range r.cfg.Events.Names() {
		var c cursor
		found, err := r.store.Load(ctx, cursorRecord+name, cursorVersion, &c)
		if err != nil {
			return err
		}
		if found && c.conceal() {
			err = r.store.Save(ctx, cursorRecord+name, cursorVersion, c)
		}
		if err != nil {
			return err
		}
		if found {
			r.cursors[name] = c
		}
	}
	return nil
}

func (r *records) close(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.opened {
		return nil
	}
	r.opened = false
	return r.store.Close(ctx)
}

// instanceID gives the installation's generated id, which is kept before it is first used.
func (r *records) instanceID(ctx context.Context, consent trust.Consent) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if mode, _ := consent.Mode(); mode == trust.Off {
		return "", errWithdrawn
	}
	if r.id != "" {
		return r.id, nil
	}
	made, err := r.store.MakeInstanceID(ctx)
	if err != nil {
		return "", err
	}
	r.id = made
	return r.id, nil
}

// forgetID discards the generated id: the operator withdrew consent. A withdrawal that
// was cut short ends at the next start, before anything else opens the storage.
func (r *records) forgetID(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.id = ""
	if r.opened {
		return r.store.Forget(ctx, state.InstanceID)
	}
	store, err := state.Open(ctx, r.host, r.cfg.Storage, component.KindReceiver, r.owner)
	if err != nil {
		return err
	}
	return errors.Join(store.Forget(ctx, state.InstanceID), store.Close(ctx))
}

// commit moves cursors forward; one that cannot be stored stays where it was, so that its event comes again.
func (r *records) commit(ctx context.Context, pending map[string]cursor) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, c := range pending {
		if err := r.store.Save(ctx, cursorRecord+name, cursorVersion, c); err != nil {
			return err
		}
		r.cursors[name] = c
	}
	return nil
}
