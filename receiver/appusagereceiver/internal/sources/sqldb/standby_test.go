// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// replicated is a primary and a standby with a table of a thousand rows in which something always dies.
type replicated struct {
	primary, watcher *sql.DB
	standby          *dbtest.Server
	database         sqldb.Database
}

func replicate(t *testing.T) replicated {
	t.Helper()
	server := dbtest.PostgreSQL.Own(t)
	name, primary := server.Database(t)
	primary.SetMaxIdleConns(0) // which would not know that the server was started again
	exec(t, primary, "CREATE TABLE t AS SELECT i AS id FROM generate_series(1, 1000) AS n(i); CREATE TABLE u AS SELECT 1 AS id; CREATE TABLE pace AS SELECT 600 AS seconds")
	standby := server.Standby(t)
	watcher, err := sql.Open("pgx", standby.URL(dbtest.Owner, name)+"?default_query_exec_mode=simple_protocol")
	require.NoError(t, err)
	t.Cleanup(func() { _ = watcher.Close() })
	standby.Follows(t, primary)
	return replicated{primary, watcher, standby, parse(t, standby.URL(dbtest.Reader, name))}
}

// kill has the primary take away what a snapshot on the standby may still see.
func (r replicated) kill(t *testing.T) {
	t.Helper()
	exec(t, r.primary, "UPDATE t SET id = id")
	exec(t, r.primary, "VACUUM t")
	r.standby.Follows(t, r.primary)
}

// sleeps waits until a session of ours sleeps in a reading, and another one than the last.
func (r replicated) sleeps(t *testing.T, last int) (pid int) {
	t.Helper()
	require.Eventually(t, func() bool {
		err := r.watcher.QueryRow("SELECT COALESCE(MAX(pid), 0) FROM pg_stat_activity WHERE application_name = 'headcount' AND wait_event = 'PgSleep' AND pid <> $1", last).Scan(&pid)
		return err == nil && pid != 0
	}, time.Minute, 5*time.Millisecond)
	return pid
}

// slowly takes as long as pace says where it begins.
const slowly = "WITH slept AS MATERIALIZED (SELECT pg_sleep(seconds) FROM pace) SELECT COUNT(*) FROM slept, t"

func TestStandby(t *testing.T) {
	r := replicate(t)
	t.Run("ends a reading", r.endsAReading)
	t.Run("ends a session that rests", r.endsASessionThatRests)
	t.Run("has no locks", r.hasNoLocks)
}

// endsAReading has the primary vacuum while a reading on the standby sees what it removes.
func (r replicated) endsAReading(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	queries := []sqldb.Query{{Kind: sqldb.Count, Table: "u"}, {Kind: sqldb.SQL, Text: slowly}, {Kind: sqldb.Count, Table: "u", Where: map[string]any{"id": 1}}}
	read := func(during func()) []source.Answer {
		session, err := r.database.Open(ctx)
		require.NoError(t, err)
		defer session.Close()
		answers := make(chan []source.Answer, 1)
		go func() { answers <- session.Read(ctx, queries) }()
		during()
		return <-answers
	}

	// Once: all is read again, in one later snapshot.
	answers := read(func() {
		r.sleeps(t, 0)
		exec(t, r.primary, "UPDATE pace SET seconds = 0")
		r.kill(t)
	})
	for i, want := range []int64{1, 1000, 1} {
		require.NoError(t, answers[i].Err, i)
		assert.Equal(t, want, answers[i].Value, i)
	}
	assert.Contains(t, answers[0].How, "because the standby had ended one")

	exec(t, r.primary, "UPDATE pace SET seconds = 600")
	r.standby.Follows(t, r.primary)

	// For ever: that one fails and says why, the others come.
	over := make(chan struct{})
	answers = read(func() {
		go func() {
			defer close(over)
			for last, ended := 0, 0; ended < 4; ended++ {
				last = r.sleeps(t, last)
				r.kill(t)
			}
		}()
	})
	<-over
	require.ErrorContains(t, answers[1].Err, "the standby ended it twice, for what the primary changes")
	for _, i := range []int{0, 2} {
		require.NoError(t, answers[i].Err, i)
		assert.Equal(t, int64(1), answers[i].Value, i)
	}
}

// endsASessionThatRests, between two readings.
func (r replicated) endsASessionThatRests(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	session, err := r.database.Open(ctx)
	require.NoError(t, err)
	defer session.Close()
	count := []sqldb.Query{{Kind: sqldb.Count, Table: "t"}}
	assert.Equal(t, int64(1000), session.Read(ctx, count)[0].Value)
	r.kill(t)
	answer := session.Read(ctx, count)[0]
	require.NoError(t, answer.Err)
	assert.Equal(t, int64(1000), answer.Value)
}

// hasNoLocks: of two replicas one uses the standby, whose locks nobody sees at the primary.
func (r replicated) hasNoLocks(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := r.database.TryLock(ctx, "shop")
	assert.ErrorContains(t, err, "this server is a standby or a replica, whose locks nobody sees elsewhere")
}
