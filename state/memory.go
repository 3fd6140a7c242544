// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"bytes"
	"context"
	"sync"

	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// NewMemory makes a storage client that keeps its records in memory, until nothing refers to it.
func NewMemory() storage.Client { return &memory{records: map[string][]byte{}} }

type memory struct {
	mu      sync.Mutex
	records map[string][]byte
}

func (m *memory) Get(ctx context.Context, key string) ([]byte, error) {
	get := storage.GetOperation(key)
	err := m.Batch(ctx, get)
	return get.Value, err
}

func (m *memory) Set(ctx context.Context, key string, value []byte) error {
	return m.Batch(ctx, storage.SetOperation(key, value))
}

func (m *memory) Delete(ctx context.Context, key string) error {
	return m.Batch(ctx, storage.DeleteOperation(key))
}

func (m *memory) Batch(_ context.Context, operations ...*storage.Operation) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range operations {
		switch o.Type {
		case storage.Get:
			o.Value = bytes.Clone(m.records[o.Key])
		case storage.Set:
			m.records[o.Key] = bytes.Clone(o.Value)
		case storage.Delete:
			delete(m.records, o.Key)
		}
	}
	return nil
}

func (*memory) Close(context.Context) error { return nil }
