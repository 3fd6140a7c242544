// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/internal/dbtest"
)

// visits has one column for each thing that only a database knows.
const visits = `CREATE TABLE visits (id INTEGER, state VARCHAR(20), plan VARCHAR(20), note VARCHAR(200), size INTEGER, made BIGINT, seconds INTEGER,
	due TIMESTAMP NULL, closed TIMESTAMP NULL, never INTEGER, unused INTEGER);
INSERT INTO visits VALUES (1, 'open', 'free', 'canary', 1, 1750000000000, 30, '2031-01-01 00:00:00', '2026-01-01 00:00:00', 0, NULL);
INSERT INTO visits VALUES (2, 'held', 'free', 'a canary that somebody has written, in many words, and which is therefore no kind of anything', 2, 1750000001000, 45, '2031-01-01 00:00:00', '1970-01-02 00:00:00', 0, NULL);
CREATE TABLE empty_one (id INTEGER, made BIGINT);
CREATE VIEW seen AS SELECT id, state FROM visits;`

func TestAgainst(t *testing.T) {
	urls := map[string]string{"sqlite": "sqlite:///" + filepath.Join(t.TempDir(), "visits.sqlite3")}
	db, err := sql.Open("sqlite", strings.TrimPrefix(urls["sqlite"], "sqlite:///"))
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	_, err = db.Exec(visits)
	require.NoError(t, err)
	for _, kind := range []dbtest.Kind{dbtest.PostgreSQL, dbtest.MariaDB} {
		server := kind.Shared(t)
		name, db := server.Database(t)
		_, err := db.Exec(visits)
		require.NoError(t, err)
		urls[kind.Name] = server.URL("reader", name)
	}
	for _, test := range []struct{ reading, said string }{
		{"count: {table: visits}", ""},
		{"count: {table: seen, where: {state: open}}", ""},
		{"count: {table: visit}", `error: metrics::m::count::table: "visit": the table does not exist`},
		{"count: {table: visit}", "do you mean visits?"},
		{"count: {table: visits, where: {stat: open}}", `error: metrics::m::count::where: "stat" is no column of visits: do you mean state?`},
		{"count: {table: visits, where: {state: open}}", ""},
		{"count: {table: visits, where: {state: Opened}}", "warning: metrics::m::count::where::state: no row has it here"},
		{"count: {table: visits, where: {plan: free}}", "warning: metrics::m::count::where::plan: each row has it here"},
		{"count: {table: visits, since: {made: 30d}, time: unix_ms}", ""},
		{"count: {table: visits, since: {made: 30d}}", "warning: metrics::m::count::since::made: these are numbers that look like `time: unix_ms`"},
		{"count: {table: visits, since: {made: 30d}, time: unix}", "error: metrics::m::count::since::made: its values look like `time: unix_ms`, and `time` says unix"},
		{"count: {table: visits, since: {seconds: 30d}}", "error: metrics::m::count::since::seconds: its values are in no one form of a time: is it a duration"},
		{"count: {table: visits, since: {due: 30d}}", "warning: metrics::m::count::since::due: values lie in the future"},
		{"count: {table: visits, since: {never: 30d}}", "warning: metrics::m::count::since::never: all values here stand for never"},
		{"count: {table: visits, since: {unused: 30d}}", "warning: metrics::m::count::since::unused: it has no value here"},
		{"count: {table: empty_one, since: {made: 30d}}", `warning: metrics::m::count::table: "empty_one" has no rows here`},
		{"count: {table: visits}, by: state", ""},
		{"count: {table: visits}, by: plan", `warning: metrics::m::by: "plan" has one value here`},
		{"count: {table: visits}, by: note", `warning: metrics::m::by: "note" has long values`},
		{"count: {table: visits}, by: states", `error: metrics::m::by: "states" is no column of visits: do you mean state?`},
		{"count: {table: visits}, by: id, limit: 1", "error: metrics::m::count: "},
		{"sum: {table: visits, column: size}", ""},
		{"sum: {table: visits, column: note}", "metrics::m::sum::column: \"note\" is declared as "},
		{"pick: {table: visits, column: size}", "error: metrics::m::pick: several rows match: narrow `where`"},
		{"count_distinct: {table: visits, column: plans}", "do you mean plan?"},
		{"sql: SELECT count(*) FROM visitors", "error: metrics::m::sql: the table does not exist"},
	} {
		for dialect, url := range urls {
			t.Run(dialect+"/"+test.reading, func(t *testing.T) {
				remarks, err := readerOf(t, test.reading).Against(t.Context(), "db", url, time.Minute)
				require.NoError(t, err)
				said := ""
				for _, r := range remarks {
					said += map[bool]string{true: "error: ", false: "warning: "}[r.Fails] + r.Key + ": " + r.Text + "\n"
				}
				if test.said == "" {
					assert.Empty(t, said)
				} else {
					assert.Contains(t, said, test.said)
				}
				assert.NotContains(t, said, "canary")
			})
		}
	}
}

// readerOf is a receiver with one metric, m.
func readerOf(t *testing.T, reading string) *Config {
	t.Helper()
	retrieved, err := confmap.NewRetrievedFromYAML([]byte("resource: {service.instance.id: {value: x}}\nsources: {db: {database: {url: sqlite:///x}}}\nmetrics:\n  m: {source: db, " + reading + "}"))
	require.NoError(t, err)
	section, err := retrieved.AsConf()
	require.NoError(t, err)
	cfg := NewFactory().CreateDefaultConfig().(*Config)
	require.NoError(t, section.Unmarshal(cfg))
	require.NoError(t, confmap.Validate(cfg))
	return cfg
}
