// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

var _ storage.Extension = (*headcount)(nil)

// GetClient implements storage.Extension for a program that only shows: what a
// component stores there is forgotten, so that a preview moves no cursor.
func (h *headcount) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	if h.cfg.Until != Shown {
		return nil, errors.New("this extension keeps nothing for others, unless until is shown: write the id of a storage extension, such as file_storage")
	}
	return &volatile{records: map[string][]byte{}}, nil
}

// volatile is a storage client in memory.
type volatile struct {
	mu      sync.Mutex
	records map[string][]byte
}

func (v *volatile) Get(ctx context.Context, key string) ([]byte, error) {
	get := storage.GetOperation(key)
	err := v.Batch(ctx, get)
	return get.Value, err
}

func (v *volatile) Set(ctx context.Context, key string, value []byte) error {
	return v.Batch(ctx, storage.SetOperation(key, value))
}

func (v *volatile) Delete(ctx context.Context, key string) error {
	return v.Batch(ctx, storage.DeleteOperation(key))
}

func (v *volatile) Batch(_ context.Context, operations ...*storage.Operation) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, o := range operations {
		switch o.Type {
		case storage.Get:
			o.Value = bytes.Clone(v.records[o.Key])
		case storage.Set:
			v.records[o.Key] = bytes.Clone(o.Value)
		case storage.Delete:
			delete(v.records, o.Key)
		}
	}
	return nil
}

func (*volatile) Close(context.Context) error { return nil }
