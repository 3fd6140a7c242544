// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func withFiles(t *testing.T, path string, files map[string]string) module {
	t.Helper()
	m := module{Path: path, Version: "v1.0.0", Dir: t.TempDir()}
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(m.Dir, name), []byte(text), 0o600))
	}
	return m
}

// A text stands once, below all modules that it covers; what is no licence stands nowhere.
func TestEachTextOnce(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, write(&out, []module{
		withFiles(t, "example.com/a", map[string]string{"LICENSE": "one\r\n", "README.md": "readme", "license.go": "package a"}),
		withFiles(t, "example.com/b", map[string]string{"COPYING.txt": "one", "NOTICE": "noted"}),
	}))
	assert.Equal(t, 1, strings.Count(out.String(), "one\n"))
	assert.Contains(t, out.String(), "example.com/a v1.0.0: https://pkg.go.dev/example.com/a@v1.0.0\nexample.com/b v1.0.0: ")
	assert.Contains(t, out.String(), "example.com/b@v1.0.0\n\nnoted\n")
	assert.NotContains(t, out.String(), "readme")
	assert.NotContains(t, out.String(), "package a")
}

func TestAModuleWithoutALicence(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	assert.EqualError(t, write(&out, []module{withFiles(t, "example.com/a", nil)}), "no licence found of example.com/a")
	assert.Empty(t, out.String())
}
