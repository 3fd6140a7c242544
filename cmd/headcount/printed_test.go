// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestConfigIsPrintedAsItIsWritten: print-config shows what a profile says and nothing more, times with their units.
func TestConfigIsPrintedAsItIsWritten(t *testing.T) {
	t.Setenv("DATABASE_URL", "sqlite:///app.sqlite3")
	t.Setenv("HEADCOUNT_STATE_DIR", t.TempDir())
	for _, profile := range []string{"app:sql-explorer", "app:django"} {
		var printed bytes.Buffer
		require.NoError(t, execute(t, &printed, "print-config", "--config", profile), profile)
		assert.NotContains(t, printed.String(), "count_distinct: null", profile)
		assert.NotContains(t, printed.String(), "REDACTED", "%s names a variable, and no URL", profile)
		assert.NotRegexp(t, `: \d{10}`, printed.String(), profile)
	}
}
