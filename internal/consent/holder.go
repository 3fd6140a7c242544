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

	"github.com/headcount-otel/headcount/trust"
)

// Holder holds the consent in force: the decision of the configuration and its environment, and the page's choice over it.
type Holder struct {
	logger     *zap.Logger
	configured trust.Decision
	memory     *Memory
	name       string // of the installation, in memory
	changed    func()
	inForce    atomic.Pointer[trust.Decision]
	hooks      hooks
	listeners  listeners
	members    members
	started    started

	mu     sync.Mutex // one change at a time
	places []Place
	// open makes ready what is needed beyond off, once; nil when it is.
	open func(context.Context) (Place, error)
	// switched is nil when the switch was never touched.
	switched *Choice
}

// New holds what the configuration and its environment decided for the installation
// of that name; changed is called after each choice on the page.
func New(configured trust.Decision, memory *Memory, name string, changed func(), logger *zap.Logger) *Holder {
	h := &Holder{logger: logger, configured: configured, memory: memory, name: name, changed: changed}
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

// Restore finds what was chosen earlier: in this process, else in the places that
// keep it, of which the strictest that can be read holds. A choice that was made
// and cannot be read may have said off: where all copies are damaged or gone, and
// traces tell of an earlier life, the mode is off until somebody chooses anew.
// Beside are places of another folder, in which this installation may have kept its
// choice before: they are read and not written, and make nothing more open.
func (h *Holder) Restore(ctx context.Context, places []Place, traces []string, beside ...Place) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.places = places
	found, damage := withBeside(ctx, places, beside)
	if own := h.memory.own(h.name); own != nil {
		found = own
	} else if found == nil {
		found = h.memory.strictest()
	}
	switch {
	case found != nil:
		if damage != nil {
			h.logger.Warn("A copy of the choice on the page cannot be read; another one can", zap.Error(damage))
		}
		h.adopt(*found)
	case damage != nil || len(traces) > 0:
		h.logger.Error("The choice on the page cannot be read, and it may have been off, so usage statistics are off: choose again on the page, or remove the whole state folder to begin as a new installation",
			zap.Strings("found_beside_it", traces), zap.Error(damage))
		h.inForce.Store(&trust.Decision{Mode: trust.Off, Who: "the choice on the page, which cannot be read: choose again"})
	}
}

// adopt lets an earlier choice hold; h.mu is held.
func (h *Holder) adopt(c Choice) {
	if !c.made() {
		return
	}
	h.switched = &c
	h.hooks.pending = c.Undiscarded
	h.hold(c.mode())
}

// Needs says what has to be opened before the mode may go beyond off; it gives one more place that keeps the choice.
func (h *Holder) Needs(open func(context.Context) (Place, error)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open = open
}

// Begin opens what is needed, unless the mode is off. It keeps, in every place that
// does not have it yet, what is known of the choice: also that none was made.
func (h *Holder) Begin(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if mode, _ := h.Mode(); mode == trust.Off {
		return nil
	}
	if err := h.makeReady(ctx); err != nil {
		return err
	}
	var known Choice
	if h.switched != nil {
		known = *h.switched
	}
	if _, stale, _ := everyPlace(ctx, h.places); !stale {
		return nil
	}
	if err := h.save(ctx, known); err != nil {
		h.logger.Warn("What is known of the choice on the page cannot be kept in every place", zap.Error(err))
	}
	return nil
}

func (h *Holder) makeReady(ctx context.Context) error {
	if h.open == nil {
		return nil
	}
	place, err := h.open(ctx)
	if err != nil {
		return err
	}
	h.open = nil
	if place != nil {
		h.places = append(h.places, place)
	}
	return nil
}

// save keeps a choice in every place, the others also when one fails.
func (h *Holder) save(ctx context.Context, c Choice) error {
	var errs []error
	for _, place := range h.places {
		errs = append(errs, place.save(ctx, c))
	}
	return errors.Join(errs...)
}

// Yield lets nothing happen in this process, for a reason that is no choice: another process does it.
func (h *Holder) Yield(who string) {
	h.configured = trust.Decision{Mode: trust.Off, Who: who}
	h.inForce.Store(&h.configured)
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
		h.memory.note(h.name, *next)
		h.listeners.tell()
	}
	if mode > trust.Off {
		if err := h.makeReady(ctx); err != nil {
			return fmt.Errorf("the choice does not hold: %w", err)
		}
	}
	if err := h.save(ctx, *next); err != nil {
		return fmt.Errorf("the choice is not stored and ends with this program: %w", err)
	}
	h.switched = next
	h.memory.note(h.name, *next)
	h.hold(mode)
	if is, who := h.Mode(); is != was {
		h.logger.Info(is.Meaning(), zap.Stringer("mode", is), zap.Stringer("mode_before", was), zap.String("said_by", who))
		h.listeners.tell()
	}
	if next.Undiscarded {
		return h.withdraw(ctx)
	}
	return nil
}

// withdraw discards, and notes that everything is discarded; h.mu is held.
func (h *Holder) withdraw(ctx context.Context) error {
	if err := h.makeReady(ctx); err != nil { // what is to be discarded may lie there
		return err
	}
	if err := h.hooks.all(ctx); err != nil {
		h.logger.Error("Consent is withdrawn, but not everything could be discarded; it is tried again at the next start", zap.Error(err))
		return fmt.Errorf("consent is withdrawn, but not everything could be discarded: %w", err)
	}
	done := *h.switched
	done.Undiscarded = false
	if err := h.save(ctx, done); err != nil {
		return err
	}
	h.switched = &done
	h.memory.note(h.name, done)
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

// OnChange implements trust.Notifier.
func (h *Holder) OnChange(changed func()) (forget func()) { return h.listeners.add(changed) }

// Close makes a later choice last in memory only.
func (h *Holder) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.places = nil
}
