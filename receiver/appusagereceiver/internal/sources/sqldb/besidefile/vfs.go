// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package besidefile

import (
	"errors"
	"net/url"
	"os"
	"strings"
	"sync"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// name of the VFS, and of the parameter of a file's URI that holds the view's id.
const (
	name      = "headcount-beside"
	parameter = "view"
)

// URI names the file to the driver, with further parameters of its own.
func (v *View) URI(parameters url.Values) (string, error) {
	if err := register(); err != nil {
		return "", err
	}
	parameters.Set("mode", "ro")
	parameters.Set("vfs", name)
	parameters.Set(parameter, v.id)
	location := url.URL{Path: v.path}
	return "file:" + strings.TrimPrefix(location.EscapedPath(), "./") + "?" + parameters.Encode(), nil
}

// base is SQLite's own VFS, which opens what SQLite needs for itself: its temporary files.
var base uintptr

// parameterName is the parameter's name as C has it.
var parameterName uintptr

// register makes the VFS known to SQLite, once in a process, for good.
var register = sync.OnceValue(func() error {
	tls := libc.NewTLS()
	defer tls.Close()
	base = sqlite3.Xsqlite3_vfs_find(tls, 0)
	ours := libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})))
	called, err := libc.CString(name)
	if err == nil {
		parameterName, err = libc.CString(parameter)
	}
	if base == 0 || ours == 0 || err != nil {
		return errors.New("SQLite has no memory for another VFS")
	}
	vfs := at[sqlite3.Tsqlite3_vfs](ours)
	*vfs = *at[sqlite3.Tsqlite3_vfs](base)
	vfs.FzName = called
	vfs.FszOsFile = max(vfs.FszOsFile, int32(unsafe.Sizeof(handle{})))
	vfs.FpNext = 0
	vfs.FxOpen = function(open)
	vfs.FxDelete = function(func(*libc.TLS, uintptr, uintptr, int32) int32 { return sqlite3.SQLITE_IOERR_DELETE })
	if rc := sqlite3.Xsqlite3_vfs_register(tls, ours, 0); rc != sqlite3.SQLITE_OK {
		return errors.New("SQLite takes no other VFS")
	}
	return nil
})

// open opens what SQLite asks for. What has no name is a temporary file of SQLite's own.
func open(tls *libc.TLS, _, cName, file uintptr, flags int32, outFlags uintptr) int32 {
	if cName == 0 || flags&(sqlite3.SQLITE_OPEN_MAIN_DB|sqlite3.SQLITE_OPEN_WAL|sqlite3.SQLITE_OPEN_MAIN_JOURNAL) == 0 {
		opens := at[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](uintptr(unsafe.Pointer(&at[sqlite3.Tsqlite3_vfs](base).FxOpen))) //nolint:gosec // the original of the copied table
		return (*opens)(tls, base, cName, file, flags, outFlags)
	}
	h := at[handle](file)
	h.methods = 0 // so that SQLite closes nothing after a failure
	found, known := views.Load(libc.GoString(sqlite3.Xsqlite3_uri_parameter(tls, cName, parameterName)))
	if !known {
		return sqlite3.SQLITE_CANTOPEN
	}
	of := &openFile{view: found.(*View), kind: flags}
	opened, err := os.Open(libc.GoString(cName))
	switch isLog := flags&sqlite3.SQLITE_OPEN_WAL != 0; {
	case isLog && errors.Is(err, os.ErrNotExist):
		// The application has closed its file, and all is in there. SQLite takes an empty log.
	case err != nil:
		return sqlite3.SQLITE_CANTOPEN
	case isLog:
		of.view.logOpened(opened)
	default:
		of.file = opened
		if flags&sqlite3.SQLITE_OPEN_MAIN_DB != 0 {
			of.view.opened(opened, libc.GoString(cName))
		}
	}
	h.methods, h.id = methods(), remember(of)
	if outFlags != 0 {
		*at[int32](outFlags) = flags&^(sqlite3.SQLITE_OPEN_READWRITE|sqlite3.SQLITE_OPEN_CREATE) | sqlite3.SQLITE_OPEN_READONLY
	}
	return sqlite3.SQLITE_OK
}

// at is what C memory holds at an address. It is none of Go's memory, which could move.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) } //nolint:gosec // the library has C structs as addresses

// function is a Go function as the translated C calls it.
func function[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) } //nolint:gosec // a pointer to the function, which Go keeps
