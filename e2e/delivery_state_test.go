// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/internal/porttest"
)

// delivered runs a gateway until each installation's stats have been accepted once, and stops it.
func delivered(t *testing.T, makers *unreliable, state, intake string) {
	t.Helper()
	feeding, stop := context.WithCancel(t.Context())
	var feeder sync.WaitGroup
	feeder.Go(func() { feed(feeding, "http://"+intake+"/v1/metrics", chaosInstallations...) })
	defer func() { stop(); feeder.Wait() }()
	d := start(t, nil, "--config", chaosConfig(t, makers.URL(), state, intake))
	d.says(t, "Everything is ready")
	require.Eventually(t, func() bool {
		for _, installation := range chaosInstallations {
			if len(makers.acceptances(installation, "ONCE")) == 0 {
				return false
			}
		}
		return true
	}, patience, 20*time.Millisecond)
	time.Sleep(settled / 4) // for what must not come
	d.stop(t)
}

// A torn file would end the process inside the library of the storage. It is moved
// aside, which is said, and nothing that was accepted is sent at once a second time.
func TestTornState(t *testing.T) {
	t.Parallel()
	makers, state, intake := newUnreliable(t, 1), t.TempDir(), porttest.Address(t)
	makers.calmDown()
	delivered(t, makers, state, intake)
	torn := filepath.Join(state, "exporter_collect_")
	content, err := os.ReadFile(torn)
	require.NoError(t, err)
	for i := 2 * os.Getpagesize(); i < len(content); i++ {
		content[i] = 0xff // all behind the two pages that say where the rest is
	}
	require.NoError(t, os.WriteFile(torn, content, 0o600))

	d := start(t, nil, "--config", chaosConfig(t, makers.URL(), state, intake))
	d.says(t, "A damaged file was moved aside")
	d.says(t, "Everything is ready")
	d.stop(t)
	aside, err := filepath.Glob(torn + ".damaged-*")
	require.NoError(t, err)
	require.Len(t, aside, 1)
	for _, installation := range chaosInstallations {
		assert.Len(t, makers.acceptances(installation, "ONCE"), 1, "each stat rests for one interval")
	}
}

// A state folder that lost its write permission is said at the start, and nothing is sent anew.
func TestStateWithoutWritePermission(t *testing.T) {
	t.Parallel()
	makers, state, intake := newUnreliable(t, 1), t.TempDir(), porttest.Address(t)
	makers.calmDown()
	delivered(t, makers, state, intake)
	files, err := filepath.Glob(filepath.Join(state, "*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		require.NoError(t, os.Chmod(file, 0o444))
	}
	require.NoError(t, os.Chmod(state, 0o555))
	t.Cleanup(func() { _ = os.Chmod(state, 0o755) })

	d := startAsNobody(t, "--config", chaosConfig(t, makers.URL(), state, intake))
	d.ends(t)
	require.Error(t, d.err)
	assert.Contains(t, d.stderr.String(), "permission denied")
	assert.Contains(t, d.stderr.String(), `storage: "file_storage" cannot be opened`)
	for _, installation := range chaosInstallations {
		assert.Len(t, makers.acceptances(installation, "ONCE"), 1)
	}
}

// startAsNobody runs the binary as a user without rights, where this one is root, whom no permission stops.
func startAsNobody(t *testing.T, args ...string) *distribution {
	t.Helper()
	if os.Getuid() != 0 {
		return start(t, nil, args...)
	}
	debian.NeedsProgram(t, "setpriv", "util-linux")
	binary := filepath.Join(t.TempDir(), "headcount")
	content, err := os.ReadFile(filepath.Join(root, "_build", "headcount"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(binary, content, 0o755))
	for folder := filepath.Dir(binary); folder != os.TempDir() && folder != "/"; folder = filepath.Dir(folder) {
		require.NoError(t, os.Chmod(folder, 0o755))
	}
	return startCommand(t, nil, append([]string{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", binary}, args...)...)
}
