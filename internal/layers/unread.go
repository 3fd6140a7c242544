// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/headcount-otel/headcount/apps"
	"github.com/headcount-otel/headcount/internal/spelling"
)

// unread is the error of a file that cannot be read, with what to write instead.
func unread(uri string, err error) error {
	path := strings.TrimPrefix(uri, "file:")
	remedy := ""
	switch {
	case errors.Is(err, syscall.EISDIR):
		remedy = "write a --config for each file in it, in their order"
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case path == "":
		return errors.New("--config: names nothing: write app:NAME or file:PATH")
	case strings.HasPrefix(path, "//"):
		remedy = "write file:" + strings.TrimLeft(path, "/") + " for a file in this folder, and file:/… for a whole path"
	case apps.Has(uri):
		remedy = "write app:" + uri + " for the profile of this name"
	case strings.ContainsAny(path, "*?,"):
		remedy = "the name is taken as it is written, so write a --config for each file"
	case strings.ContainsAny(path, "~$\"'") || strings.TrimSpace(path) != path:
		remedy = "the name is taken as it is written, with ~, $, quotes and blanks: write the whole path"
	default:
		if beside := nearestFile(path); beside != "" {
			remedy = "there is " + beside
		}
	}
	if remedy == "" {
		return err
	}
	return fmt.Errorf("%w: %s", err, remedy)
}

// nearestFile is the one in the same folder that is spelt almost the same; empty where there is none.
func nearestFile(path string) string {
	folder, name := filepath.Split(path)
	entries, _ := os.ReadDir(filepath.Clean(folder))
	var names []string
	for _, entry := range entries {
		if stem(entry.Name()) == stem(name) && strings.HasPrefix(filepath.Ext(entry.Name()), ".y") {
			return folder + entry.Name()
		}
		names = append(names, entry.Name())
	}
	if meant := spelling.Slip(name, names); meant != "" {
		return folder + meant
	}
	return ""
}

// stem is a name without what tells the kind of file: site of site.yml.
func stem(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }
