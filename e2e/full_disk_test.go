// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/internal/porttest"
)

// smallDisk mounts a file system of so many bytes.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		debian.Lacks(t, "a file system of its own cannot be mounted (it takes root): %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(folder, syscall.MNT_DETACH)) })
	return folder
}

// fillUp writes a file until the disk has no room for another byte.
func fillUp(t *testing.T, name string) {
	t.Helper()
	file, err := os.Create(name)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	for size := 4096; size > 0; {
		if _, err := file.Write(make([]byte, size)); err != nil {
			require.ErrorIs(t, err, syscall.ENOSPC)
			size /= 2
		}
	}
}

// A disk that is full while the collector runs: it says so, stays up and sends nothing twice. What
// it accepted meanwhile leaves when there is room again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	state := smallDisk(t, 4<<20)
	makers, intake := newUnreliable(t, 1), porttest.Address(t)
	makers.calmDown()
	config := chaosConfig(t, makers.URL(), state, intake)
	run := func(installations []string, during func(d *distribution)) {
		feeding, stop := context.WithCancel(t.Context())
		var feeder sync.WaitGroup
		feeder.Go(func() { feed(feeding, "http://"+intake+"/v1/metrics", installations...) })
		defer feeder.Wait()
		defer stop()
		d := start(t, nil, "--config", config)
		d.says(t, "Everything is ready")
		during(d)
		d.stop(t)
		assert.NotContains(t, d.stderr.String(), "panic:")
	}
	accepted := func(installations []string) func() bool {
		return func() bool {
			for _, installation := range installations {
				if len(makers.acceptances(installation, "ONCE")) == 0 {
					return false
				}
			}
			return true
		}
	}
	all := append([]string{}, chaosInstallations...)
	for i := range 200 { // more than fit into what the files have of free pages
		all = append(all, fmt.Sprintf("late-%d", i))
	}

	run(chaosInstallations, func(*distribution) {
		require.Eventually(t, accepted(chaosInstallations), patience, 20*time.Millisecond)
	})
	filler := filepath.Join(state, "filler")
	fillUp(t, filler)
	run(all, func(d *distribution) {
		d.says(t, "no space left on device")
		time.Sleep(settled) // for what must not come
		assert.False(t, accepted(all)(), "what cannot be remembered is not sent")
		require.NoError(t, os.Remove(filler))
		require.Eventually(t, accepted(all), patience, 20*time.Millisecond, "with room again it goes on: %s", makers)
	})
	run(all, func(*distribution) { time.Sleep(2 * settled) }) // what is still queued would be sent again now
	for _, installation := range all {
		assert.Len(t, makers.acceptances(installation, "ONCE"), 1, installation)
	}
}
