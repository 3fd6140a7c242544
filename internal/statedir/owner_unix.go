// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package statedir

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// ownedByUs refuses what belongs to another user, or what everybody may write to.
func ownedByUs(path string, info fs.FileInfo) error {
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to user %d, and this program runs as user %d: run it as that user, give the folder to this one, or set HEADCOUNT_STATE_DIR to a folder of its own", path, owner.Uid, os.Geteuid())
	}
	if info.Mode().Perm()&0o002 != 0 {
		return fmt.Errorf("%s can be written by every user (mode %04o): type chmod o-w %s", path, info.Mode().Perm(), path)
	}
	return nil
}
