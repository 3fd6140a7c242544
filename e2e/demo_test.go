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
	run := exec.Command("make", "-s", "-C", root, "run")
	run.Env = append(os.Environ(), "DO_NOT_TRACK=1") // nothing leaves the machine, so there is nothing to opt out of
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var screen output
	run.Stdout, run.Stderr = &screen, &screen
	require.NoError(t, run.Start())
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	t.Cleanup(func() { _ = syscall.Kill(-run.Process.Pid, syscall.SIGKILL) })

	require.Eventually(t, func() bool {
		return strings.Count(screen.String(), "Arrived") == 2 && strings.Count(screen.String(), "answered 200") == 2
	}, patience, 50*time.Millisecond, &screen)
	shown := screen.String()
	assert.Contains(t, shown, "Ctrl-C ends it")
	assert.Regexp(t, `explorer\.query_log\.count +1550 +rounded to 100.* +1600\n`, shown, "raw beside what leaves")
	assert.Contains(t, shown, `"total_log_count":1600`)
	assert.Contains(t, shown, "Sent to 127.0.0.1:4390, answered 200")

	select {
	case err := <-ended:
		require.Fail(t, "it runs on until Ctrl-C", "%v", err)
	case <-time.After(settled):
	}
	require.NoError(t, syscall.Kill(-run.Process.Pid, syscall.SIGINT))
	<-ended
}
