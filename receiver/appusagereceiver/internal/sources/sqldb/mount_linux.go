// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
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
