// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"context"
	"errors"
	"fmt"
	"time"

	contrib "github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/headcount-otel/headcount/extension/filestorage"
	"github.com/headcount-otel/headcount/internal/statefile"
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
	// memory is that of what was accepted. Who has it open has the report to make.
	memory state.Store
}

func (d *stateDir) open(ctx context.Context) (*openState, error) {
	factory := filestorage.NewFactory()
	cfg := factory.CreateDefaultConfig().(*contrib.Config)
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
	s := &openState{Extension: files.(storage.Extension)}
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
	client, err := s.Extension.GetClient(ctx, kind, owner, name)
	if errors.Is(err, statefile.ErrLocked) {
		return nil, errLocked
	}
	return client, err
}

func (s *openState) close() error { return s.memory.Close(context.Background()) }
