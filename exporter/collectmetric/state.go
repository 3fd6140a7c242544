// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/headcount-otel/headcount/internal/boltfile"
	"github.com/headcount-otel/headcount/state"
)

// patience is how long a process waits for another one's report to end.
const patience = time.Second

// errLocked: another process is at it, and its report is as good.
var errLocked = errors.New("another process uses the state directory")

// The components whose state this is: the files have the names that the Collector gives them.
var (
	storageID    = component.MustNewID("file_storage")
	exporterID   = component.MustNewID("collect")
	anonymizerID = component.MustNewID("anonymizer")
	receiverID   = component.MustNewID("appusage")
)

// stateDir is a directory of the Collector's file_storage. It is opened for one
// report and closed again: each file is locked while it is open, so that several
// processes can share them, and one that dies leaves nothing locked.
type stateDir struct{ path string }

// openState is the directory while a report is made; it is the host of the components that keep something in it.
type openState struct {
	storage.Extension
	path    string
	timeout time.Duration // of the wait for a lock
	// memory is that of what was accepted. Who has it open has the report to make.
	memory state.Store
}

func (d *stateDir) open(ctx context.Context) (*openState, error) {
	factory := filestorage.NewFactory()
	cfg := factory.CreateDefaultConfig().(*filestorage.Config)
	cfg.Directory, cfg.CreateDirectory, cfg.DirectoryPermissions, cfg.FSync = d.path, true, "0700", true
	cfg.Timeout = patience
	if deadline, ok := ctx.Deadline(); ok {
		cfg.Timeout = max(min(patience, time.Until(deadline)), time.Millisecond) // 0 would wait for ever
	}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("WithStateDir: %w", err)
	}
	files, err := factory.Create(ctx, extension.Settings{ID: storageID, TelemetrySettings: silent()}, cfg)
	if err != nil {
		return nil, fmt.Errorf("WithStateDir: %w", err)
	}
	s := &openState{Extension: files.(storage.Extension), path: d.path, timeout: cfg.Timeout}
	s.memory, err = s.part(ctx, component.KindExporter, exporterID)
	return s, err
}

// part opens what one component keeps.
func (s *openState) part(ctx context.Context, kind component.Kind, owner component.ID) (state.Store, error) {
	return state.Open(ctx, s, &storageID, kind, owner)
}

// GetExtensions implements component.Host.
func (s *openState) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{storageID: s}
}

// GetClient implements storage.Extension.
func (s *openState) GetClient(ctx context.Context, kind component.Kind, owner component.ID, name string) (storage.Client, error) {
	file := filepath.Join(s.path, fmt.Sprintf("%s_%s_%s", strings.ToLower(kind.String()), owner.Type(), owner.Name()))
	if err := readable(file, s.timeout); err != nil {
		return nil, err
	}
	client, err := s.Extension.GetClient(ctx, kind, owner, name)
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, errLocked
	}
	return client, err
}

func (s *openState) close() error { return s.memory.Close(context.Background()) }

// readable looks whether the file is whole, while nobody writes to it.
func readable(file string, timeout time.Duration) error {
	if info, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) || (err == nil && info.Size() == 0) {
		return nil // bbolt makes it
	}
	locked, err := bbolt.Open(file, 0, &bbolt.Options{ReadOnly: true, Timeout: timeout})
	if errors.Is(err, berrors.ErrTimeout) {
		return errLocked
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	defer func() { _ = locked.Close() }()
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := boltfile.Check(content); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
