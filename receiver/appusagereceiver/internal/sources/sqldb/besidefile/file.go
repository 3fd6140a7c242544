// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package besidefile

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// handle is an open file as SQLite holds it: it begins with the address of its methods.
type handle struct {
	methods uintptr
	id      uintptr
}

// openFile is what stands behind a handle.
type openFile struct {
	view *View
	kind int32
	// file is nil for a log, which the view has.
	file *os.File
	// shared reports that the shared lock is held.
	shared bool
}

// openFiles are all open ones: C memory cannot hold what Go's collector has to see.
var openFiles = struct {
	sync.RWMutex
	byID map[uintptr]*openFile
	last uintptr
}{byID: map[uintptr]*openFile{}}

func remember(f *openFile) uintptr {
	openFiles.Lock()
	defer openFiles.Unlock()
	openFiles.last++
	openFiles.byID[openFiles.last] = f
	return openFiles.last
}

func fileOf(file uintptr) *openFile {
	openFiles.RLock()
	defer openFiles.RUnlock()
	return openFiles.byID[at[handle](file).id]
}

// methods are what SQLite can do with an open file: nothing that writes.
var methods = sync.OnceValue(func() uintptr {
	tls := libc.NewTLS()
	defer tls.Close()
	made := libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_io_methods{})))
	*at[sqlite3.Tsqlite3_io_methods](made) = sqlite3.Tsqlite3_io_methods{
		FiVersion:               2,
		FxClose:                 function(closeFile),
		FxRead:                  function(read),
		FxWrite:                 function(func(*libc.TLS, uintptr, uintptr, int32, int64) int32 { return sqlite3.SQLITE_READONLY }),
		FxTruncate:              function(func(*libc.TLS, uintptr, int64) int32 { return sqlite3.SQLITE_READONLY }),
		FxSync:                  function(func(*libc.TLS, uintptr, int32) int32 { return sqlite3.SQLITE_OK }),
		FxFileSize:              function(size),
		FxLock:                  function(lock),
		FxUnlock:                function(unlockFile),
		FxCheckReservedLock:     function(reserved),
		FxFileControl:           function(func(*libc.TLS, uintptr, int32, uintptr) int32 { return sqlite3.SQLITE_NOTFOUND }),
		FxSectorSize:            function(func(*libc.TLS, uintptr) int32 { return 0 }),
		FxDeviceCharacteristics: function(func(*libc.TLS, uintptr) int32 { return 0 }),
		FxShmMap:                function(mapIndex),
		FxShmLock:               function(func(*libc.TLS, uintptr, int32, int32, int32) int32 { return sqlite3.SQLITE_OK }),
		FxShmBarrier:            function(func(*libc.TLS, uintptr) {}),
		FxShmUnmap:              function(unmapIndex),
	}
	return made
})

func closeFile(tls *libc.TLS, file uintptr) int32 {
	f := fileOf(file)
	openFiles.Lock()
	delete(openFiles.byID, at[handle](file).id)
	openFiles.Unlock()
	if f.kind&sqlite3.SQLITE_OPEN_MAIN_DB != 0 {
		f.view.opened(nil, "")
		discard(tls, f.view.thaw())
	}
	if f.kind&sqlite3.SQLITE_OPEN_WAL != 0 {
		f.view.logClosed()
		return sqlite3.SQLITE_OK
	}
	_ = f.file.Close()
	return sqlite3.SQLITE_OK
}

// read fills what lies past the file's end with zeros, as SQLite wants it.
func read(_ *libc.TLS, file, buffer uintptr, amount int32, offset int64) int32 {
	into := unsafe.Slice(at[byte](buffer), amount) //nolint:gosec // SQLite hands a buffer of this length
	n, err := 0, io.EOF
	if f := fileOf(file).opened(); f != nil {
		n, err = f.ReadAt(into, offset)
	}
	switch {
	case err == nil:
		return sqlite3.SQLITE_OK
	case errors.Is(err, io.EOF):
		clear(into[n:])
		return sqlite3.SQLITE_IOERR_SHORT_READ
	default:
		return sqlite3.SQLITE_IOERR_READ
	}
}

// opened is the file; nil is a log that does not exist. Only SQLite's own thread changes it.
func (f *openFile) opened() *os.File {
	if f.kind&sqlite3.SQLITE_OPEN_WAL != 0 {
		return f.view.log
	}
	return f.file
}

func size(_ *libc.TLS, file, result uintptr) int32 {
	*at[int64](result) = 0
	if f := fileOf(file).opened(); f != nil {
		info, err := f.Stat()
		if err != nil {
			return sqlite3.SQLITE_IOERR_FSTAT
		}
		*at[int64](result) = info.Size()
	}
	return sqlite3.SQLITE_OK
}

// lock takes the shared lock; any other is for those that write.
func lock(_ *libc.TLS, file uintptr, level int32) int32 {
	f := fileOf(file)
	if level > sqlite3.SQLITE_LOCK_SHARED {
		return sqlite3.SQLITE_BUSY
	}
	for range patience {
		if f.shared {
			return sqlite3.SQLITE_OK
		}
		taken, err := f.share()
		if err != nil {
			return sqlite3.SQLITE_IOERR_RDLOCK
		}
		if f.shared = taken; !taken {
			time.Sleep(time.Millisecond)
		}
	}
	return sqlite3.SQLITE_BUSY
}

// share asks on the pending byte first, which a writer that waits for its readers holds. In WAL mode writers are
// in nobody's way but for one that keeps the file for itself, and the lock would keep the application that closes its file
// from taking its log away.
func (f *openFile) share() (bool, error) {
	if f.view.yields(f.file) {
		return !lockedByOther(f.file, sharedFirst), f.view.began(f.file, false)
	}
	if taken, err := lockShared(f.file, pendingByte, 1); err != nil || !taken {
		return false, err
	}
	taken, err := lockShared(f.file, sharedFirst, sharedSize)
	return taken, errors.Join(err, unlock(f.file, pendingByte, 1), f.view.began(f.file, taken))
}

func unlockFile(_ *libc.TLS, file uintptr, level int32) int32 {
	f := fileOf(file)
	if level != sqlite3.SQLITE_LOCK_NONE || !f.shared {
		return sqlite3.SQLITE_OK
	}
	f.shared = false
	if unlock(f.file, sharedFirst, sharedSize) != nil {
		return sqlite3.SQLITE_IOERR_UNLOCK
	}
	return sqlite3.SQLITE_OK
}

// reserved tells whether somebody writes, without which a journal is that of an unfinished write.
func reserved(_ *libc.TLS, file, result uintptr) int32 {
	*at[int32](result) = 0
	if lockedByOther(fileOf(file).file, reservedByte) {
		*at[int32](result) = 1
	}
	return sqlite3.SQLITE_OK
}

// mapIndex gives memory for a part of the index.
func mapIndex(tls *libc.TLS, file uintptr, region, bytes, _ int32, result uintptr) int32 {
	v := fileOf(file).view
	*at[uintptr](result) = 0
	switch err := v.freeze(); {
	case errors.Is(err, errBusy):
		return sqlite3.SQLITE_BUSY
	case err != nil:
		return sqlite3.SQLITE_CANTOPEN
	}
	for len(v.memory) <= int(region) {
		part := libc.Xcalloc(tls, 1, libc.Tsize_t(bytes))
		if part == 0 {
			return sqlite3.SQLITE_NOMEM
		}
		v.memory = append(v.memory, part)
	}
	*at[uintptr](result) = v.memory[region]
	return sqlite3.SQLITE_OK
}

func unmapIndex(tls *libc.TLS, file uintptr, _ int32) int32 {
	discard(tls, fileOf(file).view.thaw())
	return sqlite3.SQLITE_OK
}

func discard(tls *libc.TLS, memory []uintptr) {
	for _, part := range memory {
		libc.Xfree(tls, part)
	}
}
