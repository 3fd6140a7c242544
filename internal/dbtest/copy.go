// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dbtest

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver of the copied file
)

// djangoTypes are the types that Django declares in SQLite, and what it declares elsewhere.
var djangoTypes = map[string]map[string]string{
	"postgresql": {"datetime": "timestamp with time zone", "real": "double precision", "blob": "bytea", "bool": "boolean"},
	"mariadb":    {"datetime": "datetime(6)", "text": "longtext", "real": "double precision", "blob": "longblob"},
}

// Copy makes a database with all tables, rows and simple indexes of a Django app's SQLite
// file, in the types that Django itself would declare. It returns the name and the owner's handle.
func (s *Server) Copy(t testing.TB, path string) (string, *sql.DB) {
	t.Helper()
	name, to := s.Database(t)
	from, err := sql.Open("sqlite", "file:"+path+"?mode=ro&immutable=1")
	require.NoError(t, err)
	defer func() { require.NoError(t, from.Close()) }()
	for _, table := range texts(t, from, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'") {
		s.copyTable(t, from, to, table)
	}
	return name, to
}

func (s *Server) copyTable(t testing.TB, from, to *sql.DB, table string) {
	t.Helper()
	names := texts(t, from, "SELECT name FROM pragma_table_info('"+table+"') ORDER BY cid")
	types := texts(t, from, "SELECT type FROM pragma_table_info('"+table+"') ORDER BY cid")
	columns, quoted := make([]string, len(names)), make([]string, len(names))
	for i, name := range names {
		declared := strings.ToLower(types[i])
		if other, found := djangoTypes[s.Name][declared]; found {
			declared = other
		}
		quoted[i] = s.quote(name)
		columns[i] = quoted[i] + " " + strings.Replace(declared, " unsigned", "", 1)
	}
	mustExec(t, to, fmt.Sprintf("CREATE TABLE %s (%s)", table, strings.Join(columns, ", ")))

	rows, err := from.Query("SELECT * FROM " + table)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	transaction, err := to.Begin()
	require.NoError(t, err)
	insert := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(quoted, ", "), s.placeholders(len(names)))
	for rows.Next() {
		values, targets := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		require.NoError(t, rows.Scan(targets...))
		for i := range values {
			if n, isInt := values[i].(int64); isInt && strings.EqualFold(types[i], "bool") {
				values[i] = n != 0
			}
		}
		_, err := transaction.Exec(insert, values...)
		require.NoError(t, err)
	}
	require.NoError(t, rows.Err())
	require.NoError(t, transaction.Commit())
	for _, column := range texts(t, from, `SELECT DISTINCT i.name FROM pragma_index_list('`+table+`') l, pragma_index_info(l.name) i WHERE l."unique" = 0`) {
		mustExec(t, to, fmt.Sprintf("CREATE INDEX %s_%s ON %s (%s)", table, column, table, s.quote(column)))
	}
}

func (s *Server) quote(name string) string {
	if s.Name == MariaDB.Name {
		return "`" + name + "`"
	}
	return `"` + name + `"`
}

func (s *Server) placeholders(n int) string {
	marks := make([]string, n)
	for i := range marks {
		marks[i] = "?"
		if s.Name == PostgreSQL.Name {
			marks[i] = fmt.Sprintf("$%d", i+1)
		}
	}
	return strings.Join(marks, ", ")
}

func mustExec(t testing.TB, db *sql.DB, text string) {
	t.Helper()
	_, err := db.Exec(text)
	require.NoError(t, err, text)
}

func texts(t testing.TB, db *sql.DB, query string) (found []string) {
	t.Helper()
	rows, err := db.Query(query)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		require.NoError(t, rows.Scan(&text))
		found = append(found, text)
	}
	require.NoError(t, rows.Err())
	return found
}
