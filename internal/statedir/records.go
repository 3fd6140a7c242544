// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package statedir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/headcount-otel/headcount/internal/boltfile"
	"github.com/headcount-otel/headcount/state"
)

// patience is the wait for a file that another process has open.
const patience = 100 * time.Millisecond

// bucket is where a file storage keeps its records.
var bucket = []byte("default")

// Records reads what a component stored in the folder, without writing: into
// memory, where changes stay. It is empty where nothing was stored.
func (d Dir) Records(ctx context.Context, kind component.Kind, owner component.ID) (storage.Client, error) {
	records := state.NewMemory()
	err := visit(d.path(fileOf(kind, owner)), func(key, value []byte) error { return records.Set(ctx, string(key), value) })
	return records, err
}

// visit reads a file storage's file without writing; one that does not exist, or is empty, has nothing in it.
func visit(path string, each func(key, value []byte) error) error {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && len(content) == 0) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := boltfile.Check(content); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	file, err := bbolt.Open(path, 0, &bbolt.Options{ReadOnly: true, Timeout: patience})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer func() { _ = file.Close() }()
	return file.View(func(tx *bbolt.Tx) error {
		stored := tx.Bucket(bucket)
		if stored == nil {
			return nil
		}
		return stored.ForEach(each)
	})
}

// fileOf is the name that the Collector's file storage gives to a component's file.
func fileOf(kind component.Kind, owner component.ID) string {
	var name strings.Builder
	for _, r := range fmt.Sprintf("%s_%s_%s", strings.ToLower(kind.String()), owner.Type(), owner.Name()) {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			name.WriteRune(r)
		} else {
			fmt.Fprintf(&name, "~%04X", r)
		}
	}
	return name.String()
}
