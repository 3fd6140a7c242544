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
	blob, err := openBlob(key, stored, version)
	return blob, err == nil, err
}

// LoadBlobs reads the blobs under keys in one transaction, as LoadEach does records: each in the place of its key, nil
// where there is none.
func (s Store) LoadBlobs(ctx context.Context, version uint32, keys []string) ([][]byte, error) {
	blobs := make([][]byte, len(keys))
	if s.client == nil {
		return blobs, nil
	}
	stored, err := s.read(ctx, keys)
	for i, read := range stored {
		if read.Value == nil {
			continue
		}
		if blobs[i], err = openBlob(read.Key, read.Value, version); err != nil {
			return nil, err
		}
	}
	return blobs, err
}

// openBlob takes a blob out of what is stored.
func openBlob(key string, stored []byte, version uint32) ([]byte, error) {
	end := len(stored) - crc32.Size
	if end < 4 || binary.BigEndian.Uint32(stored[end:]) != crc32.ChecksumIEEE(stored[:end]) {
		return nil, garbled(key)
	}
	if found := binary.BigEndian.Uint32(stored); found != version {
		return nil, fmt.Errorf("stored state %q has version %d, this program reads version %d: use the program that wrote it, or remove the component's file from the storage directory to start anew", key, found, version)
	}
	return stored[4:end], nil
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
