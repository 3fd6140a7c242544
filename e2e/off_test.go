// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
)

// traced is what a process did, as its system calls tell.
type traced struct {
	log          string
	connects     []string
	openDatabase bool
	state        string
	ended        error
}

var (
	connect = regexp.MustCompile(`(?m)^.*(?:connect|sendto|sendmsg|sendmmsg)\([^\n]*sa_family=AF_INET[^\n]*$`)
	opening = regexp.MustCompile(`(?m)^.*open(?:at)?\([^\n]*app\.sqlite3[^\n]*$`)
)

// trace runs the profile over a site for three intervals under strace, from when it has done what is awaited. The
// endpoint's host is a name, so that a look-up would be seen; nothing listens for it.
func trace(t *testing.T, signals environment, awaited ...*regexp.Regexp) traced {
	t.Helper()
	debian.NeedsProgram(t, "strace", "strace")
	calls, state := filepath.Join(t.TempDir(), "calls"), t.TempDir()
	env := environment{
		"DATABASE_URL":                  "sqlite:///" + filepath.Join(root, "testdata", "golden", "02-typical", "app.sqlite3"),
		"EXPLORER_COLLECT_ENDPOINT_URL": "https://collect.example.invalid/stat",
		"HEADCOUNT_STATE_DIR":           state,
		"HEADCOUNT_PAGE":                "127.0.0.1:0",
	}
	maps.Copy(env, signals)
	d := startCommand(t, env, append([]string{
		"strace", "-f", "-qq", "-s", "256", "-e", "trace=network,open,openat,creat", "-o", calls,
		filepath.Join(root, "_build", "headcount"), "--set", "receivers::appusage::collection_interval=500ms",
	}, sqlExplorer...)...)
	d.says(t, "Everything is ready")
	awaitCalls(t, calls, awaited...)
	time.Sleep(1500*time.Millisecond + settled) // three intervals, for what must not come
	d.stop(t)
	text, err := os.ReadFile(calls)
	require.NoError(t, err)
	return traced{
		log:          d.stderr.String(),
		connects:     connect.FindAllString(string(text), -1),
		openDatabase: opening.Match(text),
		state:        state,
	}
}

// awaitCalls waits until strace has written down a call of each kind.
func awaitCalls(t *testing.T, file string, awaited ...*regexp.Regexp) {
	t.Helper()
	for _, call := range awaited {
		require.Eventually(t, func() bool {
			text, err := os.ReadFile(file)
			return err == nil && call.Match(text)
		}, patience, 20*time.Millisecond, call.String())
	}
}

func TestOffMeansOff(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]struct {
		env  environment
		said string
	}{
		"the app's own switch": {environment{"EXPLORER_ENABLE_ANONYMOUS_STATS": "False"}, "EXPLORER_ENABLE_ANONYMOUS_STATS"},
		"do not track":         {environment{"DO_NOT_TRACK": "1"}, "DO_NOT_TRACK"},
		"headcount's mode":     {environment{"HEADCOUNT_MODE": "off"}, "HEADCOUNT_MODE"},
		"the most careful":     {environment{"HEADCOUNT_MODE": "on", "DO_NOT_TRACK": "true"}, "DO_NOT_TRACK"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := trace(t, signal.env)
			assert.Empty(t, got.connects, "connections and look-ups")
			assert.False(t, got.openDatabase, "the database was opened")
			assert.Contains(t, got.log, signal.said)
			assert.Contains(t, got.log, "Usage statistics are off")
			assert.Empty(t, stateOf(t, got.state, "appusage"), "the receiver's id and cursors")
			assert.Empty(t, stateOf(t, got.state, "anonymizer"), "the anonymizer's secret")
		})
	}
}

func TestLocalReadsAndSendsNothing(t *testing.T) {
	t.Parallel()
	got := trace(t, environment{"HEADCOUNT_MODE": "local"}, opening)
	assert.Empty(t, got.connects)
	assert.True(t, got.openDatabase, "the database is read")
	assert.Contains(t, got.log, "Usage statistics are local")
}

func TestOtherValuesChangeNothing(t *testing.T) {
	t.Parallel()
	for name, env := range map[string]environment{
		"unset": {},
		"other": {"DO_NOT_TRACK": "0", "EXPLORER_ENABLE_ANONYMOUS_STATS": "True", "HEADCOUNT_MODE": ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := trace(t, env, opening, connect)
			assert.NotEmpty(t, got.connects, "the look-up that the other tests must not see")
			assert.True(t, got.openDatabase)
			assert.Contains(t, got.log, "Usage statistics are on")
		})
	}
}

// stateOf lists the state files of one component.
func stateOf(t *testing.T, folder, component string) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.Contains(entry.Name(), component) {
			files = append(files, path)
		}
		return err
	}))
	return files
}
