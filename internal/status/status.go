// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package status reads what an installation did from its state folder, without
// starting anything, writing anything, or waiting for a service that is running.
package status // import "github.com/headcount-otel/headcount/internal/status"

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/consent"
	"github.com/headcount-otel/headcount/internal/ledger"
	"github.com/headcount-otel/headcount/internal/statedir"
	"github.com/headcount-otel/headcount/internal/statefile"
	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

// Status is what is known without a service.
type Status struct {
	// Mode that the next start would have, and who said so.
	Mode trust.Mode
	Who  string
	// Kept is false where the folder has no record of what was sent, so that nothing is known of it.
	Kept bool
	// Entries of the ledger, oldest first.
	Entries []ledger.Entry
	// Unreadable is how many entries cannot be read.
	Unreadable int
}

var extensionType = component.MustNewType("headcount")

// Read reads the state folder under what the configuration and the environment say.
func Read(ctx context.Context, dir statedir.Dir, configured trust.Decision) (*Status, error) {
	names, err := extensions(dir)
	if err != nil {
		return nil, err
	}
	s := &Status{Kept: len(names) > 0}
	places := consent.Files(dir)
	for _, name := range names {
		store, forget, err := records(ctx, dir, name)
		if err != nil {
			return nil, err
		}
		defer forget()
		record := ledger.New(func() {}, zap.NewNop())
		record.Restore(ctx, store)
		s.Entries = append(s.Entries, record.Snapshot()...)
		s.Unreadable += record.Unreadable()
		places = append(places, consent.Records(store))
	}
	slices.SortStableFunc(s.Entries, func(a, b ledger.Entry) int { return a.Time.Compare(b.Time) })

	holder := consent.New(configured, &consent.Memory{}, extensionType.String(), func() {}, zap.NewNop())
	holder.Restore(ctx, places, dir.Traces())
	s.Mode, s.Who = holder.Mode()
	return s, nil
}

// extensions are the names of the headcount extensions that have a record in the folder; empty for the one without.
func extensions(dir statedir.Dir) ([]string, error) {
	prefix := statefile.Name(component.KindExtension, component.NewID(extensionType), "")
	files, err := os.ReadDir(string(dir))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, file := range files {
		name, isOne := strings.CutPrefix(file.Name(), prefix)
		id := component.NewIDWithName(extensionType, name)
		if isOne && !strings.Contains(name, statefile.Damaged) && statefile.Name(component.KindExtension, id, "") == file.Name() {
			names = append(names, name)
		}
	}
	return names, nil
}

// records are those of one extension, read from a copy; forget removes it.
func records(ctx context.Context, dir statedir.Dir, name string) (store state.Store, forget func(), err error) {
	owner := component.NewIDWithName(extensionType, name)
	copied, err := snapshot(filepath.Join(string(dir), statefile.Name(component.KindExtension, owner, "")))
	if err != nil {
		return store, nil, err
	}
	forget = func() { _ = os.RemoveAll(string(copied)) }
	client, err := copied.Records(ctx, component.KindExtension, owner)
	if err != nil {
		forget()
		return store, nil, fmt.Errorf("the record of what was sent cannot be read: %w", err)
	}
	return state.Over(client), forget, nil
}

// attempts to copy a file that a service is writing to.
const attempts = 20

// snapshot copies a file into a folder of its own, so that it is read beside a service that has it locked. While
// a copy is made nobody may have committed, which shows in the first two pages.
func snapshot(path string) (statedir.Dir, error) {
	folder, err := os.MkdirTemp("", "headcount-status-")
	if err != nil {
		return "", err
	}
	for range attempts {
		content, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return statedir.Dir(folder), nil
		}
		if err != nil {
			_ = os.RemoveAll(folder)
			return "", err
		}
		again, err := os.ReadFile(path)
		if err == nil && bytes.Equal(content, again) {
			return statedir.Dir(folder), os.WriteFile(filepath.Join(folder, filepath.Base(path)), content, 0o600) //nolint:gosec // a folder of our own
		}
		time.Sleep(20 * time.Millisecond)
	}
	_ = os.RemoveAll(folder)
	return "", fmt.Errorf("%s changes all the time: try again in a moment", path)
}
