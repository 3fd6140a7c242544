// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package statedir

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
	"go.opentelemetry.io/collector/component"
)

func folder(t *testing.T) Dir {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.Mkdir(path, 0o700))
	return Dir(path)
}

func TestAFolderOfOurOwnIsFine(t *testing.T) {
	dir := folder(t)
	for _, name := range []string{"processor_anonymizer_", "consent.json", "a.note"} {
		require.NoError(t, os.WriteFile(dir.path(name), nil, 0o600))
	}
	require.NoError(t, dir.Check())
	require.NoError(t, Dir("").Check())
	require.NoError(t, Dir(dir.path("not made yet")).Check())
	link := Dir(filepath.Join(t.TempDir(), "link"))
	require.NoError(t, os.Symlink(string(dir), string(link)))
	require.NoError(t, link.Check(), "as systemd makes it for a user of its own")
}

func TestAFolderThatOthersCouldHaveWrittenIsRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(dir Dir) error
		want   string
	}{
		"everybody may write there": {func(dir Dir) error { return os.Chmod(string(dir), 0o777) }, "can be written by every user (mode 0777)"},
		"a file that everybody may write": {func(dir Dir) error {
			if err := os.WriteFile(dir.path("processor_anonymizer_"), nil, 0o600); err != nil {
				return err
			}
			return os.Chmod(dir.path("processor_anonymizer_"), 0o666)
		}, "can be written by every user (mode 0666)"},
		"a secret that lies elsewhere": {func(dir Dir) error { return os.Symlink("/etc/hostname", dir.path("processor_anonymizer_")) }, "is a symbolic link"},
		"a choice that lies elsewhere": {func(dir Dir) error { return os.Symlink("/etc/hostname", dir.path("consent.json")) }, "is a symbolic link"},
		"a folder for a file":          {func(dir Dir) error { return os.Mkdir(dir.path("consent.json"), 0o700) }, "is no regular file"},
		"a file for the folder": {func(dir Dir) error {
			if err := os.Remove(string(dir)); err != nil {
				return err
			}
			return os.WriteFile(string(dir), nil, 0o600)
		}, "is no folder"},
	} {
		dir := folder(t)
		require.NoError(t, tt.change(dir), name)
		assert.ErrorContains(t, dir.Check(), tt.want, name)
	}
}

func TestAFolderOfAnotherUserIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	dir := folder(t)
	require.NoError(t, os.Chown(string(dir), 12345, 12345))
	assert.ErrorContains(t, dir.Check(), "belongs to user 12345")
}

func TestDiscardWaitingTakesTheQueueAlone(t *testing.T) {
	dir := folder(t)
	for name, keys := range map[string][]string{
		"exporter_collect__metrics": {"ri", "wi", "qmv0", "0", "1"}, "exporter_collect_makers_metrics": {"17"}, "exporter_collect_empty_metrics": {"ri", "wi", "qmv0"},
		"exporter_collect_": {"1"}, "exporter_collect_metrics": {"1"}, "extension_headcount_": {"1"}, "exporter_otlp_http__metrics": {"1"},
	} {
		stored(t, dir.path(name), keys...)
	}
	require.NoError(t, os.WriteFile(dir.path("exporter_collect_torn_metrics"), []byte("torn"), 0o600))
	removed, err := dir.DiscardWaiting()
	require.NoError(t, err)
	assert.Equal(t, []string{dir.path("exporter_collect__metrics"), dir.path("exporter_collect_makers_metrics"), dir.path("exporter_collect_torn_metrics")}, removed)
	assert.FileExists(t, dir.path("exporter_collect_empty_metrics"), "in which nothing waits")
	assert.FileExists(t, dir.path("exporter_collect_"), "when each stat was last accepted stays known")
	assert.FileExists(t, dir.path("exporter_collect_metrics"))
	assert.FileExists(t, dir.path("exporter_otlp_http__metrics"), "and what is not ours stays")
	removed, err = Dir(dir.path("absent")).DiscardWaiting()
	require.NoError(t, err)
	assert.Empty(t, removed)
}

// stored makes a file as a file storage does.
func stored(t *testing.T, path string, keys ...string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(bucket)
		for _, key := range keys {
			err = errors.Join(err, b.Put([]byte(key), []byte("value")))
		}
		return err
	}))
	require.NoError(t, db.Close())
}

func TestRecordsAreReadWithoutWriting(t *testing.T) {
	dir, owner := folder(t), component.MustNewIDWithName("headcount", "a/b")
	stored(t, dir.path("extension_headcount_a~002Fb"), "switch")
	before, err := os.ReadFile(dir.path("extension_headcount_a~002Fb"))
	require.NoError(t, err)
	records, err := dir.Records(t.Context(), component.KindExtension, owner)
	require.NoError(t, err)
	value, err := records.Get(t.Context(), "switch")
	require.NoError(t, err)
	assert.Equal(t, "value", string(value))
	require.NoError(t, records.Set(t.Context(), "switch", []byte("other")))
	after, err := os.ReadFile(dir.path("extension_headcount_a~002Fb"))
	require.NoError(t, err)
	assert.Equal(t, before, after)

	none, err := dir.Records(t.Context(), component.KindExtension, component.MustNewID("headcount"))
	require.NoError(t, err)
	value, err = none.Get(t.Context(), "switch")
	require.NoError(t, err)
	assert.Nil(t, value)
	require.NoError(t, os.WriteFile(dir.path("extension_headcount_"), before[:len(before)/2], 0o600))
	_, err = dir.Records(t.Context(), component.KindExtension, component.MustNewID("headcount"))
	assert.Error(t, err)
}

func TestOneProcessAtATime(t *testing.T) {
	dir := folder(t)
	require.NoError(t, dir.Busy())
	assert.NoFileExists(t, dir.path(lockFile), "asking makes nothing")
	if os.Getenv("HEADCOUNT_TEST_LOCKED") != "" {
		dir = Dir(os.Getenv("HEADCOUNT_TEST_LOCKED"))
		_, err := dir.Lock()
		t.Log("busy:", dir.Busy(), "lock:", err)
		return
	}
	first, err := dir.Lock()
	require.NoError(t, err)
	second, err := dir.Lock()
	require.NoError(t, err, "two extensions of one process")
	other := func() string {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestOneProcessAtATime$", "-test.v")
		cmd.Env = append(os.Environ(), "HEADCOUNT_TEST_LOCKED="+string(dir))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	busy := other()
	assert.Equal(t, 2, strings.Count(busy, "another Headcount (process "), busy)
	require.NoError(t, first.Unlock())
	assert.Contains(t, other(), "another Headcount", "the second still uses it")
	require.NoError(t, second.Unlock())
	assert.Contains(t, other(), "busy: <nil> lock: <nil>")
}

func TestWriteReplacesAsAWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "choice")
	content, err := Read(path)
	require.NoError(t, err)
	assert.Nil(t, content)
	require.NoError(t, Write(path, []byte("first")))
	require.NoError(t, Write(path, []byte("second")))
	content, err = Read(path)
	require.NoError(t, err)
	assert.Equal(t, "second", string(content))
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, left, 1)
	info, err := left[0].Info()
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}
