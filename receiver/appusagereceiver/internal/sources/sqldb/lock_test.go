// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

func TestLockIsShownToBeHeld(t *testing.T) {
	for kind, end := range map[*dbtest.Kind]string{
		&dbtest.PostgreSQL: "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'",
		&dbtest.MariaDB:    "BEGIN NOT ATOMIC FOR p IN (SELECT id FROM information_schema.processlist WHERE user = 'reader') DO EXECUTE IMMEDIATE CONCAT('KILL ', p.id); END FOR; END",
	} {
		t.Run(kind.Name, func(t *testing.T) {
			server := kind.Shared(t)
			name, owner := server.Database(t)
			database := parse(t, server.URL(dbtest.Reader, name))
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			lock, err := database.TryLock(ctx, "a")
			require.NoError(t, err)
			require.NotNil(t, lock)
			defer lock.Release()
			assert.True(t, lock.Held(ctx))
			other, err := database.TryLock(ctx, "a")
			require.NoError(t, err)
			assert.Nil(t, other)
			exec(t, owner, end)
			assert.False(t, lock.Held(ctx))
		})
	}
}

// TestASwitchoverEndsTheLock: the new primary knows nothing of it, and the session at the old one goes on.
func TestASwitchoverEndsTheLock(t *testing.T) {
	server := dbtest.MariaDB.Shared(t)
	name, owner := server.Database(t)
	database := parse(t, server.URL(dbtest.Reader, name))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	lock, err := database.TryLock(ctx, "a")
	require.NoError(t, err)
	require.NotNil(t, lock)
	defer lock.Release()
	exec(t, owner, "SET GLOBAL read_only = 1")
	defer exec(t, owner, "SET GLOBAL read_only = 0")
	assert.False(t, lock.Held(ctx))
	_, err = database.TryLock(ctx, "a")
	assert.ErrorContains(t, err, "this server is a standby or a replica")
}

// TestIdleSessionsKeepTheLock: the server is told to let this one rest.
func TestIdleSessionsKeepTheLock(t *testing.T) {
	for kind, statements := range map[*dbtest.Kind][2]string{
		&dbtest.PostgreSQL: {"ALTER ROLE reader SET idle_session_timeout = '200ms'", "ALTER ROLE reader RESET idle_session_timeout"},
		&dbtest.MariaDB:    {"SET GLOBAL wait_timeout = 1", "SET GLOBAL wait_timeout = DEFAULT"},
	} {
		t.Run(kind.Name, func(t *testing.T) {
			server := kind.Shared(t)
			name, owner := server.Database(t)
			exec(t, owner, statements[0])
			defer exec(t, owner, statements[1])
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			lock, err := parse(t, server.URL(dbtest.Reader, name)).TryLock(ctx, "idle")
			require.NoError(t, err)
			require.NotNil(t, lock)
			defer lock.Release()
			exec(t, owner, map[string]string{dbtest.PostgreSQL.Name: "SELECT pg_sleep(0.5)", dbtest.MariaDB.Name: "DO SLEEP(1.5)"}[kind.Name])
			assert.True(t, lock.Held(ctx))
		})
	}
}

func TestLockBehindAPooler(t *testing.T) {
	server := dbtest.PostgreSQL.Shared(t)
	name, _ := server.Database(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	url := server.Pooler(t, "session")
	lock, err := parse(t, url(dbtest.Reader, dbtest.Password, name)).TryLock(ctx, "pooled")
	require.NoError(t, err)
	require.NotNil(t, lock)
	assert.True(t, lock.Held(ctx))
	lock.Release()

	url = server.Pooler(t, "transaction")
	_, err = parse(t, url(dbtest.Reader, dbtest.Password, name)).TryLock(ctx, "pooled")
	assert.ErrorContains(t, err, "a pooler between gives each transaction another session")
}

func TestPoolerRefuses(t *testing.T) {
	server := dbtest.PostgreSQL.Shared(t)
	name, owner := server.Database(t)
	exec(t, owner, "CREATE TABLE t AS SELECT 1 AS id")
	url := server.Pooler(t, "transaction")
	o := opened{"postgresql", owner, parse(t, url(dbtest.Reader, dbtest.Password, name)+"?schema=public&pgbouncer=true")}
	assert.Equal(t, int64(1), o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t"})[0].Value)
	for text, message := range map[string]string{
		server.Pooler(t, "statement")(dbtest.Reader, dbtest.Password, name):        "pool_mode = statement",
		server.URL(dbtest.Reader, name) + "?target_session_attrs=standby":          "no server is what target_session_attrs",
		server.URL(dbtest.Reader, name) + "?channel_binding=require":               "channel binding needs TLS",
		server.URL(dbtest.Reader, name) + "?options=project%3Dx":                   "the server refuses the parameter options of the URL",
		server.URL(dbtest.Reader, name) + "?sslmode=require&sslnegotiation=direct": "sslnegotiation=direct needs PostgreSQL 17 or later",
		url(dbtest.Reader, "wrong", name):                                          "the database refuses the user or the password",
		url("nobody", "wrong", name):                                               "the database refuses the user or the password",
		url(dbtest.Reader, dbtest.Password, "missing"):                             "there is no such database",
		url(dbtest.Reader, dbtest.Password, name) + "?options=-c%20work_mem":       "the server refuses the parameter options of the URL",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		_, err := parse(t, text).Open(ctx)
		cancel()
		assert.ErrorContains(t, err, message)
	}
}
