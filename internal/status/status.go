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
	// Entries of the ledger, oldest first.
	Entries []ledger.Entry
	// Unreadable is how many entries cannot be read.
	Unreadable int
}

var extensionType = component.MustNewType("headcount")

// Read reads the state folder under what the configuration and the environment say.
func Read(ctx context.Context, dir statedir.Dir, configured trust.Decision) (*Status, error) {
	owner := component.NewID(extensionType)
	copied, err := snapshot(filepath.Join(string(dir), statefile.Name(component.KindExtension, owner, "")))
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(string(copied)) }()
	client, err := copied.Records(ctx, component.KindExtension, owner)
	if err != nil {
		return nil, fmt.Errorf("the record of what was sent cannot be read: %w", err)
	}
	store := state.Over(client)
	record := ledger.New(func() {}, zap.NewNop())
	record.Restore(ctx, store)

	holder := consent.New(configured, &consent.Memory{}, owner.String(), func() {}, zap.NewNop())
	holder.Restore(ctx, append(consent.Files(dir), consent.Records(store)), dir.Traces())
	s := &Status{Entries: record.Snapshot(), Unreadable: record.Unreadable()}
	s.Mode, s.Who = holder.Mode()
	return s, nil
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
