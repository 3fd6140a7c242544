// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

const reporting = `
sources: {db: {database: {url_env: SITE_URL}}}
consent: headcount
resource:
  service.instance.id: {value: site}
metrics:
  site.values: {source: db, count: {table: explorer_explorervalue}}
app_report:
  source: db
  pick: {table: explorer_explorervalue, column: value, where: {key: SMLS}}
  every: 168h
  turn_off: its own by A, this one by B
`

const twoReports = "The application has reported by itself: unless that is turned off by now, its makers get two reports"

// noting is a site whose application notes its reports as sql-explorer does.
func noting(t *testing.T, test func(t *testing.T, note func(value string))) {
	t.Helper()
	noted := func(t *testing.T, db *sql.DB, key string) func(string) {
		run(t, db, "CREATE TABLE explorer_explorervalue ("+key+" varchar(5), value text)")
		return func(value string) {
			run(t, db, "DELETE FROM explorer_explorervalue")
			run(t, db, "INSERT INTO explorer_explorervalue VALUES ('UUID', 'x'), ('SMLS', '"+value+"')")
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "site.sqlite3")
		db, err := sql.Open("sqlite", path)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		t.Setenv("SITE_URL", "sqlite:///"+path)
		test(t, noted(t, db, "key"))
	})
	onServers(t, func(t *testing.T, kind dbtest.Kind) {
		server := kind.Shared(t)
		name, db := server.Database(t)
		t.Setenv("SITE_URL", server.URL(dbtest.Reader, name))
		key := map[string]string{"postgresql": `"key"`, "mariadb": "`key`"}[kind.Name]
		test(t, noted(t, db, key))
	})
}

// unix is a time as Python's str(time.time()) writes it.
func unix(at time.Time) string { return fmt.Sprintf("%.7f", float64(at.UnixMicro())/1e6) }

func TestTheAppsOwnReportIsSaidOncePerReportAndNeverLeaves(t *testing.T) {
	noting(t, func(t *testing.T, note func(string)) {
		first := time.Now().Add(-24 * time.Hour)
		note(unix(first))
		b := started(t, fromYAML(t, reporting))
		said := b.logs.TakeAll()
		require.Len(t, said, 1)
		assert.Equal(t, twoReports, said[0].Message)
		assert.Equal(t, map[string]any{"turn_off": "its own by A, this one by B"}, said[0].ContextMap(), "and not when, which was read")

		assert.Equal(t, map[string]any{"service.instance.id": "site"}, attributes(b.last()))
		assert.Equal(t, map[string]any{"site.values": int64(2)}, figures(b.last()))
		whole, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(b.sink.AllMetrics()[0])
		require.NoError(t, err)
		assert.NotContains(t, string(whole), unix(first))

		b.scrapes()
		assert.Empty(t, b.logs.TakeAll(), "the same report is said once")
		note(unix(time.Now()))
		b.scrapes()
		assert.Equal(t, twoReports, b.logs.All()[0].Message, "the application goes on reporting")
	})
}

func TestAnAppThatReportsNoMoreIsNotSpokenOf(t *testing.T) {
	noting(t, func(t *testing.T, note func(string)) {
		note(unix(time.Now().Add(-169 * time.Hour)))
		b := started(t, fromYAML(t, reporting))
		note("")
		b.scrapes()
		assert.Empty(t, b.said())
		note("soon")
		b.scrapes()
		assert.Equal(t, []string{"Failed: app_report: it is no time: it has to be a time, Unix seconds, or a text of either"}, b.said())
		b.scrapes()
		assert.Empty(t, b.said(), "a failure is said once")
		assert.Equal(t, map[string]any{"site.values": int64(2)}, figures(b.last()), "the others still come")
	})
}

func TestWhoSendsNothingMakesNoSecondReport(t *testing.T) {
	path := filepath.Join(t.TempDir(), "site.sqlite3")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	run(t, db, "CREATE TABLE explorer_explorervalue (key varchar(5), value text)")
	run(t, db, "INSERT INTO explorer_explorervalue VALUES ('SMLS', '"+unix(time.Now())+"')")
	require.NoError(t, db.Close())
	t.Setenv("SITE_URL", "sqlite:///"+path)
	mode := trusttest.NewExtension(trust.Local)
	b := newBench(t, fromYAML(t, reporting), t.TempDir(), mode)
	require.NoError(t, b.receiver.Start(t.Context(), b.host))
	t.Cleanup(b.shutdown)
	b.waits()
	assert.Empty(t, b.said())
	mode.SetMode(trust.On)
	b.scrapes()
	require.Len(t, b.logs.All(), 1)
	assert.Equal(t, twoReports, b.logs.All()[0].Message)
}

func TestMoment(t *testing.T) {
	want := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	for _, value := range []any{want, want.Unix(), float64(want.Unix()), "2026-11-23T01:02:03Z", "1795395723", "1795395723.0"} {
		at, err := moment(value)
		require.NoError(t, err)
		assert.True(t, want.Equal(at.(time.Time)), "%v: %s", value, at)
	}
	for _, value := range []any{nil, "", "0", int64(0), "0001-01-01T00:00:00Z"} {
		at, err := moment(value)
		require.NoError(t, err)
		assert.Nil(t, at)
	}
	for _, value := range []any{true, "soon", "NaN", "1e300"} {
		_, err := moment(value)
		require.ErrorIs(t, err, errNoTime, "%v", value)
	}
}
