// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package parity

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/parity/sqlexplorer"
)

// database is a kind of database; started, it holds one database for each installation.
type database struct {
	name  string
	start func(t *testing.T) place
}

// place is where installations live.
type place struct {
	django   map[string]any                   // an entry of DATABASES
	database func(installation string) string // the name of an installation's own
	url      func(database string) string     // as headcount is told it
}

var (
	sqlite = database{"SQLite", func(t *testing.T) place {
		folder := t.TempDir()
		return place{
			django:   sqlexplorer.SQLite(),
			database: func(installation string) string { return filepath.Join(folder, installation+".sqlite3") },
			url:      func(database string) string { return "sqlite:///" + database },
		}
	}}
	postgresql = database{"PostgreSQL", func(t *testing.T) place {
		return onServer(t, dbtest.PostgreSQL, "django.db.backends.postgresql", map[string]string{}, "GRANT pg_read_all_data TO "+dbtest.Reader)
	}}
	mariadb = database{"MariaDB", func(t *testing.T) place {
		return onServer(t, dbtest.MariaDB, "django.db.backends.mysql", map[string]string{"charset": "utf8mb4"},
			"GRANT SELECT ON *.* TO "+dbtest.Reader+"@'127.0.0.1'",
			"SET GLOBAL innodb_file_per_table = OFF") // a table is made in a tenth of the time
	}}
)

// onServer lets the app own its databases, and headcount read them.
func onServer(t *testing.T, kind dbtest.Kind, engine string, options map[string]string, statements ...string) place {
	server := kind.Shared(t)
	first, db := server.Database(t)
	for _, statement := range statements {
		_, err := db.Exec(statement)
		require.NoError(t, err)
	}
	return place{
		django: map[string]any{
			"ENGINE": engine, "NAME": first, "HOST": "127.0.0.1", "PORT": server.Port,
			"USER": dbtest.Owner, "PASSWORD": dbtest.Password, "OPTIONS": options,
		},
		database: func(installation string) string { return installation },
		url:      func(database string) string { return server.URL(dbtest.Reader, database) },
	}
}
