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
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/activity"
	"github.com/headcount-otel/headcount/internal/consent"
	"github.com/headcount-otel/headcount/internal/console"
	"github.com/headcount-otel/headcount/internal/ledger"
	"github.com/headcount-otel/headcount/internal/oneshot"
	"github.com/headcount-otel/headcount/internal/page"
	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

// headcount is the extension: it answers for the operator's consent, and shows what leaves.
type headcount struct {
	cfg    *Config
	id     component.ID
	logger *zap.Logger
	store  state.Store
	stored bool // whether the store is open

	*consent.Holder
	trust.Observers
	ledger   *ledger.Ledger
	readings *activity.Readings
	stats    *activity.Stats
	console  *console.Console // nil without console
	run      *oneshot.Run     // nil for a program that runs until it is stopped
	page     *page.Server     // nil without a page
	changes  atomic.Uint64
}

var (
	_ extension.Extension                   = (*headcount)(nil)
	_ extensioncapabilities.Dependent       = (*headcount)(nil)
	_ extensioncapabilities.PipelineWatcher = (*headcount)(nil)
	_ storage.Extension                     = (*headcount)(nil)
	_ trust.Withdrawal                      = (*headcount)(nil)
	_ trust.Observer                        = (*headcount)(nil)
)

func newHeadcount(cfg *Config, set extension.Settings, getenv func(string) string, stdout io.Writer) *headcount {
	h := &headcount{cfg: cfg, id: set.ID, logger: set.Logger}
	h.Holder = consent.New(consent.Configured(cfg.Mode, cfg.Environment, getenv), h.change, set.Logger)
	h.ledger = ledger.New(h.change, set.Logger)
	h.readings = activity.NewReadings(h.Holder, h.change)
	h.OnWithdrawal(h.readings.Forget)
	h.stats = activity.NewStats(h.change)
	h.Observers = trust.Observers{h.readings, h.stats}
	if cfg.Until != oneshot.Shown { // what is shown once needs no record
		h.Observers = append(h.Observers, h.ledger)
	}
	if cfg.Console {
		h.console = console.New(stdout)
		h.Observers = append(h.Observers, h.console)
	}
	return h
}

// change makes what the page shows out of date.
func (h *headcount) change() { h.changes.Add(1) }

// Dependencies implements extensioncapabilities.Dependent.
func (h *headcount) Dependencies() []component.ID {
	if h.cfg.Storage == nil {
		return nil
	}
	return []component.ID{*h.cfg.Storage}
}

// GetClient implements storage.Extension for a program that only shows: what a
// component stores there is forgotten, so that a preview moves no cursor.
func (h *headcount) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	if h.cfg.Until != oneshot.Shown {
		return nil, errors.New("this extension keeps nothing for others, unless until is shown: write the id of a storage extension, such as file_storage")
	}
	return state.NewMemory(), nil
}

// Start says plainly which mode holds, who said so, and where the page is.
func (h *headcount) Start(ctx context.Context, host component.Host) error {
	if err := h.restore(ctx, host); err != nil {
		return err
	}
	if h.cfg.Until != oneshot.Stopped {
		h.run = oneshot.New(h.cfg.Until, h.cfg.Deadline, func(ending <-chan struct{}) { oneshot.Terminate(host, ending) })
		h.Observers = append(h.Observers, h.run)
	}
	mode, who := h.Mode()
	said, address := []zap.Field{zap.Stringer("mode", mode), zap.String("said_by", who)}, ""
	if h.cfg.Endpoint != "" {
		var err error
		if h.page, err = page.Open(ctx, h.cfg.Endpoint, h.content(), h.logger); err != nil {
			h.logger.Warn("There is no page this time; all else goes on", zap.Error(err))
		} else {
			address = h.page.Address()
			said = append(said, zap.String("page", address))
		}
	}
	h.logger.Info(mode.Meaning(), said...)
	if h.console != nil {
		h.console.Started(mode, who, address)
	}
	return nil
}

func (h *headcount) content() page.Content {
	return page.Content{
		Consent: h.Holder, Ledger: h.ledger, Readings: h.readings, Stats: h.stats,
		Persistent: h.cfg.Storage != nil, Changes: h.changes.Load,
	}
}

// restore opens the storage, unless the configuration is off: then nothing is opened, and the switch could say no less.
func (h *headcount) restore(ctx context.Context, host component.Host) error {
	if h.Configured().Mode == trust.Off {
		return nil
	}
	store, err := state.Open(ctx, host, h.cfg.Storage, component.KindExtension, h.id)
	if err != nil {
		return err
	}
	h.store, h.stored = store, h.cfg.Storage != nil
	h.Restore(ctx, store)
	if h.cfg.Until != oneshot.Shown {
		h.ledger.Restore(ctx, store)
		h.stats.Restore(ctx, store, h.logger)
	}
	return nil
}

// Ready implements extensioncapabilities.PipelineWatcher: all components have started.
func (h *headcount) Ready() error {
	if err := h.FinishWithdrawal(context.Background()); err != nil {
		h.logger.Error("An earlier withdrawal is not complete", zap.Error(err))
	}
	if h.run != nil {
		mode, _ := h.Mode()
		h.run.Begin(mode)
	}
	return nil
}

// NotReady implements extensioncapabilities.PipelineWatcher: the program is about to end.
func (h *headcount) NotReady() error {
	if h.run != nil {
		h.run.End()
	}
	return nil
}

// Shutdown closes the page and the storage. Its error is that of a one-shot run that did not do what it was for.
func (h *headcount) Shutdown(ctx context.Context) error {
	var errs []error
	if h.page != nil {
		errs = append(errs, h.page.Close(ctx))
		h.page = nil
	}
	if h.stored {
		h.stored = false
		if h.cfg.Until != oneshot.Shown {
			errs = append(errs, h.stats.Save(ctx, h.store))
		}
		h.Close()
		h.ledger.Close()
		errs = append(errs, h.store.Close(ctx))
	}
	if h.run != nil {
		h.run.End()
		errs = append(errs, h.run.Result())
		h.run = nil
	}
	return errors.Join(errs...)
}
