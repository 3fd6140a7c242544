// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package installation is what lasts of an installation beyond one run: the
// operator's choice, the record of what was sent, and the folder that holds both.
package installation // import "github.com/headcount-otel/headcount/internal/installation"

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/activity"
	"github.com/headcount-otel/headcount/internal/consent"
	"github.com/headcount-otel/headcount/internal/ledger"
	"github.com/headcount-otel/headcount/internal/oneshot"
	"github.com/headcount-otel/headcount/internal/statedir"
	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

// Installation opens and closes what lasts. It writes nothing while the mode is off.
type Installation struct {
	Dir     statedir.Dir
	Beside  []string // folders of others' storages, in which an earlier choice may lie
	Storage *component.ID
	Owner   component.ID // whose part of the storage it is
	Until   oneshot.Until
	Consent *consent.Holder
	Ledger  *ledger.Ledger
	Stats   *activity.Stats
	Notices *oneshot.Notices
	Logger  *zap.Logger

	store  state.Store
	stored bool           // whether the store is open
	lock   *statedir.Lock // nil while this process does not use the folder
}

// Restore finds the earlier choice and the record of what left, and opens the
// storage only where the mode goes beyond off.
func (i *Installation) Restore(ctx context.Context, host component.Host) error {
	dir := i.Dir
	if i.Consent.Configured().Mode == trust.Off {
		i.lookBack(ctx, dir)
		return nil
	}
	err := free(dir)
	if busy, ok := errors.AsType[*statedir.BusyError](err); ok && i.Until == oneshot.Delivered {
		i.Logger.Warn("Another Headcount uses the state folder and delivers what is due: there is nothing to do here", zap.Int("process", busy.PID), zap.String("state_folder", string(dir)))
		i.Consent.Yield("another Headcount on this state folder, which delivers")
		return nil
	}
	if err != nil {
		return err
	}
	if !dir.Known() {
		place, err := i.openStore(ctx, host)
		if err == nil {
			i.Consent.Restore(ctx, []consent.Place{place}, nil)
		}
		return err
	}
	earlier, unread := i.earlier(ctx, dir)
	beside, traces := i.beside()
	i.Consent.Restore(ctx, append(consent.Files(dir), earlier), append(dir.Traces(), traces...), beside...)
	i.Consent.Needs(func(ctx context.Context) (consent.Place, error) { return i.openStore(ctx, host) })
	if i.Until != oneshot.Shown { // what is shown once needs no record, and keeps nothing
		if err := i.Consent.Begin(ctx); err != nil {
			return err // which says it of the same file
		}
		if err := i.settle(); err != nil {
			return err
		}
	}
	i.warnUnread(unread)
	return nil
}

// free reports whether the folder can be trusted, and no other process uses it. What is not to be trusted is not opened.
func free(dir statedir.Dir) error {
	if err := dir.Check(); err != nil {
		return err
	}
	return dir.Busy()
}

// lookBack reads, and does not write, what was sent while the mode was another one:
// it stays to be seen and quoted. What waited when consent ended is discarded.
func (i *Installation) lookBack(ctx context.Context, dir statedir.Dir) {
	if !dir.Known() || i.Until == oneshot.Shown {
		return
	}
	if err := free(dir); err != nil {
		i.Logger.Warn("What was sent earlier cannot be shown", zap.Error(err))
		return
	}
	removed, err := dir.DiscardWaiting()
	if err != nil {
		i.Logger.Error("Reports that waited when consent ended cannot be discarded: remove these files by hand before consent is given again", zap.Strings("files", dir.Waiting()), zap.Error(err))
	}
	if len(removed) > 0 {
		i.Logger.Info("Reports that waited when consent ended are discarded", zap.Strings("files", removed))
	}
	_, unread := i.earlier(ctx, dir)
	i.warnUnread(unread)
}

// beside are the choices that were kept, and the traces of an earlier life, where others keep what a choice is about.
func (i *Installation) beside() (places []consent.Place, traces []string) {
	for _, folder := range i.Beside {
		dir := statedir.Dir(folder)
		if err := dir.Check(); err != nil {
			places = append(places, consent.Unreadable(err))
			continue
		}
		places = append(places, consent.Files(dir)...)
		for _, trace := range dir.Traces() {
			traces = append(traces, filepath.Join(folder, trace))
		}
	}
	return places, traces
}

// earlier reads the extension's own records without opening them for writing.
func (i *Installation) earlier(ctx context.Context, dir statedir.Dir) (place consent.Place, unread error) {
	records, err := dir.Records(ctx, component.KindExtension, i.Owner)
	if err != nil {
		return consent.Unreadable(err), err
	}
	store := state.Over(records)
	i.Ledger.Restore(ctx, store)
	i.Stats.Restore(ctx, store, i.Logger)
	return consent.Records(store), nil
}

func (i *Installation) warnUnread(unread error) {
	if unread != nil {
		i.Logger.Warn("What was sent earlier cannot be read", zap.Error(unread))
	}
}

// openStore takes the state folder for this process and opens the extension's own part of the storage.
func (i *Installation) openStore(ctx context.Context, host component.Host) (consent.Place, error) {
	if dir := i.Dir; dir.Known() {
		err := os.MkdirAll(string(dir), 0o700)
		if err == nil {
			i.lock, err = dir.Lock()
		}
		if err != nil {
			return nil, err
		}
	}
	store, err := state.Open(ctx, host, i.Storage, component.KindExtension, i.Owner)
	if err != nil {
		return nil, err
	}
	i.store, i.stored = store, i.Storage != nil
	if i.Until != oneshot.Shown {
		i.Ledger.Restore(ctx, store)
		i.Stats.Restore(ctx, store, i.Logger)
		i.Notices.Restore(ctx, store)
	}
	return consent.Records(store), nil
}

// settle ends the folder's first start.
func (i *Installation) settle() error {
	if i.lock == nil {
		return nil
	}
	return i.lock.Settle()
}

// Close stores the counts and gives the folder free.
func (i *Installation) Close(ctx context.Context) error {
	var errs []error
	if i.stored {
		i.stored = false
		if i.Until != oneshot.Shown {
			errs = append(errs, i.Stats.Save(ctx, i.store), i.Notices.Save(ctx, i.store))
		}
		errs = append(errs, i.store.Close(ctx))
	}
	i.Consent.Close()
	i.Ledger.Close()
	if i.lock != nil {
		errs = append(errs, i.lock.Unlock())
		i.lock = nil
	}
	return errors.Join(errs...)
}
