// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package filestorage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	contrib "github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	berrors "go.etcd.io/bbolt/errors"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/statefile"
	"github.com/headcount-otel/headcount/state"
)

// guarded opens only files that are whole.
type guarded struct {
	storage.Extension
	id     component.ID
	config *contrib.Config
	logger *zap.Logger
}

var (
	_ storage.Extension = (*guarded)(nil)
	_ state.Locator     = (*guarded)(nil)
)

// FolderOf implements state.Locator: what is forgotten goes from the bytes where the files lie.
func (g *guarded) FolderOf(storage component.ID) string {
	if storage != g.id {
		return ""
	}
	return g.config.Directory
}

// GetClient implements storage.Extension. Errors name the file.
func (g *guarded) GetClient(ctx context.Context, kind component.Kind, owner component.ID, name string) (storage.Client, error) {
	file := filepath.Join(g.config.Directory, statefile.Name(kind, owner, name))
	now := time.Now()
	aside, err := statefile.Guard(file, g.config.Timeout, now)
	if err != nil {
		return nil, err
	}
	_, absent := os.Lstat(file)
	client, err := g.Extension.GetClient(ctx, kind, owner, name)
	if err != nil && errors.Is(absent, fs.ErrNotExist) && !errors.Is(err, berrors.ErrTimeout) {
		_ = os.Remove(file) // what a full disk left of a new file would be a damaged one the next time
	}
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, fmt.Errorf("%s: %w", file, statefile.ErrLocked)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", file, err)
	case aside.To == "":
		return whilePresent(client, file), nil
	}
	g.logger.Error("A damaged file was moved aside, and an empty one takes its place",
		zap.String("file", aside.File), zap.String("moved_to", aside.To), zap.String("lost", aside.Lost))
	if err := state.NoteLoss(ctx, client, now); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", file, err), client.Close(ctx))
	}
	return whilePresent(client, file), nil
}
