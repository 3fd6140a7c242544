// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package built keeps below _build what tests install from registries, so that it is installed once.
package built // import "github.com/headcount-otel/headcount/internal/built"

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"testing"
)

// Once returns a folder below root/_build/kind that install filled, now or in an earlier run. What is pinned
// names the folder, so that other versions are installed anew. Several tests may ask at once: each fills a
// folder of its own, and the first to end moves it into place.
func Once(t testing.TB, root, kind, name, pinned string, install func(folder string)) string {
	t.Helper()
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(pinned))
	cache, err := filepath.Abs(filepath.Join(root, "_build", kind))
	if err != nil {
		t.Fatal(err)
	}
	made := filepath.Join(cache, fmt.Sprintf("%s-%x", name, hash.Sum32()))
	if _, err := os.Stat(made); err == nil {
		return made
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	unfinished, err := os.MkdirTemp(cache, "unfinished-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(unfinished)
	install(unfinished)
	if err := os.Rename(unfinished, made); err != nil {
		if _, other := os.Stat(made); other != nil { // else another test was quicker
			t.Fatal(err)
		}
	}
	return made
}
