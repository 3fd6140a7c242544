// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"database/sql"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the golden databases are SQLite files
)

// installation describes the rows of a made-up sql-explorer.
type installation struct {
	logs, users, queries, connections, userDBs int
	installed                                  string // of the first explorer migration, as Django writes it; empty for none
	lastSQL                                    string
	lastDuration                               float64
}

const uuid = "00000000-1111-4222-8333-444444444444"

// create writes the installation's database, in the app's own schema, and returns its path.
func (i installation) create(t *testing.T) string {
	t.Helper()
	file := copyFile(t, filepath.Join(root, "testdata", "golden", "01-fresh", "app.sqlite3"), t.TempDir())
	db := open(t, file)
	for _, statement := range []string{
		"PRAGMA foreign_keys = off",
		"DELETE FROM explorer_querylog", "DELETE FROM explorer_query", "DELETE FROM explorer_databaseconnection",
		"DELETE FROM django_migrations WHERE app = 'explorer'",
		"UPDATE explorer_explorervalue SET value = '" + uuid + "' WHERE key = 'UUID'",
		series("explorer_querylog(sql, run_at, run_by_user_id, connection, success, duration)", i.logs,
			fmt.Sprintf("'select 1', '2026-01-01 00:00:00', CASE WHEN n <= %d THEN n END, '', 1, 1.5", i.users)),
		series("explorer_query(title, sql, description, created_at, last_run_date, snapshot, connection, few_shot, database_connection_id)", i.queries,
			fmt.Sprintf("'t', 's', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 0, '', 0, CASE WHEN n <= %d THEN n END", i.connections)),
		series(`explorer_databaseconnection(alias, engine, host, "default")`, i.userDBs, "'db' || n, 'sqlite', '', 0"),
	} {
		_, err := db.Exec(statement)
		require.NoError(t, err, statement)
	}
	if i.installed != "" {
		_, err := db.Exec("INSERT INTO django_migrations(app, name, applied) VALUES ('explorer', '0001_initial', ?)", i.installed)
		require.NoError(t, err)
	}
	if i.logs > 0 {
		_, err := db.Exec("UPDATE explorer_querylog SET sql = ?, duration = ? WHERE id = (SELECT max(id) FROM explorer_querylog)", i.lastSQL, i.lastDuration)
		require.NoError(t, err)
	}
	return file
}

func series(into string, n int, columns string) string {
	return fmt.Sprintf("INSERT INTO %s WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM s WHERE n < %d) SELECT %s FROM s WHERE n <= %d", into, n, columns, n)
}

// startupStats is what the app would report, by the app's own arithmetic on doubles.
func (i installation) startupStats() map[string]string {
	python := func(n int, by float64, to int) string {
		return strconv.Itoa(int(math.RoundToEven(float64(n)*by)) * to)
	}
	quarter := "null"
	if at, err := time.Parse("2006-01-02 15:04:05", i.installed); err == nil {
		quarter = fmt.Sprintf(`"Q%d-%d"`, (at.Month()-1)/3+1, at.Year())
	}
	return map[string]string{
		"total_log_count":          python(i.logs, 0.01, 100),
		"unique_run_by_user_count": python(min(i.users, i.logs), 0.2, 5),
		"total_query_count":        python(i.queries, 0.1, 10),
		"unique_connection_count":  python(min(i.connections, i.queries), 0.2, 5),
		"default_database":         `"sqlite"`,
		"explorer_install_quarter": quarter,
		"debug":                    "false",
		"tasks_enabled":            "false",
		"unsafe_rendering":         "false",
		"transform_count":          "0",
		"assistant_enabled":        "false",
		"user_dbs":                 strconv.Itoa(i.userDBs),
		"version":                  `"5.3"`,
		"charts_enabled":           "false",
	}
}

// queryRun is what the app would have reported of the newest run.
func (i installation) queryRun() map[string]string {
	duration := strconv.FormatFloat(i.lastDuration, 'f', -1, 64)
	if !strings.Contains(duration, ".") {
		duration += ".0"
	}
	return map[string]string{"sql_len": strconv.Itoa(utf8.RuneCountInString(i.lastSQL)), "duration": duration}
}

func open(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func copyFile(t *testing.T, from, folder string) string {
	t.Helper()
	source, err := os.Open(from)
	require.NoError(t, err)
	defer source.Close()
	to := filepath.Join(folder, filepath.Base(from))
	target, err := os.Create(to)
	require.NoError(t, err)
	_, err = io.Copy(target, source)
	require.NoError(t, err)
	require.NoError(t, target.Close())
	return to
}
