// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package statedir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/headcount-otel/headcount/internal/statefile"
)

// Dir is the path of the folder; empty where none is known.
type Dir string

// Known reports whether there is a path at all.
func (d Dir) Known() bool { return d != "" }

func (d Dir) path(name string) string { return filepath.Join(string(d), name) }

// Check refuses a folder that somebody else could have written to: who can write
// there can turn consent on. A folder that does not exist yet is fine.
func (d Dir) Check() error {
	if !d.Known() {
		return nil
	}
	info, err := os.Stat(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the state folder cannot be looked at: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("the state folder %s is no folder: move it away, or set HEADCOUNT_STATE_DIR to another path", d)
	}
	if err := ownedByUs(string(d), info); err != nil {
		return err
	}
	entries, err := os.ReadDir(string(d))
	if err != nil {
		return fmt.Errorf("the state folder cannot be read: %w", err)
	}
	for _, entry := range entries {
		if err := d.checkEntry(entry); err != nil {
			return err
		}
	}
	return nil
}

// checkEntry refuses files of ours that lie elsewhere, or that others could have written.
func (d Dir) checkEntry(entry os.DirEntry) error {
	if !isOurs(entry.Name()) {
		return nil
	}
	path := d.path(entry.Name())
	info, err := entry.Info()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // it is gone since the folder was listed
	case err != nil:
		return fmt.Errorf("the state folder cannot be looked at: %w", err)
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s is a symbolic link: put the file itself into the state folder", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no regular file: move it away", path)
	}
	return ownedByUs(path, info)
}

// kinds are the beginnings of the names that a file storage gives to our components' files.
var kinds = []string{"extension_headcount_", "receiver_appusage_", "receiver_collect_", "processor_anonymizer_", "processor_installation_", "exporter_collect_"}

func isOurs(name string) bool {
	return name == choiceFile || name == choiceCopy || name == lockFile || isTrace(name)
}

func isTrace(name string) bool {
	return slices.ContainsFunc(kinds, func(kind string) bool { return strings.HasPrefix(name, kind) })
}

// Traces are the files that an earlier life of this installation left, beside its
// choice. A first start that was cut short before it kept anything is none.
func (d Dir) Traces() []string {
	words := d.lockWords()
	if slices.Contains(words, unsettled) {
		return nil
	}
	entries, _ := os.ReadDir(string(d)) // what cannot be read was refused by Check
	var traces []string
	for _, entry := range entries {
		if isTrace(entry.Name()) || entry.Name() == lockFile {
			traces = append(traces, entry.Name())
		}
	}
	return traces
}

// Waiting are the files in which reports wait: a storage's part that belongs to a
// collect exporter's queue and holds items, or that cannot be read and may hold some.
func (d Dir) Waiting() []string {
	queues, _ := filepath.Glob(d.path("exporter_collect_*_metrics"))
	return slices.DeleteFunc(queues, func(path string) bool {
		items := false
		err := visit(path, func(key, _ []byte) error {
			_, notItem := strconv.ParseUint(string(key), 10, 64) // the Collector's queue numbers its items
			items = items || notItem == nil
			return nil
		})
		return err == nil && !items
	})
}

// DiscardWaiting removes what waits to be sent, unread: consent has ended. It
// makes and writes no file, and says what it removed.
func (d Dir) DiscardWaiting() (removed []string, err error) {
	var errs []error
	for _, path := range d.Waiting() {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
			continue
		}
		removed = append(removed, path)
	}
	return removed, errors.Join(errs...)
}

// DiscardDamaged removes the files that were found damaged and moved aside: what they
// held is withdrawn with the rest, and nothing else would ever touch them.
func (d Dir) DiscardDamaged() error {
	if !d.Known() {
		return nil
	}
	entries, err := os.ReadDir(string(d))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var errs []error
	for _, entry := range entries {
		if isTrace(entry.Name()) && strings.Contains(entry.Name(), statefile.Damaged) {
			errs = append(errs, os.Remove(d.path(entry.Name())))
		}
	}
	return errors.Join(errs...)
}
