// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
)

func TestDatabaseIsByteIdenticalAfterAHundredScrapes(t *testing.T) {
	t.Parallel()
	for _, journal := range []string{"delete", "wal"} {
		t.Run(journal, func(t *testing.T) {
			t.Parallel()
			file := installation{logs: 1000, users: 9, installed: "2025-06-15 12:00:00", lastSQL: "select 1"}.create(t)
			db := open(t, file)
			_, err := db.Exec("PRAGMA journal_mode = " + journal)
			require.NoError(t, err)
			require.NoError(t, db.Close())
			before := content(t, file)

			makers := newEndpoint(t)
			d := start(t, environment{
				"DATABASE_URL": "sqlite:///" + file, "EXPLORER_COLLECT_ENDPOINT_URL": makers.URL,
				"HEADCOUNT_STATE_DIR": t.TempDir(), "HEADCOUNT_PAGE": "127.0.0.1:0",
			}, append(sqlExplorer,
				"--set", "receivers::appusage::collection_interval=20ms",
				"--set", "exporters::collect::stats::STARTUP_STATS::interval=1ms",
				"--set", "exporters::collect::sending_queue::queue_size=100000")...)
			makers.awaits(t, 100)
			d.stop(t)

			assert.Equal(t, before, content(t, file))
			if journal == "delete" { // in WAL mode SQLite leaves its empty log and index beside the file
				entries, err := filepath.Glob(file + "*")
				require.NoError(t, err)
				assert.Len(t, entries, 1, "nothing is left beside it")
			}
		})
	}
}

func TestReadOnlyCopyInReadOnlyFolder(t *testing.T) {
	t.Parallel()
	for _, journal := range []string{"delete", "wal"} {
		t.Run(journal, func(t *testing.T) {
			t.Parallel()
			site := installation{logs: 1000, users: 9, installed: "2025-06-15 12:00:00", lastSQL: "select 1", lastDuration: 2}
			file := site.create(t)
			db := open(t, file)
			_, err := db.Exec("PRAGMA journal_mode = " + journal)
			require.NoError(t, err)
			require.NoError(t, db.Close())
			require.NoError(t, os.Chmod(file, 0o444))
			require.NoError(t, os.Chmod(filepath.Dir(file), 0o555))
			t.Cleanup(func() { _ = os.Chmod(filepath.Dir(file), 0o755) })

			makers := newEndpoint(t)
			state := t.TempDir()
			command := unprivileged(t, state, filepath.Dir(file))
			d := startCommand(t, environment{
				"DATABASE_URL": "sqlite:///" + file, "EXPLORER_COLLECT_ENDPOINT_URL": makers.URL,
				"HEADCOUNT_STATE_DIR": state, "HEADCOUNT_PAGE": "127.0.0.1:0",
			}, append(append(command, filepath.Join(root, "_build", "headcount")), sqlExplorer...)...)
			makers.awaits(t, 2)
			d.stop(t)
			assert.Equal(t, site.startupStats(), texts(makers.reports(t)["STARTUP_STATS"].Value))
		})
	}
}

// unprivileged is the command that takes root's rights away, for which a file's mode means nothing.
// The state folder becomes the user's own, and the way to both folders is opened.
func unprivileged(t *testing.T, state, database string) []string {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	debian.NeedsProgram(t, "setpriv", "util-linux")
	const nobody = 65534
	require.NoError(t, os.Chown(state, nobody, nobody))
	for _, folder := range []string{state, database} {
		for up := filepath.Dir(folder); up != os.TempDir() && up != "/"; up = filepath.Dir(up) {
			require.NoError(t, os.Chmod(up, 0o755))
		}
	}
	return []string{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"}
}

func content(t *testing.T, file string) [sha256.Size]byte {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	return sha256.Sum256(raw)
}

func TestLockedDatabase(t *testing.T) {
	t.Parallel()
	file := installation{logs: 250, users: 12, installed: "2025-06-15 12:00:00", lastSQL: "select 1"}.create(t)
	db := open(t, file)
	_, err := db.Exec("BEGIN EXCLUSIVE")
	require.NoError(t, err)
	makers := newEndpoint(t)
	d := start(t, environment{
		"DATABASE_URL": "sqlite:///" + file, "EXPLORER_COLLECT_ENDPOINT_URL": makers.URL,
		"HEADCOUNT_STATE_DIR": t.TempDir(), "HEADCOUNT_PAGE": "127.0.0.1:0",
	}, append(sqlExplorer, "--set", "receivers::appusage::collection_interval=1s", "--set", "receivers::appusage::timeout=500ms")...)
	d.says(t, "sources::db")
	d.staysUp(t) // for several scrapes
	assert.Empty(t, makers.received())
	_, err = db.Exec("ROLLBACK")
	require.NoError(t, err)
	makers.awaits(t, 2)
	d.stop(t)
}
