// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

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
	decisionKey     = "switch"
	decisionVersion = 1
)

// decision is what the operator chose on the page.
type decision struct {
	Mode string    `json:"mode"`
	Time time.Time `json:"time"`
	// Undiscarded is true while a withdrawal has not reached all that it has to reach.
	Undiscarded bool `json:"undiscarded,omitempty"`
}

// voices is the consent in force: what the configuration says, and what the page's switch says over it.
type voices struct {
	logger     *zap.Logger
	configured trust.Decision
	inForce    atomic.Pointer[trust.Decision]
	discards   discards

	mu       sync.Mutex // one change at a time
	store    state.Store
	switched *decision // nil: the switch was never touched
}

func newVoices(configured trust.Decision, logger *zap.Logger) *voices {
	v := &voices{logger: logger, configured: configured}
	v.inForce.Store(&configured)
	return v
}

// Mode implements trust.Consent.
func (v *voices) Mode() (trust.Mode, string) {
	held := v.inForce.Load()
	return held.Mode, held.Who
}

// restore reads the switch. One that cannot be read withholds: it may have said off.
func (v *voices) restore(ctx context.Context, store state.Store) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.store = store
	var stored decision
	found, err := store.Load(ctx, decisionKey, decisionVersion, &stored)
	mode, parseErr := trust.ParseMode(stored.Mode)
	switch {
	case err != nil || (found && parseErr != nil):
		v.logger.Error("The page's switch cannot be read, so usage statistics are off until it is set again", zap.Error(errors.Join(err, parseErr)))
		v.inForce.Store(&trust.Decision{Mode: trust.Off, Who: "the page's switch, which cannot be read: set it again"})
	case found:
		v.switched = &stored
		v.discards.pending = stored.Undiscarded
		v.hold(mode)
	}
}

func (v *voices) hold(switched trust.Mode) {
	held := trust.Strictest(v.configured, trust.Decision{Mode: switched, Who: "the switch on the page"})
	v.inForce.Store(&held)
}

// errNotAllowed is the answer to a choice that goes further than the configuration does.
var errNotAllowed = errors.New("goes further than allowed")

// choose turns the switch. When it returns, the choice holds, and survives a
// restart unless the error says otherwise; a withdrawal has discarded what it can.
func (v *voices) choose(ctx context.Context, mode trust.Mode, now time.Time) error {
	if v.configured.Mode == trust.Off || mode > v.configured.Mode {
		return fmt.Errorf("%s %w by %s, which says %s", mode, errNotAllowed, v.configured.Who, v.configured.Mode)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	was, _ := v.Mode()
	undiscarded := v.switched != nil && v.switched.Undiscarded
	if undiscarded && mode > was { // what was withdrawn does not come back with a new consent
		if err := v.withdraw(ctx); err != nil {
			return err
		}
		undiscarded = false
	}
	next := &decision{Mode: mode.String(), Time: now.UTC(), Undiscarded: undiscarded || (mode == trust.Off && was != trust.Off)}
	if mode < was { // the more careful choice holds at once, whatever the storage says
		v.hold(mode)
	}
	if err := v.store.Save(ctx, decisionKey, decisionVersion, next); err != nil {
		return fmt.Errorf("the choice is not stored and ends with this program: %w", err)
	}
	v.switched = next
	v.hold(mode)
	if is, who := v.Mode(); is != was {
		v.logger.Info(meanings[is], zap.Stringer("mode", is), zap.Stringer("mode_before", was), zap.String("said_by", who))
	}
	if next.Undiscarded {
		return v.withdraw(ctx)
	}
	return nil
}

// withdraw discards, and notes that everything is discarded; v.mu is held.
func (v *voices) withdraw(ctx context.Context) error {
	if err := v.discards.all(ctx); err != nil {
		v.logger.Error("Consent is withdrawn, but not everything could be discarded; it is tried again at the next start", zap.Error(err))
		return fmt.Errorf("consent is withdrawn, but not everything could be discarded: %w", err)
	}
	done := *v.switched
	done.Undiscarded = false
	if err := v.store.Save(ctx, decisionKey, decisionVersion, done); err != nil {
		return err
	}
	v.switched = &done
	return nil
}

// finishWithdrawal notes, once all components have started, that an earlier withdrawal is complete.
func (v *voices) finishWithdrawal(ctx context.Context) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.switched == nil || !v.switched.Undiscarded {
		return nil
	}
	return v.withdraw(ctx)
}

// OnWithdrawal implements trust.Withdrawal.
func (v *voices) OnWithdrawal(discard func(context.Context) error) (forget func()) {
	return v.discards.add(discard, v.logger)
}

// choice returns the switch's position, nil when it was never touched.
func (v *voices) choice() *decision {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.switched
}

// close makes a later choice last in memory only.
func (v *voices) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.store = state.Store{}
}
