// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package filestorage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// present stores only while its file is where it was opened. The system keeps a removed file for the program that has
// it open: what the library writes there is stored by its word, and gone with the process.
type present struct {
	client
	file string
}

// client is what contrib's clients can do and state asks of them.
type client interface {
	storage.Client
	storage.Walker
	Compact(directory string, timeout time.Duration, maxTransactionSize int64) error
}

func whilePresent(opened storage.Client, file string) storage.Client {
	if c, ok := opened.(client); ok {
		return present{reads{c}, file}
	}
	return opened
}

// Set implements storage.Client.
func (p present) Set(ctx context.Context, key string, value []byte) error {
	return p.Batch(ctx, storage.SetOperation(key, value))
}

// Batch implements storage.Client. What only reads or deletes asks nothing of the disk.
func (p present) Batch(ctx context.Context, ops ...*storage.Operation) error {
	if slices.ContainsFunc(ops, func(op *storage.Operation) bool { return op.Type == storage.Set }) {
		if _, err := os.Lstat(p.file); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s was removed while this program used it, and nothing can be stored: start the program anew, which makes another", p.file)
		}
	}
	return p.client.Batch(ctx, ops...)
}
