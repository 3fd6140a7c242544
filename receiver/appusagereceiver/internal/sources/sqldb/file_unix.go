// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package sqldb

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

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

// permissions says who may read a file, or which of the folders above it may not be entered.
func permissions(path string) string {
	info, err := os.Stat(path)
	for err != nil {
		parent := filepath.Dir(path)
		if parent == path {
			return "it cannot be looked at"
		}
		path = parent
		info, err = os.Stat(path)
	}
	owner := "another user"
	if stat, known := info.Sys().(*syscall.Stat_t); known {
		owner = name(stat.Uid)
	}
	return fmt.Sprintf("%s belongs to %s and has the mode %04o, and the collector runs as %s", path, owner, info.Mode().Perm(), name(uint32(os.Getuid()))) //nolint:gosec // a user's number
}

// name is a user's name, or number where there is none.
func name(uid uint32) string {
	number := strconv.FormatUint(uint64(uid), 10)
	if found, err := user.LookupId(number); err == nil {
		return found.Username
	}
	return "the user " + number
}
