// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package sqldb

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// flock locks the file as a whole with flock(2), until it is closed. SQLite locks byte ranges with
// fcntl(2), and neither kind sees the other.
func flock(file *os.File) (taken bool, err error) {
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// writable reports whether a file may be made in the folder.
func writable(folder string) bool { return unix.Access(folder, unix.W_OK) == nil }
