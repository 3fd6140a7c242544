// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package statefile looks at the files of file_storage before the library below it
// opens them. That library trusts its files: a damaged one ends the process by a panic
// or a fault that nobody can catch, in words that do not name the file.
package statefile // import "github.com/headcount-otel/headcount/internal/statefile"

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/headcount-otel/headcount/internal/boltfile"
)

// ErrLocked says that another process has the file open.
var ErrLocked = errors.New("another process uses it")

// ErrDamaged says that the library must not open the file.
var ErrDamaged = errors.New("it is damaged")

// making is for how long a file may be empty and not locked: who makes it locks it next, and writes.
const making = time.Second

// Check reports whether the library may open the file, while nobody writes to it. It
// waits for another process at most for the timeout, for ever where that is 0. An
// absent file is whole. Errors name the file.
func Check(file string, timeout time.Duration) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // the library makes it
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: it is no file: move it away", file)
	}
	unlock, err := lock(file, timeout)
	for began := time.Now(); info.Size() == 0 && errors.Is(err, ErrDamaged) && time.Since(began) < cmp.Or(min(timeout, making), making); {
		time.Sleep(5 * time.Millisecond) // so that another process, which makes the file now, gets the lock
		unlock, err = lock(file, timeout)
	}
	if err != nil {
		return err
	}
	defer unlock()
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if boltfile.Check(content) != nil {
		return fmt.Errorf("%s: %w", file, ErrDamaged)
	}
	return nil
}

// lock keeps writers out. Opened to be read, the library looks at no page but the
// first two, and fails where neither is whole.
func lock(file string, timeout time.Duration) (unlock func(), err error) {
	db, err := bbolt.Open(file, 0, &bbolt.Options{ReadOnly: true, Timeout: timeout})
	switch {
	case err == nil:
		return func() { _ = db.Close() }, nil
	case errors.Is(err, berrors.ErrTimeout):
		return nil, fmt.Errorf("%s: %w", file, ErrLocked)
	case errors.Is(err, fs.ErrPermission):
		return nil, err // which names it
	case isEmpty(file):
		return nil, fmt.Errorf("%s: %w: it is empty", file, ErrDamaged)
	default:
		return nil, fmt.Errorf("%s: %w", file, ErrDamaged)
	}
}

func isEmpty(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Size() == 0
}
