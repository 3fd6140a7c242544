// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The first minute of a newcomer: what was read, what was sent and what arrived stand on the screen.
func TestMakeRun(t *testing.T) {
	t.Parallel()
	demo := &distribution{cmd: exec.Command("make", "-s", "-C", root, "run")}
	demo.cmd.Env = append(os.Environ(), "DO_NOT_TRACK=1") // nothing leaves the machine, so there is nothing to opt out of
	screen := &demo.stdout
	demo.cmd.Stdout, demo.cmd.Stderr = screen, screen
	demo.launch(t)

	require.Eventually(t, func() bool {
		return strings.Count(screen.String(), "Arrived") == 2 && strings.Count(screen.String(), "answered 200") == 2
	}, patience, 50*time.Millisecond, screen)
	shown := screen.String()
	assert.Contains(t, shown, "Ctrl-C ends it")
	assert.Regexp(t, `explorer\.query_log\.count +1550 +rounded to 100.* +1600\n`, shown, "raw beside what leaves")
	assert.Contains(t, shown, `"total_log_count":1600`)
	assert.Contains(t, shown, "Sent to 127.0.0.1:4390, answered 200")

	select {
	case <-demo.done:
		require.Fail(t, "it runs on until Ctrl-C", "%v", demo.err)
	case <-time.After(settled):
	}
	require.NoError(t, demo.signal(syscall.SIGINT))
	demo.ends(t)
}
