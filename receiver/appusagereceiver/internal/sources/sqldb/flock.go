// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"os"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// tryLock takes the file's lock, one of a kind that SQLite neither sees nor takes. One process's
// receivers see each other's locks too, because each opens the file anew.
func (f sqliteFile) tryLock() (*Lock, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return nil, &source.Error{Reason: "the database file cannot be opened", SessionLost: true}
	}
	taken, err := flock(file)
	if err != nil || !taken {
		_ = file.Close()
		if err != nil {
			return nil, &source.Error{Reason: "the database file's system knows no locks"}
		}
		return nil, nil
	}
	return &Lock{
		held:    func(context.Context) bool { return f.is(file) },
		release: func() { _ = file.Close() },
	}, nil
}

// is reports whether the path still leads to this file: it may have been replaced by a copy.
func (f sqliteFile) is(file *os.File) bool {
	ours, err := file.Stat()
	if err != nil {
		return false
	}
	now, err := os.Stat(f.path)
	return err == nil && os.SameFile(ours, now)
}
