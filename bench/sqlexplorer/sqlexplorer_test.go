// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package sqlexplorer measures a scrape of the real sql-explorer's own tables in PostgreSQL, as
// its migrations made them, beside what its telemetry does by Django's ORM for its weekly report.
package sqlexplorer

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/headcount-otel/headcount/apps"
	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/parity/sqlexplorer"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
)

const users = 2000

// BenchmarkReport fills the app's query log step by step up to five million rows, and measures at
// each step what the profile's readings take. The app reads the last and largest.
func BenchmarkReport(b *testing.B) {
	server := dbtest.PostgreSQL.Shared(b)
	name, db := server.Database(b)
	app := startApp(b, server, name)
	b.Setenv("DATABASE_URL", server.URL(dbtest.Reader, name))
	var version string
	require.NoError(b, db.QueryRow("SHOW server_version").Scan(&version))
	fmt.Println("postgresql:", version) // the benchmark format's way to say what was measured
	var filled int
	for _, rows := range []int{50_000, 500_000, 1_000_000, 5_000_000} {
		fill(b, db, filled, rows)
		filled = rows
		for _, reading := range []string{"all", "distinct"} {
			b.Run(fmt.Sprintf("%s/headcount/n=%d", reading, rows), func(b *testing.B) {
				for b.Loop() {
					require.EqualValues(b, users, scrape(b, reading)["explorer.query_log.users"])
				}
			})
		}
	}
	require.EqualValues(b, filled, scrape(b, "all")["explorer.query_log.count"])
	b.Run("all/app", func(b *testing.B) {
		for b.Loop() {
			stats := app.does(b, "all")
			require.EqualValues(b, filled, stats["total_log_count"])
			require.EqualValues(b, users, stats["unique_run_by_user_count"])
		}
	})
	b.Run("distinct/app", func(b *testing.B) {
		for b.Loop() {
			require.EqualValues(b, users, app.does(b, "distinct")["users"])
		}
	})
}

// app is the real one, in a process that holds its connection open.
type app struct {
	commands io.Writer
	answers  *json.Decoder
}

func startApp(b *testing.B, server *dbtest.Server, database string) app {
	b.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(b, err)
	script, err := filepath.Abs("gather.py")
	require.NoError(b, err)
	command := sqlexplorer.Install(b, root, sqlexplorer.Newest).Command(b, sqlexplorer.Settings{
		Database: map[string]any{
			"ENGINE": "django.db.backends.postgresql", "NAME": database, "HOST": "127.0.0.1", "PORT": server.Port,
			"USER": dbtest.Owner, "PASSWORD": dbtest.Password,
		},
		UseTZ: true, TimeZone: "UTC",
	}, script)
	stdin, err := command.StdinPipe()
	require.NoError(b, err)
	stdout, err := command.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, command.Start())
	b.Cleanup(func() {
		require.NoError(b, stdin.Close())
		require.NoError(b, command.Wait())
	})
	started := app{stdin, json.NewDecoder(bufio.NewReader(stdout))}
	require.NoError(b, started.answers.Decode(&map[string]any{}), "the app's migrations")
	return started
}

func (a app) does(b *testing.B, work string) (answer map[string]any) {
	b.Helper()
	_, err := fmt.Fprintln(a.commands, work)
	require.NoError(b, err)
	require.NoError(b, a.answers.Decode(&answer))
	return answer
}

// fill adds rows to the query log, and at first all that stands around it.
func fill(b *testing.B, db *sql.DB, from, to int) {
	b.Helper()
	statements := []string{"SET session_replication_role = replica"} // foreign keys are true by construction
	if from == 0 {
		statements = append(
			statements,
			"GRANT pg_read_all_data TO "+dbtest.Reader,
			fmt.Sprintf("INSERT INTO auth_user(id, username, password, first_name, last_name, email, is_staff, is_active, is_superuser, date_joined) "+
				"SELECT i, 'user ' || i, '', '', '', '', false, true, false, now() FROM generate_series(1, %d) AS n(i)", users),
			"INSERT INTO explorer_query(title, sql, description, created_at, last_run_date, snapshot, connection, few_shot) "+
				"SELECT 'query ' || i, 'select 1', '', now(), now(), false, '', false FROM generate_series(1, 500) AS n(i)",
		)
	}
	statements = append(
		statements,
		fmt.Sprintf("INSERT INTO explorer_querylog(sql, run_at, run_by_user_id, connection, success, duration) "+
			"SELECT repeat('x', 120), now(), NULLIF(i %% %d, 0), '', i %% 10 > 0, i %% 90 FROM generate_series(%d, %d) AS n(i)", users+1, from+1, to),
		"VACUUM ANALYZE explorer_querylog", "ANALYZE",
	)
	one, err := db.Conn(b.Context())
	require.NoError(b, err)
	defer func() { _ = one.Close() }()
	for _, statement := range statements {
		_, err := one.ExecContext(b.Context(), statement)
		require.NoError(b, err, statement)
	}
}

// scrape runs one whole scrape of the profile app:sql-explorer: connect, snapshot, readings, metrics, close.
// Of its readings "distinct" is one, "all" are all but the events, which the app's function does not look at.
func scrape(b *testing.B, readings string) (values map[string]int64) {
	b.Helper()
	factory := appusagereceiver.NewFactory()
	cfg := factory.CreateDefaultConfig()
	require.NoError(b, profile(b, readings).Unmarshal(cfg))
	values = map[string]int64{}
	done := make(chan struct{})
	next, err := consumer.NewMetrics(func(_ context.Context, md pmetric.Metrics) error {
		for _, metric := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
			values[metric.Name()] = metric.Gauge().DataPoints().At(0).IntValue()
		}
		close(done)
		return nil
	})
	require.NoError(b, err)
	receiver, err := factory.CreateMetrics(b.Context(), receivertest.NewNopSettings(factory.Type()), cfg, next)
	require.NoError(b, err)
	require.NoError(b, receiver.Start(b.Context(), componenttest.NewNopHost()))
	<-done
	require.NoError(b, receiver.Shutdown(context.Background()))
	return values
}

func profile(b *testing.B, readings string) *confmap.Conf {
	b.Helper()
	retrieved, err := apps.NewFactory().Create(confmaptest.NewNopProviderSettings()).Retrieve(b.Context(), "app:sql-explorer", nil)
	require.NoError(b, err)
	whole, err := retrieved.AsConf()
	require.NoError(b, err)
	section, err := whole.Sub("receivers::appusage")
	require.NoError(b, err)
	receiver := section.ToStringMap()
	receiver["initial_delay"], receiver["timeout"] = "0s", "10m"
	receiver["resource"].(map[string]any)["service.instance.id"] = map[string]any{"value": "bench"}
	for _, other := range []string{"storage", "consent", "events"} {
		delete(receiver, other)
	}
	if readings == "distinct" {
		const users = "explorer.query_log.users"
		receiver["metrics"] = map[string]any{users: receiver["metrics"].(map[string]any)[users]}
		delete(receiver["resource"].(map[string]any), "app.installed_at")
	}
	return confmap.NewFromStringMap(receiver)
}
