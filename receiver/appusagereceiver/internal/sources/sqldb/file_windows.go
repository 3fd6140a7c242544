// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// flock locks one byte far behind any that SQLite locks or reads, until the file is closed: locks
// are mandatory on Windows, and one on a byte of the database would keep the app from it.
func flock(file *os.File) (taken bool, err error) {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	place := windows.Overlapped{Offset: math.MaxUint32, OffsetHigh: math.MaxInt32}
	err = windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, &place)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return false, nil
	}
	return err == nil, err
}

// permissions says who may read a file.
func permissions(string) string { return "the collector's user has no permission" }
