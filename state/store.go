// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package state keeps a component's few small records through restarts, on the
// Collector's storage extensions.
package state // import "github.com/headcount-otel/headcount/state"

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// Store keeps versioned JSON records by key. The zero Store keeps nothing.
type Store struct {
	client storage.Client
	// folder is where the storage's file lies, where that is known.
	folder string
}

// Locator is an extension that knows the folder in which a storage extension's files lie.
type Locator interface {
	// FolderOf returns the folder, empty where it is not known.
	FolderOf(storage component.ID) string
}

func folderOf(host component.Host, id component.ID) string {
	for _, ext := range host.GetExtensions() {
		if locator, ok := ext.(Locator); ok {
			if folder := locator.FolderOf(id); folder != "" {
				return folder
			}
		}
	}
	return ""
}

// Open finds the storage extension that a component's `storage:` key names and
// opens the component's own part of it; a nil id gives a Store that keeps nothing.
func Open(ctx context.Context, host component.Host, id *component.ID, kind component.Kind, owner component.ID) (Store, error) {
	return OpenPart(ctx, host, id, kind, owner, "")
}

// OpenPart is Open for a part that the component keeps under a name of its own.
func OpenPart(ctx context.Context, host component.Host, id *component.ID, kind component.Kind, owner component.ID, name string) (Store, error) {
	if id == nil {
		return Store{}, nil
	}
	ext, ok := host.GetExtensions()[*id]
	if !ok {
		return Store{}, fmt.Errorf("storage: extension %q is not running: name it under service::extensions and configure it under extensions", *id)
	}
	provider, ok := ext.(storage.Extension)
	if !ok {
		return Store{}, fmt.Errorf("storage: extension %q stores nothing: write the id of a storage extension, such as file_storage", *id)
	}
	client, err := provider.GetClient(ctx, kind, owner, name)
	if err != nil {
		return Store{}, fmt.Errorf("storage: %q cannot be opened: %w", *id, err)
	}
	return Store{client, folderOf(host, *id)}, nil
}

// Keeps reports whether anything is kept.
func (s Store) Keeps() bool { return s.client != nil }

// Load reads the record under key into record and reports whether there was one.
// A record that cannot be read, or is of another version, is an error that names
// the key, never its content: what it held must not be made anew in silence.
func (s Store) Load(ctx context.Context, key string, version int, record any) (bool, error) {
	if s.client == nil {
		return false, nil
	}
	stored, err := s.client.Get(ctx, key)
	if err != nil {
		return false, fmt.Errorf("stored state %q cannot be read: %w", key, err)
	}
	if stored == nil {
		return false, nil
	}
	if err := open(key, stored, version, record); err != nil {
		return false, err
	}
	return true, nil
}

// LoadEach reads the records under keys in one transaction, and visits those that there
// are in the order of the keys; damage is not nil where one cannot be read, and says what
// Load would. One transaction, because a file storage syncs its file for each, also where
// it only reads.
func LoadEach[R any](ctx context.Context, s Store, version int, keys []string, visit func(key string, record R, damage error)) error {
	if s.client == nil || len(keys) == 0 {
		return nil
	}
	stored, err := s.read(ctx, keys)
	for _, read := range stored {
		if read.Value != nil {
			visitStored(read.Key, read.Value, version, visit)
		}
	}
	return err
}

// read is what is stored under keys, in their order, read in one transaction.
func (s Store) read(ctx context.Context, keys []string) ([]*storage.Operation, error) {
	reads := make([]*storage.Operation, len(keys))
	for i, key := range keys {
		reads[i] = storage.GetOperation(key)
	}
	if err := s.client.Batch(ctx, reads...); err != nil {
		return nil, fmt.Errorf("stored state cannot be read: %w", err)
	}
	return reads, nil
}

// Save writes record under key; when it returns nil the record survives a restart.
func (s Store) Save(ctx context.Context, key string, version int, record any) error {
	if s.client == nil {
		return nil
	}
	stored, err := seal(key, version, record)
	if err != nil {
		return err
	}
	if err := s.client.Set(ctx, key, stored); err != nil {
		return fmt.Errorf("state %q cannot be stored: %w", key, err)
	}
	return nil
}

// Delete removes the records under keys, those that there are, in one transaction.
func (s Store) Delete(ctx context.Context, keys ...string) error {
	if s.client == nil || len(keys) == 0 {
		return nil
	}
	deletions := make([]*storage.Operation, len(keys))
	for i, key := range keys {
		deletions[i] = storage.DeleteOperation(key)
	}
	return s.client.Batch(ctx, deletions...)
}

// Forget removes the records under keys as Delete does, and what the storage's file still has of them.
func (s Store) Forget(ctx context.Context, keys ...string) error {
	if err := s.Delete(ctx, keys...); err != nil {
		return err
	}
	return s.compact()
}

// Clear deletes all records, whoever wrote them, where the storage extension can
// list them, and what the storage's file still has of them.
func (s Store) Clear(ctx context.Context) error {
	walker, ok := s.client.(storage.Walker)
	if !ok {
		return nil
	}
	err := walker.Walk(ctx, func(key string, _ []byte) ([]*storage.Operation, error) {
		return []*storage.Operation{storage.DeleteOperation(key)}, nil
	})
	if err != nil {
		return err
	}
	return s.compact()
}

// compact writes a file storage's file anew without its free pages, in which
// deleted records stay readable. Other storages have to see to that themselves.
func (s Store) compact() error {
	const patience, transaction = time.Second, 65536
	file, ok := s.client.(interface {
		Compact(directory string, timeout time.Duration, maxTransactionSize int64) error
	})
	if !ok {
		return nil
	}
	if err := file.Compact(s.folder, patience, transaction); err != nil {
		return fmt.Errorf("what was deleted may still be in the bytes of the storage: %w", err)
	}
	return nil
}

// Walk visits all records in one pass; damage is not nil when a record cannot be
// read, and says what Load would. It reports false when the storage extension
// cannot be walked; a Store that keeps nothing is walked at once.
func Walk[R any](ctx context.Context, s Store, version int, visit func(key string, record R, damage error)) (bool, error) {
	return s.walk(ctx, func(key string, stored []byte) { visitStored(key, stored, version, visit) })
}

func visitStored[R any](key string, stored []byte, version int, visit func(key string, record R, damage error)) {
	var record R
	damage := open(key, stored, version, &record)
	visit(key, record, damage)
}

// walk visits everything but the note of a loss and the secret, as it is stored.
func (s Store) walk(ctx context.Context, visit func(key string, stored []byte)) (bool, error) {
	if s.client == nil {
		return true, nil
	}
	walker, ok := s.client.(storage.Walker)
	if !ok {
		return false, nil
	}
	err := walker.Walk(ctx, func(key string, stored []byte) ([]*storage.Operation, error) {
		if key != lossKey && key != secretKey {
			visit(key, stored)
		}
		return nil, nil
	})
	if err != nil {
		return false, fmt.Errorf("stored state cannot be read: %w", err)
	}
	return true, nil
}

// Close releases the storage.
func (s Store) Close(ctx context.Context) error {
	if s.client == nil {
		return nil
	}
	return s.client.Close(ctx)
}

// Has reports whether there is a record under key, whatever it holds.
func (s Store) Has(ctx context.Context, key string) (bool, error) {
	if s.client == nil {
		return false, nil
	}
	stored, err := s.client.Get(ctx, key)
	return stored != nil, err
}

// Over is a Store on a client of its own, such as one in memory.
func Over(client storage.Client) Store { return Store{client: client} }
