// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

const (
	choiceKey     = "switch"
	choiceVersion = 1
)

// Choice is what the operator chose on the page.
type Choice struct {
	Mode string    `json:"mode"`
	Time time.Time `json:"time"`
	// Undiscarded is true while a withdrawal has not reached all that it has to reach.
	Undiscarded bool `json:"undiscarded,omitempty"`
}

// Holder holds the consent in force: the decision of the configuration and its environment, and the page's choice over it.
type Holder struct {
	logger     *zap.Logger
	configured trust.Decision
	changed    func()
	inForce    atomic.Pointer[trust.Decision]
	hooks      hooks

	mu       sync.Mutex // one change at a time
	store    state.Store
	switched *Choice // nil: the switch was never touched
}

// New holds what the configuration and its environment decided; changed is called after each choice on the page.
func New(configured trust.Decision, changed func(), logger *zap.Logger) *Holder {
	h := &Holder{logger: logger, configured: configured, changed: changed}
	h.inForce.Store(&configured)
	return h
}

// Configured is the decision of the configuration and its environment, which a choice on the page cannot pass.
func (h *Holder) Configured() trust.Decision { return h.configured }

// Mode implements trust.Consent.
func (h *Holder) Mode() (trust.Mode, string) {
	held := h.inForce.Load()
	return held.Mode, held.Who
}

// Restore reads the switch. One that cannot be read withholds: it may have said off.
func (h *Holder) Restore(ctx context.Context, store state.Store) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.store = store
	var stored Choice
	found, err := store.Load(ctx, choiceKey, choiceVersion, &stored)
	mode, parseErr := trust.ParseMode(stored.Mode)
	switch {
	case err != nil || (found && parseErr != nil):
		h.logger.Error("The page's switch cannot be read, so usage statistics are off until it is set again", zap.Error(errors.Join(err, parseErr)))
		h.inForce.Store(&trust.Decision{Mode: trust.Off, Who: "the page's switch, which cannot be read: set it again"})
	case found:
		h.switched = &stored
		h.hooks.pending = stored.Undiscarded
		h.hold(mode)
	}
}

func (h *Holder) hold(switched trust.Mode) {
	held := trust.Strictest(h.configured, trust.Decision{Mode: switched, Who: "the switch on the page"})
	h.inForce.Store(&held)
}

// ErrNotAllowed is the answer to a choice that goes further than the configuration does.
var ErrNotAllowed = errors.New("goes further than allowed")

// Choose turns the switch. When it returns, the choice holds, and survives a
// restart unless the error says otherwise; a withdrawal has discarded what it can.
func (h *Holder) Choose(ctx context.Context, mode trust.Mode, now time.Time) error {
	if h.configured.Mode == trust.Off || mode > h.configured.Mode {
		return fmt.Errorf("%s %w by %s, which says %s", mode, ErrNotAllowed, h.configured.Who, h.configured.Mode)
	}
	defer h.changed()
	h.mu.Lock()
	defer h.mu.Unlock()
	was, _ := h.Mode()
	undiscarded := h.switched != nil && h.switched.Undiscarded
	if undiscarded && mode > was { // what was withdrawn does not come back with a new consent
		if err := h.withdraw(ctx); err != nil {
			return err
		}
		undiscarded = false
	}
	next := &Choice{Mode: mode.String(), Time: now.UTC(), Undiscarded: undiscarded || (mode == trust.Off && was != trust.Off)}
	if mode < was { // the more careful choice holds at once, whatever the storage says
		h.hold(mode)
	}
	if err := h.store.Save(ctx, choiceKey, choiceVersion, next); err != nil {
		return fmt.Errorf("the choice is not stored and ends with this program: %w", err)
	}
	h.switched = next
	h.hold(mode)
	if is, who := h.Mode(); is != was {
		h.logger.Info(is.Meaning(), zap.Stringer("mode", is), zap.Stringer("mode_before", was), zap.String("said_by", who))
	}
	if next.Undiscarded {
		return h.withdraw(ctx)
	}
	return nil
}

// withdraw discards, and notes that everything is discarded; h.mu is held.
func (h *Holder) withdraw(ctx context.Context) error {
	if err := h.hooks.all(ctx); err != nil {
		h.logger.Error("Consent is withdrawn, but not everything could be discarded; it is tried again at the next start", zap.Error(err))
		return fmt.Errorf("consent is withdrawn, but not everything could be discarded: %w", err)
	}
	done := *h.switched
	done.Undiscarded = false
	if err := h.store.Save(ctx, choiceKey, choiceVersion, done); err != nil {
		return err
	}
	h.switched = &done
	return nil
}

// FinishWithdrawal notes, once all components have started, that an earlier withdrawal is complete.
func (h *Holder) FinishWithdrawal(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.switched == nil || !h.switched.Undiscarded {
		return nil
	}
	return h.withdraw(ctx)
}

// OnWithdrawal implements trust.Withdrawal.
func (h *Holder) OnWithdrawal(discard func(context.Context) error) (forget func()) {
	return h.hooks.add(discard, h.logger)
}

// Choice returns the switch's position, nil when it was never touched.
func (h *Holder) Choice() *Choice {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.switched
}

// Close makes a later choice last in memory only.
func (h *Holder) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.store = state.Store{}
}
