// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// tryLock locks the database file as a whole with flock(2), which SQLite does not use: it
// locks byte ranges with fcntl(2), and neither kind sees the other. One process's receivers see
// each other's locks too, because each opens the file anew.
func (f sqliteFile) tryLock() (*Lock, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return nil, &source.Error{Reason: "the database file cannot be opened", Lost: true}
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, nil
		}
		return nil, &source.Error{Reason: "the database file's system knows no locks"}
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
