// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package besidefile

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// The bytes that SQLite locks, in the database file and in the -shm file.
// See https://www.sqlite.org/src/file/src/os.h and https://www.sqlite.org/walformat.html#wal_locks.
const (
	pendingByte  = 0x40000000
	reservedByte = pendingByte + 1
	sharedFirst  = pendingByte + 2
	sharedSize   = 510

	checkpointByte  = 121
	firstReaderByte = 123
)

// logHeader is how long the header of a -wal file is, which changes whenever the log begins anew.
const logHeader = 32

// View is what one connection sees of a file. One goroutine reads through it, and another may ask
// whether somebody waits.
type View struct {
	path string
	id   string

	lock sync.Mutex
	// real is where the path leads to: the log lies there, and not beside a link.
	real string
	// main is the database file, once it is open.
	main *os.File
	// insists reports that the log is kept from being taken away, and held that the shared lock on the file is ours.
	insists, held bool
	// noted is the file as it was when the reading began.
	noted os.FileInfo
	// log is the -wal file; nil where there is none.
	log *os.File
	// indexed reports that SQLite has asked for the index: the file is in WAL mode.
	indexed bool
	// shm is the -shm file, locked; nil where nobody has the file open.
	shm *os.File
	// header is the log's, as it was when the index was asked for.
	header []byte
	// memory holds the index in regions that SQLite asks for.
	memory []uintptr
}

var (
	views  sync.Map // of *View, by id
	lastID atomic.Int64
)

// New is a view of the file at this path; a connection opens it under the name URI gives.
func New(path string) *View {
	v := &View{path: path, id: strconv.FormatInt(lastID.Add(1), 10)}
	views.Store(v.id, v)
	return v
}

// Close ends the view, after the connection was closed.
func (v *View) Close() { views.Delete(v.id) }

// Insist keeps an application that closes its file from taking the log away, as SQLite's own readers do. It is for one that
// does so all the time: what lies beside the file when the application has gone may be taken for a part of the
// backup that is put into its place.
func (v *View) Insist() { v.insists = true }

// Current reports whether all that was read belongs to one committed state. It is asked after the
// reading: what it finds has happened during the reading, or before.
func (v *View) Current() bool {
	v.lock.Lock()
	defer v.lock.Unlock()
	if now, err := os.Stat(v.real); v.noted != nil && (err != nil || !unchanged(v.noted, now)) {
		return false // another was put into its place, or somebody wrote who asks for no lock
	}
	if !v.indexed {
		return v.held // which kept every writer out
	}
	if !isAt(v.shm, v.real+"-shm") {
		return false // somebody opened the file, and may have copied a log into it
	}
	if v.log != nil && !isAt(v.log, v.real+"-wal") {
		return false
	}
	header, err := headerOf(v.log)
	return err == nil && bytes.Equal(header, v.header)
}

// Waiting reports whether somebody waits for the reading to end: a writer that wants to commit, or
// in WAL mode one that wants to copy the log into the file.
func (v *View) Waiting() bool {
	v.lock.Lock()
	defer v.lock.Unlock()
	switch {
	case v.main == nil:
		return false
	case !v.indexed:
		return lockedByOther(v.main, pendingByte)
	default:
		return v.shm != nil && lockedByOther(v.shm, checkpointByte)
	}
}

// opened notes the database file.
func (v *View) opened(file *os.File, name string) {
	v.lock.Lock()
	defer v.lock.Unlock()
	v.main, v.real = file, name
}

// yields reports that the file is in WAL mode, and the log may be taken away.
func (v *View) yields(file *os.File) bool {
	const readVersion, wal = 19, 2
	var version [1]byte
	_, err := file.ReadAt(version[:], readVersion)
	return err == nil && version[0] == wal && !v.insists
}

// began notes the file as it is when the reading begins.
func (v *View) began(file *os.File, held bool) (err error) {
	v.lock.Lock()
	defer v.lock.Unlock()
	v.held = held
	v.noted, err = file.Stat()
	return err
}

// logOpened notes the log; nil is one that does not exist.
func (v *View) logOpened(file *os.File) {
	v.lock.Lock()
	defer v.lock.Unlock()
	v.log = file
}

// logClosed closes it.
func (v *View) logClosed() {
	v.lock.Lock()
	defer v.lock.Unlock()
	_ = v.log.Close()
	v.log = nil
}

// errBusy is the failure of a moment: another attempt can succeed.
var errBusy = errors.New("busy")

// freeze keeps the log from being copied into the file, and the index valid, from its first use on.
func (v *View) freeze() error {
	v.lock.Lock()
	defer v.lock.Unlock()
	if v.indexed {
		return nil
	}
	if v.log == nil { // it may have been made after SQLite had looked for it
		log, err := openIfThere(v.real + "-wal")
		if err != nil {
			return err
		}
		v.log = log
	}
	shm, err := openIfThere(v.real + "-shm")
	if err != nil {
		return err
	}
	if shm != nil {
		if err := lockPatiently(shm, firstReaderByte, 1); err != nil {
			_ = shm.Close()
			return err
		}
	}
	header, err := headerOf(v.log)
	if err == nil {
		v.noted, err = v.main.Stat()
	}
	if err != nil {
		_ = shm.Close()
		return err
	}
	v.shm, v.header, v.indexed = shm, header, true
	return nil
}

// thaw lets go of all that freeze took.
func (v *View) thaw() (memory []uintptr) {
	v.lock.Lock()
	defer v.lock.Unlock()
	_ = v.shm.Close()
	v.shm, memory, v.memory = nil, v.memory, nil
	return memory
}

// headerOf is a log's header; it is empty where there is no log, or an empty one.
func headerOf(log *os.File) ([]byte, error) {
	if log == nil {
		return nil, nil
	}
	header := make([]byte, logHeader)
	n, err := log.ReadAt(header, 0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return header[:n], err
}

// isAt reports that the open file is the one at the path; nil is none.
func isAt(file *os.File, path string) bool {
	there, err := os.Stat(path)
	if file == nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	open, fails := file.Stat()
	return err == nil && fails == nil && os.SameFile(open, there)
}

// unchanged reports that a file is the same, and nobody wrote into it.
func unchanged(before, now os.FileInfo) bool {
	return os.SameFile(before, now) && before.Size() == now.Size() && before.ModTime().Equal(now.ModTime())
}

// openIfThere gives nil for a file that does not exist.
func openIfThere(path string) (*os.File, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return file, err
}

// patience is how often, a millisecond apart, a lock is asked for: a busy writer leaves short gaps.
const patience = 50

// lockPatiently takes a shared lock; errBusy is its failure after some time.
func lockPatiently(file *os.File, first, size int64) error {
	for range patience {
		if taken, err := lockShared(file, first, size); taken || err != nil {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return errBusy
}

// lockShared takes a shared lock. It belongs to the open file and not to the process, so that no
// other use of the same file in this process takes it away.
func lockShared(file *os.File, first, size int64) (taken bool, err error) {
	err = unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_RDLCK, Start: first, Len: size})
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return false, nil
	}
	return err == nil, err
}

func unlock(file *os.File, first, size int64) error {
	return unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_UNLCK, Start: first, Len: size})
}

// lockedByOther reports whether another has an exclusive lock on this byte.
func lockedByOther(file *os.File, at int64) bool {
	asked := unix.Flock_t{Type: unix.F_RDLCK, Start: at, Len: 1}
	return unix.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, &asked) == nil && asked.Type != unix.F_UNLCK
}
