// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/extensioncapabilities"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

// headcount is the extension: the operator's voice and the operator's eyes.
type headcount struct {
	cfg    *Config
	id     component.ID
	logger *zap.Logger
	store  state.Store
	stored bool // whether the store is open

	*voices
	trust.Observers
	ledger   *ledger
	readings *readings
	account  *account
	console  *console // nil without console
	errand   *errand  // nil for a program that runs until it is stopped
	server   *server  // nil without a page
	changes  atomic.Uint64
}

var (
	_ extension.Extension                   = (*headcount)(nil)
	_ extensioncapabilities.Dependent       = (*headcount)(nil)
	_ extensioncapabilities.PipelineWatcher = (*headcount)(nil)
	_ trust.Withdrawal                      = (*headcount)(nil)
	_ trust.Observer                         = (*headcount)(nil)
)

func newHeadcount(cfg *Config, set extension.Settings, getenv func(string) string, stdout io.Writer) *headcount {
	h := &headcount{cfg: cfg, id: set.ID, logger: set.Logger, voices: newVoices(cfg.configured(getenv), set.Logger)}
	h.ledger = &ledger{logger: set.Logger, changed: h.change}
	h.readings = &readings{changed: h.change, consent: h.voices}
	h.OnWithdrawal(h.readings.forget)
	h.account = newAccount(h.change)
	h.Observers = trust.Observers{h.readings, h.account}
	if cfg.Until != Shown { // what is shown once needs no record
		h.Observers = append(h.Observers, h.ledger)
	}
	if cfg.Console {
		h.console = &console{out: stdout}
		h.Observers = append(h.Observers, h.console)
	}
	return h
}

// change makes what the page shows out of date.
func (h *headcount) change() { h.changes.Add(1) }

var meanings = map[trust.Mode]string{
	trust.Off:   "Usage statistics are off: nothing is read, nothing is sent",
	trust.Local: "Usage statistics are local: counts are read and anonymized here, nothing is sent",
	trust.On:    "Usage statistics are on: anonymized counts are sent",
}

// Dependencies implements extensioncapabilities.Dependent.
func (h *headcount) Dependencies() []component.ID {
	if h.cfg.Storage == nil {
		return nil
	}
	return []component.ID{*h.cfg.Storage}
}

// Start says plainly which mode holds, who said so, and where the page is.
func (h *headcount) Start(ctx context.Context, host component.Host) error {
	if err := h.restore(ctx, host); err != nil {
		return err
	}
	if h.cfg.Until != Stopped {
		h.errand = newErrand(h.cfg.Until, h.cfg.Deadline, func(ending <-chan struct{}) { endProgram(host, ending) })
		h.Observers = append(h.Observers, h.errand)
	}
	mode, who := h.Mode()
	said := []zap.Field{zap.Stringer("mode", mode), zap.String("said_by", who)}
	if h.cfg.Endpoint != "" {
		if err := h.openPage(ctx); err != nil {
			h.logger.Warn("There is no page this time; all else goes on", zap.Error(err))
		} else {
			said = append(said, zap.String("page", h.server.address()))
		}
	}
	h.logger.Info(meanings[mode], said...)
	if h.console != nil {
		h.console.started(mode, who, h.server)
	}
	return nil
}

// restore opens the storage, unless the configuration is off: then nothing is opened, and the switch could say no less.
func (h *headcount) restore(ctx context.Context, host component.Host) error {
	if h.configured.Mode == trust.Off {
		return nil
	}
	store, err := state.Open(ctx, host, h.cfg.Storage, component.KindExtension, h.id)
	if err != nil {
		return err
	}
	h.store, h.stored = store, h.cfg.Storage != nil
	h.voices.restore(ctx, store)
	if h.cfg.Until != Shown {
		h.ledger.restore(ctx, store)
		h.account.restore(ctx, store, h.logger)
	}
	return nil
}

// Ready implements extensioncapabilities.PipelineWatcher: all components have started.
func (h *headcount) Ready() error {
	if err := h.finishWithdrawal(context.Background()); err != nil {
		h.logger.Error("An earlier withdrawal is not complete", zap.Error(err))
	}
	if h.errand != nil {
		mode, _ := h.Mode()
		h.errand.begin(mode)
	}
	return nil
}

// NotReady implements extensioncapabilities.PipelineWatcher: the program is about to end.
func (h *headcount) NotReady() error {
	if h.errand != nil {
		h.errand.ends()
	}
	return nil
}

// Shutdown closes the page and the storage. Its error is that of an errand that was not done.
func (h *headcount) Shutdown(ctx context.Context) error {
	var errs []error
	if h.server != nil {
		errs = append(errs, h.server.close(ctx))
		h.server = nil
	}
	if h.stored {
		h.stored = false
		if h.cfg.Until != Shown {
			errs = append(errs, h.account.save(ctx, h.store))
		}
		h.voices.close()
		h.ledger.close()
		errs = append(errs, h.store.Close(ctx))
	}
	if h.errand != nil {
		h.errand.ends()
		errs = append(errs, h.errand.result())
		h.errand = nil
	}
	return errors.Join(errs...)
}
