// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
)

// traceGoApp runs the example program under strace for a visit and its end, which is
// when it reports. The endpoint's host is a name, so that a look-up would be seen.
func traceGoApp(t *testing.T, signals environment) (connects []string, state string) {
	t.Helper()
	debian.NeedsProgram(t, "strace", "strace")
	binary, err := goApp()
	require.NoError(t, err)
	calls, state := filepath.Join(t.TempDir(), "calls"), filepath.Join(t.TempDir(), "state")
	env := environment{"SHOP_COLLECT_URL": "https://collect.example.invalid/stat", "SHOP_STATE_DIR": state}
	maps.Copy(env, signals)
	traced := func() (string, error) { return binary, nil }
	d, visit := startExample(t, traced, env, "strace", "-f", "-qq", "-s", "256", "-e", "trace=network", "-o", calls)
	shopping(visit)
	require.NoError(t, d.signal(syscall.SIGTERM))
	d.ends(t)
	text, err := os.ReadFile(calls)
	require.NoError(t, err)
	return connect.FindAllString(string(text), -1), state
}

func TestTheGoAppIsOffWhenItIsOff(t *testing.T) {
	t.Parallel()
	for name, env := range map[string]environment{
		"do not track":         {"DO_NOT_TRACK": "1"},
		"headcount's mode":     {"HEADCOUNT_MODE": "off"},
		"local":                {"HEADCOUNT_MODE": "local"},
		"the app's own switch": {"SHOP_STATISTICS": "no"},
		"the most careful":     {"HEADCOUNT_MODE": "on", "DO_NOT_TRACK": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connects, state := traceGoApp(t, env)
			assert.Empty(t, connects, "connections and look-ups")
			assert.NoDirExists(t, state)
		})
	}
	t.Run("on", func(t *testing.T) {
		t.Parallel()
		connects, state := traceGoApp(t, nil)
		assert.NotEmpty(t, connects, "the look-up that the others must not make")
		assert.DirExists(t, state)
	})
}
