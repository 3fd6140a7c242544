// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// TestTablesThatAreAlteredMeanwhile: to a snapshot of PostgreSQL a table that was rewritten after it looks empty, and MariaDB
// refuses to read it.
func TestTablesThatAreAlteredMeanwhile(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		count := func(table string) sqldb.Query { return sqldb.Query{Kind: sqldb.Count, Table: table} }
		changes := map[string][]string{
			"rewritten": {"ALTER TABLE rewritten ALTER id TYPE bigint"},
			"refilled":  {"TRUNCATE refilled", "INSERT INTO refilled SELECT * FROM steady"},
			"swapped":   {"CREATE TABLE other AS SELECT * FROM steady", "DROP TABLE swapped", "ALTER TABLE other RENAME TO swapped"},
		}
		switch o.kind {
		case "mariadb":
			changes["rewritten"] = []string{"ALTER TABLE rewritten MODIFY id bigint"}
		case "sqlite":
			delete(changes, "rewritten")
			changes["refilled"][0] = "DELETE FROM refilled"
		}
		exec(t, o.owner, "CREATE TABLE steady (id int)")
		exec(t, o.owner, "INSERT INTO steady VALUES (1), (2), (3)")
		for table, statements := range changes {
			exec(t, o.owner, "CREATE TABLE "+table+" AS SELECT * FROM steady")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			session, err := o.database.Open(ctx)
			require.NoError(t, err)
			require.NoError(t, session.Read(ctx, []sqldb.Query{count("steady")})[0].Err)
			for _, statement := range statements {
				exec(t, o.owner, statement)
			}
			for _, answer := range session.Read(ctx, []sqldb.Query{count("steady"), count(table)}) {
				require.NoError(t, answer.Err, table)
				assert.Equal(t, int64(3), answer.Value, table)
			}
			session.Close()

			session, err = o.database.Open(ctx)
			require.NoError(t, err)
			require.NoError(t, session.Read(ctx, []sqldb.Query{count("steady")})[0].Err)
			for _, statement := range statements[:1] {
				if table != "swapped" {
					exec(t, o.owner, statement)
				}
			}
			row, err := session.Newest(ctx, sqldb.Newest{Table: table, By: "id"})
			require.NoError(t, err, table)
			if table != "refilled" { // which is empty now
				assert.Equal(t, int64(3), row.By, table)
			}
			session.Close()
			cancel()
		}
	})
}

// TestMigrationsNeedNotWait: an ALTER TABLE of the application waits for one reading at most, and not for a scrape.
func TestMigrationsNeedNotWait(t *testing.T) {
	onServers(t, func(t *testing.T, o opened) { // a SQLite snapshot has its schema, too
		sleep, patience, cancel := "SELECT 1 FROM pg_sleep(%s)", "SET lock_timeout = '60s'", "SELECT pg_cancel_backend(%d)"
		sleeps := "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep' AND query LIKE '%(600)%'"
		if o.kind == "mariadb" {
			sleep, patience, cancel = "SELECT SLEEP(%s)", "SET lock_wait_timeout = 60", "KILL QUERY %d"
			sleeps = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND state = 'User sleep' AND info LIKE '%(600)%'"
		}
		exec(t, o.owner, "CREATE TABLE t (id int)")
		ctx, end := context.WithTimeout(t.Context(), 10*time.Minute)
		defer end()
		session, err := o.database.Open(ctx)
		require.NoError(t, err)
		defer session.Close()
		answers := make(chan []source.Answer, 1)
		go func() {
			answers <- session.Read(ctx, []sqldb.Query{
				{Kind: sqldb.Count, Table: "t"},
				{Kind: sqldb.SQL, Text: fmt.Sprintf(sleep, "0.3")},
				{Kind: sqldb.SQL, Text: fmt.Sprintf(sleep, "600")},
			})
		}()
		var reader int
		require.Eventually(t, func() bool { return o.owner.QueryRow(sleeps).Scan(&reader) == nil }, time.Minute, 10*time.Millisecond)
		migration, err := o.owner.Conn(ctx)
		require.NoError(t, err)
		defer func() { _ = migration.Close() }()
		for _, statement := range []string{patience, "ALTER TABLE t ADD COLUMN more int"} {
			_, err = migration.ExecContext(ctx, statement)
			require.NoError(t, err, statement)
		}
		exec(t, o.owner, fmt.Sprintf(cancel, reader))
		read := <-answers
		require.NoError(t, read[0].Err)
		assert.ErrorContains(t, read[2].Err, "somebody at the server cancelled it")
	})
}

// TestOneWaitForALockedTable: what a migration keeps locked is waited for once, and not by each of its readings.
func TestOneWaitForALockedTable(t *testing.T) {
	onServers(t, func(t *testing.T, o opened) { // SQLite locks no tables
		lock := "LOCK TABLE t IN ACCESS EXCLUSIVE MODE"
		if o.kind == "mariadb" {
			lock = "LOCK TABLES t WRITE"
		}
		exec(t, o.owner, "CREATE TABLE t (id int)")
		exec(t, o.owner, "CREATE TABLE u AS SELECT 1 AS id")
		migration, err := o.owner.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		defer func() { _ = migration.Rollback() }()
		_, err = migration.ExecContext(t.Context(), lock)
		require.NoError(t, err)
		count := func(table string, id int) sqldb.Query {
			return sqldb.Query{Kind: sqldb.Count, Table: table, Where: tests("id", sqldb.Is, id)}
		}
		// Each waits for as much as five seconds: a minute is enough for one, and not for twenty.
		queries := []sqldb.Query{{Kind: sqldb.Count, Table: "t"}}
		for id := range 20 {
			queries = append(queries, count("t", id))
		}
		answers := o.read(t, time.Minute, append(queries, count("u", 1))...)
		for _, answer := range answers[:len(queries)] {
			require.EqualError(t, answer.Err, "the table is locked")
		}
		require.NoError(t, answers[len(queries)].Err)
		assert.Equal(t, int64(1), answers[len(queries)].Value)
	})
}
