// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package filestorage

import (
	"context"
	"errors"

	berrors "go.etcd.io/bbolt/errors"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// reads is a client whose reads write nothing. Contrib's are transactions that are committed, with two fsyncs each
// (findings/filestorage-reads-sync.sh), and a start makes about a dozen.
type reads struct {
	client
}

// Get implements storage.Client.
func (r reads) Get(ctx context.Context, key string) ([]byte, error) {
	get := storage.GetOperation(key)
	err := r.Batch(ctx, get)
	return get.Value, err
}

// Batch implements storage.Client. Behind reads alone comes a write that bbolt refuses, for it has no key: what was
// read stays read, and the transaction is rolled back.
func (r reads) Batch(ctx context.Context, operations ...*storage.Operation) error {
	for _, o := range operations {
		if o.Type != storage.Get {
			return r.client.Batch(ctx, operations...)
		}
	}
	return rolledBack(r.client.Batch(ctx, append(operations[:len(operations):len(operations)], storage.SetOperation("", nil))...))
}

// rolledBack is what else went wrong than that bbolt refused a write without a key.
func rolledBack(err error) error {
	if errors.Is(err, berrors.ErrKeyRequired) {
		return nil
	}
	return err
}

// Walk implements storage.Walker. What it writes is written at its end: as long as nothing is, that is the refused write.
func (r reads) Walk(ctx context.Context, visit storage.WalkFunc) error {
	refused, met := storage.SetOperation("", nil), false
	return rolledBack(r.client.Walk(ctx, func(key string, value []byte) ([]*storage.Operation, error) {
		operations, err := visit(key, value)
		if len(operations) > 0 {
			*refused = *storage.GetOperation("")
		}
		if !met {
			met, operations = true, append([]*storage.Operation{refused}, operations...)
		}
		return operations, err
	}))
}
