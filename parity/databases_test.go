// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package parity

import (
	"path/filepath"
	"testing"

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
		return onServer(dbtest.PostgreSQL(t), "django.db.backends.postgresql", "postgres", nil)
	}}
	mariadb = database{"MariaDB", func(t *testing.T) place {
		return onServer(dbtest.MariaDB(t), "django.db.backends.mysql", "mysql", map[string]any{"charset": "utf8mb4"})
	}}
)

func onServer(server dbtest.Server, engine, first string, options map[string]any) place {
	return place{
		django: map[string]any{
			"ENGINE": engine, "NAME": first, "HOST": "127.0.0.1", "PORT": server.Port,
			"USER": dbtest.Admin, "PASSWORD": dbtest.AdminPassword, "OPTIONS": options,
		},
		database: func(installation string) string { return installation },
		url:      server.URL,
	}
}
