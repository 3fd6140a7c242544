// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package statedir

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// life is one run in the folder, which ends before or after the choice is kept.
func life(t *testing.T, dir Dir, keeps bool) {
	t.Helper()
	lock, err := dir.Lock()
	require.NoError(t, err)
	if keeps {
		require.NoError(t, Write(dir.Choices()[0], []byte("a choice")))
	}
	require.NoError(t, lock.Settle())
	require.NoError(t, lock.Unlock())
}

func TestALockTellsOfAnEarlierLife(t *testing.T) {
	removed := func(t *testing.T, dir Dir, name string) { require.NoError(t, os.Remove(dir.path(name))) }
	for name, tt := range map[string]struct {
		befalls func(t *testing.T, dir Dir)
		traces  []string
	}{
		"nothing": {func(*testing.T, Dir) {}, nil},
		"a first start that was cut short": {func(t *testing.T, dir Dir) {
			life(t, dir, false)
			require.NoError(t, os.WriteFile(dir.path("extension_headcount_"), nil, 0o600))
		}, nil},
		"two of them": {func(t *testing.T, dir Dir) { life(t, dir, false); life(t, dir, false) }, nil},
		"a life, and then everything else is removed": {func(t *testing.T, dir Dir) {
			life(t, dir, true)
			removed(t, dir, choiceFile)
		}, []string{lockFile}},
		"a life after one that was cut short": {func(t *testing.T, dir Dir) {
			life(t, dir, false)
			life(t, dir, true)
			removed(t, dir, choiceFile)
		}, []string{lockFile}},
		"a lock that is emptied": {func(t *testing.T, dir Dir) {
			require.NoError(t, os.WriteFile(dir.path(lockFile), nil, 0o600))
		}, []string{lockFile}},
		"a lock of a version before": {func(t *testing.T, dir Dir) {
			require.NoError(t, os.WriteFile(dir.path(lockFile), []byte("1234\n"), 0o600))
			life(t, dir, false)
		}, []string{lockFile}},
		"a life whose lock is removed": {func(t *testing.T, dir Dir) {
			require.NoError(t, os.WriteFile(dir.path("exporter_collect_"), nil, 0o600))
			life(t, dir, false)
		}, []string{"exporter_collect_", lockFile}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := Dir(t.TempDir())
			tt.befalls(t, dir)
			assert.Equal(t, tt.traces, dir.Traces())
		})
	}
}
