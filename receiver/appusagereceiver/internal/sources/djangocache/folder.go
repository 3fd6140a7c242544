// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package djangocache

import (
	"bytes"
	"compress/zlib"
	"crypto/md5" //nolint:gosec // it names files, as Django does
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/pickle"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errNoFolder  = &source.Error{Reason: "the folder does not exist, or is none", SessionLost: true}
	errForbidden = &source.Error{Reason: "the folder may not be read: its files are their owner's alone, so run as the application's user", SessionLost: true}
	errFile      = &source.Error{Reason: "the file of the key is no whole one of Django's FileBasedCache"}
)

// fileName is where Django's file-based cache keeps a key.
func fileName(key string) string {
	sum := md5.Sum([]byte(key)) //nolint:gosec // it names files, as Django does
	return hex.EncodeToString(sum[:]) + ".djcache"
}

// FromFolder decodes what Django's file-based cache wrote: the pickled time of expiry, and the pickled value
// behind it, compressed. A file that has expired by now is nothing; Django removes it when it looks.
func FromFolder(folder, key string, now time.Time) (source.Value, error) {
	data, err := readEntry(folder, fileName(key))
	if err != nil || data == nil {
		return nil, err
	}
	until, rest, err := pickle.Leading(data)
	if err != nil {
		return nil, errFile
	}
	switch until := until.(type) {
	case nil: // it does not expire
	case float64:
		if until < float64(now.UnixNano())/1e9 {
			return nil, nil
		}
	default:
		return nil, errFile
	}
	reader, err := zlib.NewReader(bytes.NewReader(rest))
	if err != nil {
		return nil, errFile
	}
	plain, err := io.ReadAll(io.LimitReader(reader, decode.MaxBytes+1))
	switch {
	case err != nil:
		return nil, errFile
	case len(plain) > decode.MaxBytes:
		return nil, decode.ErrTooLarge
	}
	return decode.Unpickle(plain)
}

// readEntry reads a file of the folder; nil when there is none. Django renames a file into its place, so that
// it is whole.
func readEntry(folder, name string) ([]byte, error) {
	file, err := os.OpenFile(filepath.Join(folder, name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, os.ErrNotExist) {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			return nil, errNoFolder
		}
		return nil, nil
	}
	switch {
	case errors.Is(err, os.ErrPermission):
		return nil, errForbidden
	case err != nil:
		return nil, errNoFolder
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errFile
	}
	data, err := io.ReadAll(io.LimitReader(file, decode.MaxBytes+1))
	switch {
	case err != nil:
		return nil, errFile
	case len(data) > decode.MaxBytes:
		return nil, decode.ErrTooLarge
	}
	return append([]byte{}, data...), nil
}
