// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package filesource

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
)

func TestRead(t *testing.T) {
	for name, text := range map[string]string{
		"version.json": `{"app": {"version": "5.3"}}`,
		"version.yml":  "app: {version: '5.3'}",
		"version.toml": "[app]\nversion = '5.3'",
	} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		format, err := FormatOf(path)
		require.NoError(t, err)
		read, err := Read(t.Context(), path, format)
		require.NoError(t, err)
		at, err := document.ParsePointer("/app/version")
		require.NoError(t, err)
		value, err := read.Value(at)
		require.NoError(t, err)
		assert.Equal(t, "5.3", value)
	}
}

func TestFormatOf(t *testing.T) {
	for path, format := range map[string]document.Format{
		"/a/b.json": document.JSON, "b.YAML": document.YAML, "b.yml": document.YAML, "pyproject.toml": document.TOML,
		"/app/.env": document.Dotenv, ".env.production": document.Dotenv, "settings.env": document.Dotenv, "x.dotenv": document.Dotenv,
		"/app/VERSION": document.Text, "version.txt": document.Text, "a.ini": "ini", "setup.cfg": "ini", "app.properties": "properties",
		"Info.plist": "plist", "tsconfig.jsonc": "jsonc",
	} {
		found, err := FormatOf(path)
		require.NoError(t, err)
		assert.Equal(t, format, found, path)
	}
	for _, path := range []string{"", "/app/VERSIONS", "nginx.conf", "/json"} {
		_, err := FormatOf(path)
		require.ErrorContains(t, err, "one of json, jsonc, yaml", path)
	}
}

// TestRefused is about paths behind which there is no small regular file; none of them makes the reader wait.
func TestRefused(t *testing.T) {
	folder := t.TempDir()
	pipe := filepath.Join(folder, "pipe.json")
	require.NoError(t, unix.Mkfifo(pipe, 0o600))
	long := filepath.Join(folder, "long.json")
	require.NoError(t, os.WriteFile(long, []byte(`"`+strings.Repeat("x", MaxBytes)+`"`), 0o600))
	huge := filepath.Join(folder, "huge.json")
	require.NoError(t, os.WriteFile(huge, nil, 0o600))
	require.NoError(t, os.Truncate(huge, 1<<40))
	damaged := filepath.Join(folder, "damaged.json")
	require.NoError(t, os.WriteFile(damaged, []byte(`{"password": hunter2}`), 0o600))
	for path, says := range map[string]string{
		filepath.Join(folder, "missing.json"): "does not exist",
		filepath.Join(long, "below.json"):     "cannot be read",
		folder:                                "no regular file",
		pipe:                                  "no regular file",
		"/dev/zero":                           "no regular file",
		long:                                  "1 MiB",
		huge:                                  "1 MiB",
		damaged:                               "no JSON",
	} {
		_, err := Read(t.Context(), path, document.JSON)
		require.ErrorContains(t, err, says, path)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}
