// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A command that somebody copies from the man page stands on a line of its own.
func TestCommandsKeepTheirLines(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, write("1.2.3", folder))
	page, err := os.ReadFile(filepath.Join(folder, "headcount.1"))
	require.NoError(t, err)
	assert.Regexp(t, `(?m)^headcount .*app:sql-explorer .*app:preview$`, string(page))
	assert.Regexp(t, `(?m)^app:base +\S`, string(page))
}
