// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
)

func TestWindow(t *testing.T) {
	var w Window
	require.NoError(t, w.UnmarshalText([]byte("30d")))
	assert.Equal(t, Window(720*time.Hour), w)
	require.Error(t, Window(0).check("since"))
	require.Error(t, Window(-time.Hour).check("since"))
}

// TestSince counts recent rows in each database, whatever its way to keep a time: with and
// without fractions of a second, without one, and in a pass shared with other counts.
func TestSince(t *testing.T) {
	seen := []time.Duration{time.Minute, 29 * 24 * time.Hour, 31 * 24 * time.Hour, 400 * 24 * time.Hour}
	fill := func(t *testing.T, db *sql.DB, kind string) {
		_, err := db.Exec("CREATE TABLE auth_user (id integer PRIMARY KEY, is_active boolean, last_login " + kind + " NULL)")
		require.NoError(t, err)
		insert := func(id int, value string) {
			_, err := db.Exec(fmt.Sprintf("INSERT INTO auth_user VALUES (%d, true, %s)", id, value))
			require.NoError(t, err)
		}
		for i, ago := range seen {
			at := time.Now().UTC().Add(-ago)
			insert(2*i, at.Format("'2006-01-02 15:04:05'"))
			insert(2*i+1, at.Format("'2006-01-02 15:04:05.000001'"))
		}
		insert(100, "NULL")
	}
	assertCounts := func(t *testing.T, address string) {
		t.Setenv("DATABASE_URL", address)
		got := figures(started(t, fromYAML(t, `
storage: file_storage
sources: {db: {database: {url_env: DATABASE_URL}}}
metrics:
  users: {source: db, count: {table: auth_user}}
  month: {source: db, count: {table: auth_user, since: {last_login: 30d}}}
  hour: {source: db, count: {table: auth_user, where: {is_active: true}, since: {last_login: 1h}}}
  years: {source: db, count_distinct: {table: auth_user, column: id, since: {last_login: 500d}}}
`)).last())
		assert.Equal(t, map[string]any{"users": int64(9), "month": int64(4), "hour": int64(2), "years": int64(8)}, got)
	}
	t.Run("sqlite", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "app.sqlite3")
		db, err := sql.Open("sqlite", file)
		require.NoError(t, err)
		fill(t, db, "datetime")
		require.NoError(t, db.Close())
		assertCounts(t, "sqlite:///"+file)
	})
	for column, kind := range map[string]dbtest.Kind{"timestamp with time zone": dbtest.PostgreSQL, "datetime(6)": dbtest.MariaDB} {
		t.Run(kind.Name, func(t *testing.T) {
			server := kind.Shared(t)
			name, db := server.Database(t)
			if kind.Name == dbtest.PostgreSQL.Name {
				_, err := db.Exec("ALTER DATABASE " + name + " SET timezone TO 'UTC'")
				require.NoError(t, err)
				_, err = db.Exec("SET timezone TO 'UTC'")
				require.NoError(t, err)
			}
			fill(t, db, column)
			assertCounts(t, server.URL(dbtest.Reader, name))
		})
	}
}
