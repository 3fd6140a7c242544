// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package appusage measures a scrape of a query log of ROWS rows (default five million) by
// 2,000 users: all readings of app:sql-explorer, against the two aggregate queries that
// sql-explorer's own telemetry sends through Django's ORM.
package appusage

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
)

const users = 2000

// The two queries of sql-explorer's gather_summary_stats, as Django 3.2 writes them.
var aggregates = []string{
	"SELECT COUNT(*) AS total_count, COUNT(DISTINCT explorer_querylog.run_by_user_id) AS unique_run_by_user_count FROM explorer_querylog",
	"SELECT COUNT(*) AS total_count, COUNT(DISTINCT explorer_query.database_connection_id) AS unique_connection_count FROM explorer_query",
}

// The readings of a database that the profile app:sql-explorer has.
const profile = `
initial_delay: 0s
timeout: 10m
sources: {db: {database: {url_env: BENCH_URL}}}
resource:
  service.instance.id: {value: bench}
  app.installed_at: {source: db, min: {table: django_migrations, column: applied, where: {app: explorer}}}
metrics:
  explorer.query_log.count: {source: db, count: {table: explorer_querylog}, estimate: %[1]t}
  explorer.query_log.users: {source: db, count_distinct: {table: explorer_querylog, column: run_by_user_id}, estimate: %[1]t}
  explorer.query.count: {source: db, count: {table: explorer_query}, estimate: %[1]t}
  explorer.query.connections: {source: db, count_distinct: {table: explorer_query, column: database_connection_id}, estimate: %[1]t}
  explorer.database_connection.count: {source: db, count: {table: explorer_databaseconnection}, estimate: %[1]t}
`

const onlyDistinct = `
initial_delay: 0s
timeout: 10m
sources: {db: {database: {url_env: BENCH_URL}}}
resource: {service.instance.id: {value: bench}}
metrics:
  explorer.query_log.users: {source: db, count_distinct: {table: explorer_querylog, column: run_by_user_id}}
`

func rows(b *testing.B) int {
	b.Helper()
	n := 5_000_000
	if text := os.Getenv("ROWS"); text != "" {
		var err error
		n, err = strconv.Atoi(text)
		require.NoError(b, err)
	}
	return n
}

// scrape runs one whole scrape: connect, snapshot, readings, metrics, close.
func scrape(b *testing.B, config string) {
	b.Helper()
	retrieved, err := confmap.NewRetrievedFromYAML([]byte(config))
	require.NoError(b, err)
	conf, err := retrieved.AsConf()
	require.NoError(b, err)
	factory := appusagereceiver.NewFactory()
	cfg := factory.CreateDefaultConfig()
	require.NoError(b, conf.Unmarshal(cfg))
	points := make(chan int, 1)
	next, err := consumer.NewMetrics(func(_ context.Context, md pmetric.Metrics) error {
		points <- md.DataPointCount()
		return nil
	})
	require.NoError(b, err)
	receiver, err := factory.CreateMetrics(b.Context(), receivertest.NewNopSettings(factory.Type()), cfg, next)
	require.NoError(b, err)
	require.NoError(b, receiver.Start(b.Context(), componenttest.NewNopHost()))
	require.Positive(b, <-points)
	require.NoError(b, receiver.Shutdown(context.Background()))
}

func BenchmarkScrape(b *testing.B) {
	for _, on := range []struct {
		kind    dbtest.Kind
		version string
	}{{dbtest.PostgreSQL, "SHOW server_version"}, {dbtest.MariaDB, "SELECT @@version"}} {
		b.Run(on.kind.Name, func(b *testing.B) {
			server := on.kind.Shared(b)
			name, db := server.Database(b)
			var version string
			require.NoError(b, db.QueryRow(on.version).Scan(&version))
			fmt.Printf("%s: %s\n", on.kind.Name, version) // the benchmark format's way to say what was measured
			dbtest.QueryLog(b, on.kind.Name, db, rows(b), users)
			compare(b, db, server.URL(dbtest.Reader, name))
		})
	}
	b.Run("sqlite", func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "app.sqlite3")
		db, err := sql.Open("sqlite", path)
		require.NoError(b, err)
		defer func() { _ = db.Close() }()
		dbtest.QueryLog(b, "sqlite", db, rows(b), users)
		compare(b, db, "sqlite:///"+path)
	})
}

func compare(b *testing.B, db *sql.DB, url string) {
	b.Helper()
	b.Setenv("BENCH_URL", url)
	ask := func(b *testing.B, texts ...string) {
		b.Helper()
		for b.Loop() {
			for _, text := range texts {
				var counted []any
				found, err := db.Query(text)
				require.NoError(b, err)
				columns, err := found.Columns()
				require.NoError(b, err)
				for range columns {
					counted = append(counted, new(int64))
				}
				require.True(b, found.Next())
				require.NoError(b, found.Scan(counted...))
				require.NoError(b, found.Close())
			}
		}
	}
	read := func(b *testing.B, config string) {
		b.Helper()
		for b.Loop() {
			scrape(b, config)
		}
	}
	// What connecting alone costs is part of each scrape, and not of the app's queries.
	b.Run("connect", func(b *testing.B) {
		db.SetMaxIdleConns(0)
		ask(b, "SELECT 1")
		db.SetMaxIdleConns(1)
	})
	b.Run("all/app", func(b *testing.B) { ask(b, aggregates...) })
	b.Run("all/headcount", func(b *testing.B) { read(b, fmt.Sprintf(profile, false)) })
	b.Run("all/headcount-estimate", func(b *testing.B) { read(b, fmt.Sprintf(profile, true)) })
	b.Run("distinct/app", func(b *testing.B) { ask(b, "SELECT COUNT(DISTINCT run_by_user_id) FROM explorer_querylog") })
	b.Run("distinct/headcount", func(b *testing.B) { read(b, onlyDistinct) })
}

// TestMemory holds a scrape's own memory under five megabytes.
func TestMemory(t *testing.T) {
	result := testing.Benchmark(func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "app.sqlite3")
		db, err := sql.Open("sqlite", path)
		require.NoError(b, err)
		defer func() { _ = db.Close() }()
		dbtest.QueryLog(b, "sqlite", db, 1000, users)
		b.Setenv("BENCH_URL", "sqlite:///"+path)
		scrape(b, fmt.Sprintf(profile, false))
		b.ReportAllocs()
		runtime.GC()
		for b.Loop() {
			scrape(b, fmt.Sprintf(profile, false))
		}
	})
	require.Less(t, result.AllocedBytesPerOp(), int64(5<<20))
	t.Logf("%d bytes allocated in a scrape, %s", result.AllocedBytesPerOp(), time.Duration(result.NsPerOp()))
}
