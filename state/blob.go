// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// A blob is a record that is no JSON, for what is large. It begins with its version
// and ends with its checksum.

// LoadBlob reads the blob under key and reports whether there was one. As with Load,
// one that cannot be read is an error that names the key.
func (s Store) LoadBlob(ctx context.Context, key string, version uint32) ([]byte, bool, error) {
	if s.client == nil {
		return nil, false, nil
	}
	stored, err := s.client.Get(ctx, key)
	if err != nil {
		return nil, false, fmt.Errorf("stored state %q cannot be read: %w", key, err)
	}
	if stored == nil {
		return nil, false, nil
	}
	end := len(stored) - crc32.Size
	if end < 4 || binary.BigEndian.Uint32(stored[end:]) != crc32.ChecksumIEEE(stored[:end]) {
		return nil, false, fmt.Errorf("stored state %q is garbled: restore it from a copy, or remove the component's file from the storage directory to start anew", key)
	}
	if found := binary.BigEndian.Uint32(stored); found != version {
		return nil, false, fmt.Errorf("stored state %q has version %d, this program reads version %d: use the program that wrote it, or remove the component's file from the storage directory to start anew", key, found, version)
	}
	return stored[4:end], true, nil
}

// SaveBlob writes a blob under key and deletes the records under others, in one
// transaction; when it returns nil that survives a restart.
func (s Store) SaveBlob(ctx context.Context, key string, version uint32, blob []byte, delete ...string) error {
	if s.client == nil {
		return nil
	}
	stored := make([]byte, 0, len(blob)+4+crc32.Size)
	stored = binary.BigEndian.AppendUint32(stored, version)
	stored = append(stored, blob...)
	stored = binary.BigEndian.AppendUint32(stored, crc32.ChecksumIEEE(stored))
	operations := []*storage.Operation{storage.SetOperation(key, stored)}
	for _, other := range delete {
		operations = append(operations, storage.DeleteOperation(other))
	}
	if err := s.client.Batch(ctx, operations...); err != nil {
		return fmt.Errorf("state %q cannot be stored: %w", key, err)
	}
	return nil
}
