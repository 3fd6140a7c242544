// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package statedir

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheStateFolderIsTheSameWhereverTheProgramIsStarted(t *testing.T) {
	here := t.TempDir()
	t.Chdir(here)
	here, err := os.Getwd()
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		env  map[string]string
		want string
	}{
		"said":                    {map[string]string{"HEADCOUNT_STATE_DIR": "/said", "STATE_DIRECTORY": "/systemd", "XDG_STATE_HOME": "/xdg", "HOME": "/home/ann"}, "/said"},
		"said, relative":          {map[string]string{"HEADCOUNT_STATE_DIR": "state"}, filepath.Join(here, "state")},
		"of systemd":              {map[string]string{"STATE_DIRECTORY": "/systemd", "XDG_STATE_HOME": "/xdg", "HOME": "/home/ann"}, "/systemd"},
		"the first of systemd's":  {map[string]string{"STATE_DIRECTORY": "/one:/two"}, "/one"},
		"of the desktop":          {map[string]string{"XDG_STATE_HOME": "/xdg", "HOME": "/home/ann"}, "/xdg/headcount"},
		"of the desktop, garbled": {map[string]string{"XDG_STATE_HOME": "xdg", "HOME": "/home/ann"}, "/home/ann/.local/state/headcount"},
		"of the user":             {map[string]string{"HOME": "/home/ann"}, "/home/ann/.local/state/headcount"},
	} {
		dir, note, err := Default(func(name string) string { return tt.env[name] })
		require.NoError(t, err, name)
		assert.Equal(t, Dir(tt.want), dir, name)
		assert.Empty(t, note, name)
	}
	for _, asWritten := range []string{"~/state", `"/state"`, "'/state'", "$HOME/state", "%S/headcount", " /state", "/state "} {
		_, _, err := Default(func(name string) string { return map[string]string{Variable: asWritten}[name] })
		require.ErrorContains(t, err, "is taken as it is written", "no shell was there to read it")
	}
	dir, _, err := Default(func(string) string { return "" })
	require.NoError(t, err)
	assert.True(t, filepath.IsAbs(string(dir)), "cron sets no HOME")
}

func TestAFolderFromBeforeIsUsedAndSaid(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir(".headcount", 0o700))
	old, err := filepath.Abs(".headcount")
	require.NoError(t, err)
	home := t.TempDir()
	getenv := func(name string) string { return map[string]string{"HOME": home}[name] }
	now := filepath.Join(home, ".local", "state", "headcount")

	dir, note, err := Default(getenv)
	require.NoError(t, err)
	assert.Equal(t, Dir(old), dir, "neither a choice nor an identity is lost")
	assert.Contains(t, note, old)
	assert.Contains(t, note, now, "and where to move it")

	require.NoError(t, os.MkdirAll(now, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(now, "exporter_collect_"), nil, 0o600))
	dir, note, err = Default(getenv)
	require.NoError(t, err)
	assert.Equal(t, Dir(now), dir)
	assert.Contains(t, note, old+" is a state folder from before, and is not used")

	dir, note, err = Default(func(name string) string { return map[string]string{"HEADCOUNT_STATE_DIR": "/said"}[name] })
	require.NoError(t, err)
	assert.Equal(t, Dir("/said"), dir)
	assert.Empty(t, note)
}
