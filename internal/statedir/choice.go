// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package statedir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// The operator's choice lies twice, so that no single accident to a file loses it.
const (
	choiceFile = "consent.json"
	choiceCopy = "consent.copy.json"
)

// Choices are the paths of the choice's copies.
func (d Dir) Choices() []string { return []string{d.path(choiceFile), d.path(choiceCopy)} }

// kept are those of the copies that are there.
func (d Dir) kept() []string {
	return slices.DeleteFunc(d.Choices(), func(path string) bool { return !exists(path) })
}

// Read returns a small file's content; nil when there is none.
func Read(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return content, err
}

// Write replaces a small file as a whole: when it returns nil, the new content
// survives a power cut, and until then the old one does.
func Write(path string, content []byte) (err error) {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	next, err := os.CreateTemp(folder, "."+filepath.Base(path)+".")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(next.Name())
		}
	}()
	_, err = next.Write(content)
	err = errors.Join(err, next.Sync(), next.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(next.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

func syncFolder(folder string) error {
	opened, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer opened.Close()
	if err := opened.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, fs.ErrPermission) {
		return err // where folders cannot be synced, as on Windows, there is nothing to do
	}
	return nil
}
