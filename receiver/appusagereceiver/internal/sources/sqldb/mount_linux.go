// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// mountedAlone reports whether the file is mounted without its folder, as a container's volume may
// be: then what lies beside it is another folder's.
func mountedAlone(path string) bool {
	var file, folder unix.Statx_t
	const wanted = unix.STATX_MNT_ID
	if unix.Statx(unix.AT_FDCWD, path, 0, wanted, &file) != nil || unix.Statx(unix.AT_FDCWD, filepath.Dir(path), 0, wanted, &folder) != nil {
		return false
	}
	return file.Mask&folder.Mask&wanted != 0 && file.Mnt_id != folder.Mnt_id
}

// usedByAnotherName reports whether somebody has a file in WAL mode open by another of its names (hard links): then the
// log stands beside that one, and without it the file is that of an earlier day.
func usedByAnotherName(file *os.File, path string) bool {
	const sharedFirst, sharedSize = 0x40000002, 510 // which SQLite locks for as long as it has such a file open
	var info unix.Stat_t
	if unix.Fstat(int(file.Fd()), &info) != nil || info.Nlink < 2 || exists(path+"-wal") {
		return false
	}
	asked := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: sharedFirst, Len: sharedSize}
	return unix.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, &asked) == nil && asked.Type != unix.F_UNLCK
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
