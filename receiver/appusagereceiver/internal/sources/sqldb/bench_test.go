// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// BenchmarkReading is one reading in a session that is open already, beside the plain query for
// it on a connection that is open already, over a query log of ROWS rows (default five million)
// by 2,000 users. What opening the session costs stands beside it; whole scrapes are in bench/appusage.
func BenchmarkReading(b *testing.B) {
	rows := 5_000_000
	if text := os.Getenv("ROWS"); text != "" {
		var err error
		rows, err = strconv.Atoi(text)
		require.NoError(b, err)
	}
	for _, kind := range []dbtest.Kind{dbtest.PostgreSQL, dbtest.MariaDB} {
		b.Run(kind.Name, func(b *testing.B) {
			server := kind.Shared(b)
			name, db := server.Database(b)
			dbtest.QueryLog(b, kind.Name, db, rows, 2000)
			compare(b, db, server.URL(dbtest.Reader, name))
		})
	}
	b.Run("sqlite", func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "app.sqlite3")
		db, err := sql.Open("sqlite", path)
		require.NoError(b, err)
		defer func() { _ = db.Close() }()
		dbtest.QueryLog(b, "sqlite", db, rows, 2000)
		compare(b, db, "sqlite:///"+path)
	})
}

func compare(b *testing.B, db *sql.DB, url string) {
	b.Helper()
	database, err := sqldb.Parse(url)
	require.NoError(b, err)
	ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
	defer cancel()
	session, err := database.Open(ctx)
	require.NoError(b, err)
	defer session.Close()

	count := sqldb.Query{Kind: sqldb.Count, Table: "explorer_querylog"}
	distinct := sqldb.Query{Kind: sqldb.CountDistinct, Table: "explorer_querylog", Column: "run_by_user_id"}
	for _, reading := range []struct {
		name, plain string
		query       sqldb.Query
	}{
		{"count", "SELECT COUNT(*) FROM explorer_querylog", count},
		{"distinct", "SELECT COUNT(DISTINCT run_by_user_id) FROM explorer_querylog", distinct},
	} {
		b.Run(reading.name+"/app", func(b *testing.B) {
			for b.Loop() {
				var n int64
				require.NoError(b, db.QueryRow(reading.plain).Scan(&n))
				require.Positive(b, n)
			}
		})
		for _, way := range []string{"exact", "estimate"} {
			query := reading.query
			query.Estimate = way == "estimate"
			b.Run(reading.name+"/"+way, func(b *testing.B) {
				for b.Loop() {
					answer := session.Read(ctx, []sqldb.Query{query})[0]
					require.NoError(b, answer.Err)
					require.Positive(b, answer.Value)
				}
			})
		}
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			session, err := database.Open(ctx)
			require.NoError(b, err)
			session.Close()
		}
	})
}
