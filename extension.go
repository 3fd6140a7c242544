// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/extensioncapabilities"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/activity"
	"github.com/headcount-otel/headcount/internal/consent"
	"github.com/headcount-otel/headcount/internal/console"
	"github.com/headcount-otel/headcount/internal/installation"
	"github.com/headcount-otel/headcount/internal/ledger"
	"github.com/headcount-otel/headcount/internal/oneshot"
	"github.com/headcount-otel/headcount/internal/page"
	"github.com/headcount-otel/headcount/internal/statedir"
	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

// headcount is the extension: it answers for the operator's consent, and shows what leaves.
type headcount struct {
	cfg     *Config
	logger  *zap.Logger
	lasting *installation.Installation

	*consent.Holder
	trust.Observers
	*oneshot.Notices
	ledger   *ledger.Ledger
	readings *activity.Readings
	stats    *activity.Stats
	console  *console.Console // nil without console
	run      *oneshot.Run     // nil for a program that runs until it is stopped
	page     *page.Server     // nil without a page
	changes  atomic.Uint64
}

var (
	_ extension.Extension                          = (*headcount)(nil)
	_ extensioncapabilities.Dependent              = (*headcount)(nil)
	_ extensioncapabilities.PipelineWatcher        = (*headcount)(nil)
	_ extensioncapabilities.ComponentStatusWatcher = (*headcount)(nil)
	_ storage.Extension                            = (*headcount)(nil)
	_ state.Locator                                = (*headcount)(nil)
	_ trust.Withdrawal                             = (*headcount)(nil)
	_ trust.Notifier                               = (*headcount)(nil)
	_ trust.Registrar                              = (*headcount)(nil)
	_ trust.Observer                               = (*headcount)(nil)
	_ trust.OneShot                                = (*headcount)(nil)
)

func newHeadcount(cfg *Config, set extension.Settings, memory *consent.Memory, getenv func(string) string, stdout io.Writer) *headcount {
	h := &headcount{cfg: cfg, logger: set.Logger}
	h.Holder = consent.New(cfg.Configured(getenv), memory, cmp.Or(cfg.Directory, set.ID.String()), h.change, set.Logger)
	h.Notices = oneshot.NewNotices(cfg.Until, h.Mode)
	h.ledger = ledger.New(h.change, set.Logger)
	h.readings = activity.NewReadings(h.Holder, h.change)
	h.OnWithdrawal(h.readings.Forget)
	h.OnWithdrawal(h.ledger.Withdraw)
	h.OnWithdrawal(func(context.Context) error { return statedir.Dir(cfg.Directory).DiscardDamaged() })
	h.stats = activity.NewStats(h.change)
	h.lasting = &installation.Installation{
		Dir: statedir.Dir(cfg.Directory), Beside: cfg.Beside, Storage: cfg.Storage, Owner: set.ID, Until: cfg.Until,
		Consent: h.Holder, Ledger: h.ledger, Stats: h.stats, Notices: h.Notices, Logger: set.Logger,
	}
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
	if h.cfg.Storage == nil || h.Configured().Mode == trust.Off { // which opens nothing
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

// FolderOf implements state.Locator.
func (h *headcount) FolderOf(storage component.ID) string {
	if h.cfg.Storage == nil || *h.cfg.Storage != storage {
		return ""
	}
	return h.cfg.Directory
}

// Start restores what was chosen, and opens the page. Which mode holds is said once it is known of whom.
func (h *headcount) Start(ctx context.Context, host component.Host) error {
	if err := h.lasting.Restore(ctx, host); err != nil {
		return err
	}
	if h.cfg.Until != oneshot.Stopped {
		h.run = oneshot.New(h.cfg.Until, h.cfg.Deadline, func(ending <-chan struct{}) { oneshot.Terminate(host, ending) })
		h.Observers = append(h.Observers, h.run)
	}
	if h.cfg.Endpoint != "" {
		var err error
		if h.page, err = page.Open(ctx, h.cfg.Endpoint, h.content(), h.logger); err != nil {
			h.logger.Warn("There is no page this time; all else goes on", zap.Error(err))
		}
	}
	if h.console != nil {
		mode, who := h.Mode()
		h.console.Started(mode, who, h.address())
	}
	return nil
}

// address is the page's; empty where there is none.
func (h *headcount) address() string {
	if h.page == nil {
		return ""
	}
	return h.page.Address()
}

func (h *headcount) content() page.Content {
	return page.Content{
		Consent: h.Holder, Ledger: h.ledger, Readings: h.readings, Stats: h.stats,
		Persistent: h.cfg.Storage != nil || h.cfg.Directory != "", Changes: h.changes.Load, Warnings: h.Holding,
	}
}

// Ready implements extensioncapabilities.PipelineWatcher: all components have started.
func (h *headcount) Ready() error {
	h.Announce(h.address())
	if h.console != nil {
		h.console.Introduce()
	}
	if err := h.FinishWithdrawal(context.Background()); err != nil {
		h.logger.Error("An earlier withdrawal is not complete", zap.Error(err))
	}
	if h.run != nil {
		mode, _ := h.Mode()
		h.run.Begin(mode, h.Receivers())
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
	errs = append(errs, h.lasting.Close(ctx))
	if h.run != nil {
		h.run.End()
		result := h.run.Result()
		if result == nil {
			h.run.Report(os.Stdout)
		}
		errs = append(errs, result)
		h.run = nil
	}
	return errors.Join(errs...)
}
