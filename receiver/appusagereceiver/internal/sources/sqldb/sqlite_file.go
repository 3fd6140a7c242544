// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// check looks whether the file can be read as a database, and says what stands in the way. It
// returns where the path leads to, beside which SQLite keeps its journal and its log.
func (f sqliteFile) check() (string, error) {
	path, err := filepath.Abs(f.path)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", f.unopened(f.path, err)
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return "", unfit("%s is a folder, and no database file", path)
	}
	// Those beside it hold what is not in the file yet.
	for _, part := range []string{"", "-wal", "-shm", "-journal"} {
		file, err := os.Open(path + part)
		switch {
		case part != "" && errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return "", f.unopened(path+part, err)
		case part == "":
			err = recognize(file, path)
			fallthrough
		default:
			_ = file.Close()
			if err != nil {
				return "", err
			}
		}
	}
	return path, nil
}

// recognize refuses what only looks like a SQLite file; an empty file is a database without tables.
func recognize(file *os.File, path string) error {
	const magic = "SQLite format 3\x00"
	var header [100]byte
	n, _ := file.ReadAt(header[:], 0)
	switch text := string(header[:n]); {
	case n == 0:
		return nil
	case n >= 12 && text[8:12] == "DUCK":
		return unfit("%s is a DuckDB file: only SQLite's can be read", path)
	case !strings.HasPrefix(text, magic):
		return unfit("%s is no SQLite file, or it is encrypted (SQLCipher, SEE): only plain ones can be read", path)
	case n < len(header) || header[18] != 2:
		return nil
	case usedByAnotherName(file, path):
		return unfit("%s is in WAL mode and in use by another name of the file (a hard link), beside which its log (-wal) stands: write the name that the application uses", path)
	case mountedAlone(path):
		return unfit("%s is in WAL mode and mounted without its folder, so that its log (-wal) cannot be seen: mount the folder", path)
	default:
		return nil
	}
}

// unopened says why a file could not be opened, and of a relative path where it leads to.
func (f sqliteFile) unopened(path string, err error) error {
	if absolute, fails := filepath.Abs(path); fails == nil {
		path = absolute
	}
	hint := ""
	if !filepath.IsAbs(f.path) {
		hint = "; sqlite:/// with three slashes is relative to the folder in which the collector runs: write four for an absolute path"
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return unfit("the database file %s does not exist%s", path, hint)
	case errors.Is(err, fs.ErrPermission):
		return unfit("%s may not be read: %s", path, permissions(path))
	default:
		return unfit("the database file %s cannot be opened%s", path, hint)
	}
}

func unfit(format string, args ...any) error {
	return &source.Error{Reason: fmt.Sprintf(format, args...), SessionLost: true}
}
