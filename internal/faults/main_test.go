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
	"go.yaml.in/yaml/v3"
)

// What the tables name stands once in its file, so that a change that moves it changes the table with it.
func TestFaultsCanBePlanted(t *testing.T) {
	root := filepath.Join("..", "..")
	standsOnce := func(file, text string) {
		t.Helper()
		source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		require.NoError(t, err)
		assert.Equal(t, 1, strings.Count(string(source), text), "%s: %s", file, text)
	}
	var faults []fault
	require.NoError(t, yaml.Unmarshal(table, &faults))
	for _, f := range faults {
		standsOnce(f.File, f.Old)
	}
	mutants, err := os.ReadFile(filepath.Join(root, "tools", "mutants"))
	require.NoError(t, err)
	for line := range strings.Lines(string(mutants)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, " | ")
		require.Len(t, parts, 4, line)
		standsOnce(parts[0], parts[1])
	}
}
