// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package trusttest has what the test of a component needs that asks for consent: an
// extension whose mode the test sets, and a host on which it runs.
package trusttest // import "github.com/headcount-otel/headcount/trust/trusttest"

import (
	"context"
	"errors"
	"maps"
	"sync"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/trust"
)

// Extension answers for consent as the headcount extension does, and records what it is told.
type Extension struct {
	component.StartFunc
	component.ShutdownFunc
	Recorder

	mu        sync.Mutex
	mode      trust.Mode
	members   map[string]bool
	last      int // number of a function that was handed over
	listeners map[int]func()
	discards  map[int]func(context.Context) error
}

var (
	_ component.Component = (*Extension)(nil)
	_ trust.Notifier      = (*Extension)(nil)
	_ trust.Withdrawal    = (*Extension)(nil)
	_ trust.Registrar     = (*Extension)(nil)
	_ trust.Observer      = (*Extension)(nil)
)

// NewExtension makes an extension with a mode.
func NewExtension(mode trust.Mode) *Extension {
	return &Extension{
		mode: mode, members: map[string]bool{},
		listeners: map[int]func(){}, discards: map[int]func(context.Context) error{},
	}
}

// Mode implements trust.Consent.
func (e *Extension) Mode() (trust.Mode, string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.mode, "the test says so"
}

// SetMode changes the mode, and returns when all who listen have been told.
func (e *Extension) SetMode(mode trust.Mode) {
	e.mu.Lock()
	e.mode = mode
	listeners := maps.Clone(e.listeners)
	e.mu.Unlock()
	for _, changed := range listeners {
		changed()
	}
}

// Withdraw sets the mode to off, and has everything discarded that components keep.
func (e *Extension) Withdraw(ctx context.Context) error {
	e.SetMode(trust.Off)
	e.mu.Lock()
	discards := maps.Clone(e.discards)
	e.mu.Unlock()
	var errs []error
	for _, discard := range discards {
		errs = append(errs, discard(ctx))
	}
	return errors.Join(errs...)
}

// OnChange implements trust.Notifier.
func (e *Extension) OnChange(changed func()) (forget func()) { return add(e, e.listeners, changed) }

// OnWithdrawal implements trust.Withdrawal.
func (e *Extension) OnWithdrawal(discard func(context.Context) error) (forget func()) {
	return add(e, e.discards, discard)
}

func add[F any](e *Extension, functions map[int]F, function F) (forget func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last++
	number := e.last
	functions[number] = function
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(functions, number)
	}
}

// Listening counts the functions that were handed to OnChange and OnWithdrawal and not forgotten.
func (e *Extension) Listening() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.listeners) + len(e.discards)
}

// Register implements trust.Registrar.
func (e *Extension) Register(member trust.Member, asks bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.members[member.String()] = asks
}

// Members are the components that started, by name, and whether they ask this extension.
func (e *Extension) Members() map[string]bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.members)
}

// Host runs the extensions that a test gives it.
type Host map[component.ID]component.Component

// GetExtensions implements component.Host.
func (h Host) GetExtensions() map[component.ID]component.Component { return h }
