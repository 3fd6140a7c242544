// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package installation

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/statedir"
)

// To open a pipe that nobody writes to would wait for ever.
func TestWhatIsNotToBeTrustedIsNotOpened(t *testing.T) {
	folder := t.TempDir()
	lock := filepath.Join(folder, "headcount.lock")
	require.NoError(t, syscall.Mkfifo(lock, 0o600))
	require.ErrorContains(t, free(statedir.Dir(folder)), lock+" is no regular file")
}
