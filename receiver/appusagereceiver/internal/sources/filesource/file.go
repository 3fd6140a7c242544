// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package filesource reads figures that an application writes into a file.
package filesource // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/filesource"

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// MaxBytes is the longest file that is read.
const MaxBytes = 1 << 20

var (
	errMissing   = &source.Error{Reason: "the file does not exist", SessionLost: true}
	errForbidden = &source.Error{Reason: "the file may not be read: check its permissions and those of its folders", SessionLost: true}
	errIrregular = &source.Error{Reason: "it is no regular file", SessionLost: true}
	errTooLarge  = &source.Error{Reason: "the file is longer than 1 MiB", SessionLost: true}
	errRead      = &source.Error{Reason: "the file cannot be read", SessionLost: true}
)

// Formats are the names of all formats.
var Formats = conf.WordsOf(document.Formats...)

// extensions are those that are not their format's name.
var extensions = map[string]document.Format{"yml": document.YAML, "txt": document.Text, "cfg": "ini"}

// FormatOf tells a file's format by its name.
func FormatOf(path string) (document.Format, error) {
	name := strings.ToLower(filepath.Base(path))
	extension := strings.TrimPrefix(filepath.Ext(name), ".")
	format, isOther := extensions[extension]
	switch {
	case name == ".env" || strings.HasPrefix(name, ".env.") || extension == "env":
		return document.Dotenv, nil
	case isOther:
		return format, nil
	case slices.Contains(document.Formats, document.Format(extension)):
		return document.Format(extension), nil
	case name == "version":
		return document.Text, nil
	default:
		return "", fmt.Errorf("the name %q does not tell the format: write `format:` with one of %s", filepath.Base(path), Formats)
	}
}

// Read reads and parses a file. No error of it repeats anything of the file.
func Read(ctx context.Context, path string, format document.Format) (document.Document, error) {
	// Without O_NONBLOCK, opening a named pipe would wait for someone to write to it.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return document.Document{}, errMissing
	case errors.Is(err, os.ErrPermission):
		return document.Document{}, errForbidden
	case err != nil:
		return document.Document{}, errRead
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return document.Document{}, errIrregular
	}
	data, err := whole(file, moment(ctx))
	switch {
	case err != nil:
		return document.Document{}, err
	case len(data) > MaxBytes:
		return document.Document{}, errTooLarge
	}
	return document.Parse(format, data)
}
