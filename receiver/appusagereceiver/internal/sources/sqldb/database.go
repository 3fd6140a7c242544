// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"database/sql"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb/dburl"
)

// application is the name under which a session shows in the server's lists.
const application = "headcount"

// lockWait is how long a session waits for a lock that keeps readers out.
const lockWait = 5 * time.Second

// Database is where an application keeps its rows: what a database URL says.
type Database struct {
	dialect dialect
	// ignored are the URL's options that mean nothing here.
	ignored []string
}

// dialect is all in which one kind of database differs from another.
type dialect interface {
	types
	// system is the kind as Django names it.
	system() string
	// connect prepares a pool for one session, without opening a connection.
	connect(deadline time.Time) (pool, error)
	// begin starts a read-only transaction that sees one snapshot, with the savepoint "reading":
	// it serves all readings, because they change nothing, so that going back to it only
	// clears the error that would fail the rest of a PostgreSQL transaction.
	begin() []string
	// bound limits the statements that follow; empty where the context does.
	bound(limit time.Duration) string
	// quote makes one name an identifier.
	quote(name string) string
	// placeholder stands for the nth bound value, counted from 1.
	placeholder(n int) string
	// bytes and characters are expressions for a text's two lengths.
	bytes(expr string) string
	characters(expr string) string
	// statistics asks the catalogue about a column (an index that leads with it: 1 or 0),
	// how many rows the planner expects, and how many distinct values; -1 is unknown. Without
	// a column it asks for the rows alone.
	statistics(table, column string) (text string, bound []any)
	// checks finds the CHECK constraints that are about a column alone; what cannot be asked confines nothing.
	checks(ctx context.Context, s *Session, table, column string) []check
	// walks reports whether distinct values are found by our walk along an index;
	// otherwise the database does so itself.
	walks() bool
	// lock asks, for as long as the session lives, for the lock of this name: locked, onStandby, onNode, or
	// anything else where another has it. holds asks whether the session has it.
	lock(name string) string
	holds(name string) string
	// pooled reports whether somebody between may share the server's sessions out.
	pooled(conn *sql.Conn) bool
	// diagnose says in our own words what went wrong; nil when it cannot tell.
	diagnose(err error) *source.Error
}

// Parse reads a database URL as applications have it in their environment. It opens nothing but the
// files of certificates, and no error of it repeats the URL.
func Parse(text string) (Database, error) {
	u, err := dburl.Parse(text)
	if err != nil {
		return Database{}, err
	}
	switch u.Kind {
	case dburl.PostgreSQL:
		return postgresOf(u)
	case dburl.MySQL:
		return mariadbOf(u)
	default:
		return sqliteOf(u)
	}
}

// Ignored are the names of the URL's options that mean nothing here.
func (d Database) Ignored() []string { return d.ignored }

// System names the kind of the database as Django does: sqlite, postgresql or mysql.
func (d Database) System() string { return d.dialect.system() }
