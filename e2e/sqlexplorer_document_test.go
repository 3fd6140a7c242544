// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var combined = regexp.MustCompile(`--config app:[a-z0-9.-]+(?: --config app:[a-z0-9.-]+)*`)

// Each combination of profiles that docs/sql-explorer.md names is one without a fault or a warning,
// also with strict, which it says goes before a version.
func TestProfilesInTheDocumentOnSQLExplorer(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile(filepath.Join(root, "docs", "sql-explorer.md"))
	require.NoError(t, err)
	combinations := combined.FindAllString(string(document), -1)
	require.Greater(t, len(combinations), 5)
	for _, combination := range combinations {
		args := strings.Fields(combination)
		strict := append([]string{args[0], args[1], "--config", "app:strict"}, args[2:]...)
		for _, args := range [][]string{args, strict} {
			printed, failed := validate(t, args...)
			assert.False(t, failed, "%s: %s", args, printed)
			assert.Empty(t, printed, args)
		}
	}
}
