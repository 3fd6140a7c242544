// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package parity

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	patience = 2 * time.Minute
	settled  = 300 * time.Millisecond // what is one too many would come in this time
)

// scrape runs the distribution as an operator would, until it has sent so many reports.
func scrape(t *testing.T, makers *recorder, sender string, overlays []string, env map[string]string, expected int) []report {
	t.Helper()
	args := []string{"--config", "app:sql-explorer", "--set", "receivers::appusage::initial_delay=0s"}
	for _, overlay := range overlays {
		args = append(args, "--config", overlay)
	}
	headcount := exec.Command(filepath.Join(root, "_build", "headcount"), args...)
	headcount.Dir = t.TempDir()
	for name, value := range env {
		headcount.Env = append(headcount.Env, name+"="+value)
	}
	headcount.Env = append(headcount.Env, "EXPLORER_COLLECT_ENDPOINT_URL="+makers.url+sender, "HEADCOUNT_PAGE=127.0.0.1:0", "HEADCOUNT_STATE_DIR="+headcount.Dir)
	var log bytes.Buffer
	headcount.Stdout, headcount.Stderr = &log, &log
	require.NoError(t, headcount.Start())
	ended := make(chan error, 1)
	go func() { ended <- headcount.Wait() }()

	deadline := time.After(patience)
	stopping := false
	stop := func() {
		stopping = true
		_ = headcount.Process.Signal(syscall.SIGTERM)
	}
	var calm <-chan time.Time
	for {
		reports, _, changed := makers.from(sender)
		if len(reports) >= expected && calm == nil {
			calm = time.After(settled)
		}
		select {
		case <-changed:
		case <-calm:
			stop()
		case <-deadline:
			if stopping {
				_ = headcount.Process.Kill()
			}
			stop()
			deadline = time.After(patience)
		case err := <-ended:
			reports, faults, _ := makers.from(sender)
			require.Empty(t, faults)
			require.NoError(t, err, &log)
			if len(reports) != expected {
				t.Logf("headcount sent %d reports, not %d:\n%s", len(reports), expected, &log)
			}
			return reports
		}
	}
}
