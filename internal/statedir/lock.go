// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package statedir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gofrs/flock"
)

const (
	// lockFile has the number of the process that uses the folder, or used it last.
	lockFile = "headcount.lock"
	// unsettled stands behind it while the folder's first start is under way, which has
	// kept nothing yet: any other lock tells of an earlier life.
	unsettled = "new"
)

// BusyError says that another process uses the folder.
type BusyError struct {
	Dir Dir
	PID int // 0 when it did not say
}

func (e *BusyError) Error() string {
	who := "another Headcount"
	if e.PID > 0 {
		who = fmt.Sprintf("another Headcount (process %d)", e.PID)
	}
	return fmt.Sprintf("%s uses %s: end it first, or set HEADCOUNT_STATE_DIR to a folder of this one's own", who, e.Dir)
}

// locks are those that this process holds: several extensions of one process may share a folder.
var locks = struct {
	sync.Mutex
	held map[Dir]*Lock
}{held: map[Dir]*Lock{}}

// Lock keeps other processes out of a folder.
type Lock struct {
	dir   Dir
	file  *flock.Flock
	users int
}

// Lock takes the folder for this process; it has to exist. A process that dies leaves nothing locked.
func (d Dir) Lock() (*Lock, error) {
	locks.Lock()
	defer locks.Unlock()
	if held, ok := locks.held[d]; ok {
		held.users++
		return held, nil
	}
	isNew := d.isNew()
	l := &Lock{dir: d, file: flock.New(d.path(lockFile), flock.SetPermissions(0o600), flock.SetFlag(os.O_CREATE|os.O_RDWR)), users: 1}
	taken, err := l.file.TryLock()
	if err != nil {
		return nil, fmt.Errorf("the state folder cannot be locked: %w", err)
	}
	if !taken {
		return nil, &BusyError{d, d.holder()}
	}
	words := []string{strconv.Itoa(os.Getpid())}
	if isNew {
		words = append(words, unsettled)
	}
	if err := l.write(words...); err != nil {
		return nil, errors.Join(err, l.file.Close())
	}
	locks.held[d] = l
	return l, nil
}

func (l *Lock) write(words ...string) error {
	err := os.WriteFile(l.dir.path(lockFile), []byte(strings.Join(words, " ")+"\n"), 0o600) //nolint:gosec // in the folder that the operator named
	if err != nil {
		return fmt.Errorf("the state folder cannot be written: %w", err)
	}
	return nil
}

// Settle ends the folder's first start, once what is known of the choice is kept there.
// From then on a lock that is found alone tells that a choice was lost.
func (l *Lock) Settle() error {
	if !l.dir.isNew() || len(l.dir.kept()) == 0 {
		return nil
	}
	return l.write(strconv.Itoa(os.Getpid()))
}

// isNew reports whether nobody has ever kept anything in the folder.
func (d Dir) isNew() bool {
	words := d.lockWords()
	if words == nil {
		return len(d.kept()) == 0 && len(d.Traces()) == 0
	}
	return slices.Contains(words, unsettled)
}

// lockWords are what the lock says; nil where there is none.
func (d Dir) lockWords() []string {
	content, err := os.ReadFile(d.path(lockFile)) //nolint:gosec // in the folder that the operator named
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return append([]string{}, strings.Fields(string(content))...)
}

// Unlock gives the folder free, once its last user has.
func (l *Lock) Unlock() error {
	locks.Lock()
	defer locks.Unlock()
	if l.users--; l.users > 0 {
		return nil
	}
	delete(locks.held, l.dir)
	return l.file.Close()
}

// Busy is a *BusyError while another process uses the folder. It writes nothing.
func (d Dir) Busy() error {
	locks.Lock()
	defer locks.Unlock()
	if _, ours := locks.held[d]; ours {
		return nil
	}
	probe := flock.New(d.path(lockFile), flock.SetFlag(os.O_RDONLY))
	free, err := probe.TryRLock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // nobody has ever used it
	case err != nil:
		return fmt.Errorf("whether another program uses the state folder cannot be seen: %w", err)
	case !free:
		return &BusyError{d, d.holder()}
	}
	return probe.Close()
}

func (d Dir) holder() int {
	words := d.lockWords()
	if len(words) == 0 {
		return 0
	}
	pid, _ := strconv.Atoi(words[0])
	return pid
}
