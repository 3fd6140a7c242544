// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// leaving is an application that keeps its file in this journal mode, with a backup of three rows, and has two rows left.
// rows reads them, each time in one and the same session.
func leaving(t *testing.T, journal string) (path string, app *sql.DB, rows func() any) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "app.sqlite3")
	app, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode("+journal+")")
	require.NoError(t, err)
	t.Cleanup(func() { _ = app.Close() })
	app.SetMaxOpenConns(1)
	exec(t, app, "CREATE TABLE a (id integer)")
	exec(t, app, "INSERT INTO a VALUES (1), (2), (3)")
	exec(t, app, "VACUUM INTO '"+path+".backup'")
	exec(t, app, "DELETE FROM a WHERE id = 3")

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	session, err := parse(t, "sqlite:///"+path).Open(ctx)
	require.NoError(t, err)
	t.Cleanup(session.Close)
	rows = func() any {
		answer := session.Read(ctx, []sqldb.Query{{Kind: sqldb.Count, Table: "a"}})[0]
		require.NoError(t, answer.Err)
		return answer.Value
	}
	assert.Equal(t, int64(2), rows())
	return path, app, rows
}

// TestTheApplicationTakesItsLogAway: what it left behind would be taken for a part of the file that is put into its place.
func TestTheApplicationTakesItsLogAway(t *testing.T) {
	path, app, rows := leaving(t, "wal")
	exec(t, app, "DELETE FROM a WHERE id = 2")
	assert.Equal(t, int64(2), rows())
	require.NoError(t, app.Close())
	assert.NoFileExists(t, path+"-wal")
	assert.NoFileExists(t, path+"-shm")
	assert.Equal(t, int64(1), rows(), "a later state, because that of before is gone")
}

// TestAnotherFileInItsPlace is read anew, and never mixed with what was read before.
func TestAnotherFileInItsPlace(t *testing.T) {
	ways := map[string]func(t *testing.T, backup, path string){
		"renamed": func(t *testing.T, backup, path string) {
			t.Helper()
			require.NoError(t, os.Rename(backup, path))
		},
		"written over": func(t *testing.T, backup, path string) {
			t.Helper()
			content, err := os.ReadFile(backup)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, content, 0o600))
		},
	}
	for _, journal := range []string{"delete", "wal"} {
		for way, put := range ways {
			t.Run(journal+" "+way, func(t *testing.T) {
				path, app, rows := leaving(t, journal)
				require.NoError(t, app.Close())
				put(t, path+".backup", path)
				assert.Equal(t, int64(3), rows())
			})
		}
	}
}
