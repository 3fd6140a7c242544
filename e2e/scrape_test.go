// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReportsOfMadeUpInstallations(t *testing.T) {
	t.Parallel()
	const anyDay = "2025-06-15 12:00:00"
	for name, site := range map[string]installation{
		"zero rows":                 {installed: anyDay},
		"no users":                  {logs: 300, queries: 5, installed: anyDay, lastSQL: "select 1", lastDuration: 0.25},
		"no migrations":             {logs: 1, users: 1, queries: 1, connections: 1, lastSQL: "x", lastDuration: 2},
		"null foreign keys":         {logs: 1000, users: 3, queries: 100, connections: 2, installed: anyDay, lastSQL: "select 1", lastDuration: 1},
		"tie 50 and 5":              {logs: 50, users: 5, queries: 5, connections: 5, installed: anyDay, lastSQL: "select 1", lastDuration: 0.001},
		"tie 150 and 15":            {logs: 150, users: 7, queries: 15, connections: 8, installed: anyDay, lastSQL: "select 1", lastDuration: 12345678.5},
		"tie 250 and 25":            {logs: 250, users: 12, queries: 25, connections: 13, installed: anyDay, lastSQL: "select 1", lastDuration: 0},
		"tie 350 and 35":            {logs: 350, users: 13, queries: 35, connections: 17, installed: anyDay, lastSQL: "select 1", lastDuration: 100},
		"tie 450 and 45":            {logs: 450, users: 22, queries: 45, connections: 18, installed: anyDay, lastSQL: "select 1", lastDuration: 3},
		"tie 1050 and 105":          {logs: 1050, users: 23, queries: 105, connections: 22, installed: anyDay, lastSQL: "select 1", lastDuration: 3},
		"one below and above":       {logs: 149, users: 2, queries: 16, connections: 3, userDBs: 7, installed: anyDay, lastSQL: "select 1", lastDuration: 3},
		"large":                     {logs: 123456, users: 2000, queries: 995, connections: 42, userDBs: 42, installed: anyDay, lastSQL: strings.Repeat("é", 70000), lastDuration: 7.5},
		"characters, not bytes":     {logs: 1, users: 1, installed: anyDay, lastSQL: "select 'naïve 日本語 🦆 e\u0301'", lastDuration: 7.875},
		"the last second of a year": {logs: 1, users: 1, installed: "2024-12-31 23:59:59", lastSQL: "select 1", lastDuration: 1.125},
		"the first of a year":       {logs: 1, users: 1, installed: "2025-01-01 00:00:00", lastSQL: "select 1", lastDuration: 1.125},
		"the last of a quarter":     {installed: "2025-06-30 23:59:59"},
		"the first of a quarter":    {installed: "2025-07-01 00:00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := map[string]map[string]string{"STARTUP_STATS": site.startupStats()}
			if site.logs > 0 {
				want["QUERY_RUN"] = site.queryRun()
			}
			got := scrape(t, environment{"DATABASE_URL": "sqlite:///" + site.create(t)}, len(want))
			require.Len(t, got, len(want))
			for stat, value := range want {
				assert.Equal(t, value, texts(got[stat].Value), stat)
				assert.Equal(t, uuid, got[stat].InstanceID)
			}
		})
	}
}

func TestStrictSaysRanges(t *testing.T) {
	t.Parallel()
	site := installation{logs: 250, users: 12, queries: 25, connections: 13, userDBs: 8, installed: "2025-06-15 12:00:00", lastSQL: strings.Repeat("x", 1234), lastDuration: 449.5}
	startup, run := strict(t, site, "7")
	assert.Equal(t, "6", string(startup.Value["user_dbs"]))
	assert.Equal(t, "6", string(startup.Value["transform_count"]))
	assert.Equal(t, "1000", string(run.Value["sql_len"]))
	assert.Equal(t, "250.0", string(run.Value["duration"]))
	assert.Equal(t, "300", string(startup.Value["total_log_count"]))
	assert.Equal(t, "21", string(startup.Value["total_query_count"]))
	assert.NotEqual(t, uuid, startup.InstanceID, "a name of its own")
	assert.Len(t, startup.InstanceID, len(uuid))
	assert.Equal(t, startup.InstanceID, run.InstanceID)
}

// On a small site a zero would be all that it says, and none could not be told from few.
func TestStrictSaysNullOfASmallSite(t *testing.T) {
	t.Parallel()
	site := installation{logs: 30, users: 2, queries: 7, connections: 1, userDBs: 1, installed: "2025-06-15 12:00:00", lastSQL: "select 1", lastDuration: 3}
	startup, run := strict(t, site, "0")
	for key, want := range map[string]string{
		"total_log_count": "100", "unique_run_by_user_count": "null", "total_query_count": "6", "unique_connection_count": "null",
		"user_dbs": "null", "transform_count": "null",
	} {
		assert.Equal(t, want, string(startup.Value[key]), key)
	}
	assert.Equal(t, "0", string(run.Value["sql_len"]))
}

// strict is what the makers get of an installation under app:strict.
func strict(t *testing.T, site installation, transforms string) (startup, run report) {
	makers := newEndpoint(t)
	d := start(t, environment{
		"DATABASE_URL": "sqlite:///" + site.create(t), "EXPLORER_COLLECT_ENDPOINT_URL": makers.URL,
		"HEADCOUNT_STATE_DIR": t.TempDir(), "HEADCOUNT_PAGE": "127.0.0.1:0", "EXPLORER_TRANSFORM_COUNT": transforms,
	}, append(sqlExplorer, "--config", "app:strict")...)
	makers.awaits(t, 2)
	d.stop(t)
	return makers.reports(t)["STARTUP_STATS"], makers.reports(t)["QUERY_RUN"]
}

func TestNothingIsSentBeforeItIsDue(t *testing.T) {
	t.Parallel()
	site := installation{logs: 250, users: 12, installed: "2025-06-15 12:00:00", lastSQL: "select 1", lastDuration: 1}
	database, state := site.create(t), t.TempDir()
	run := func(state string, due int) map[string]report {
		makers := newEndpoint(t)
		d := start(t, environment{
			"DATABASE_URL": "sqlite:///" + database, "EXPLORER_COLLECT_ENDPOINT_URL": makers.URL, "HEADCOUNT_STATE_DIR": state, "HEADCOUNT_PAGE": "127.0.0.1:0",
		}, sqlExplorer...)
		makers.awaits(t, due)
		d.staysUp(t)
		d.stop(t)
		return makers.reports(t)
	}
	first := run(state, 2)
	require.Len(t, first, 2)
	assert.Empty(t, run(state, 0), "started again with its state, nothing is due")
	again := run(t.TempDir(), 2)
	require.Len(t, again, 2, "with its state gone")
	assert.Equal(t, first["STARTUP_STATS"].InstanceID, again["STARTUP_STATS"].InstanceID)
}

func TestGeneratedIDSurvivesRestarts(t *testing.T) {
	t.Parallel()
	database := installation{installed: "2025-06-15 12:00:00"}.create(t)
	_, err := open(t, database).Exec("DELETE FROM explorer_explorervalue WHERE key = 'UUID'")
	require.NoError(t, err)
	state := t.TempDir()
	run := func() string {
		makers := newEndpoint(t)
		d := start(t, environment{
			"DATABASE_URL": "sqlite:///" + database, "EXPLORER_COLLECT_ENDPOINT_URL": makers.URL, "HEADCOUNT_STATE_DIR": state, "HEADCOUNT_PAGE": "127.0.0.1:0",
		}, append(sqlExplorer, "--config", "yaml:exporters::collect::storage: null")...)
		makers.awaits(t, 1)
		d.stop(t)
		return makers.reports(t)["STARTUP_STATS"].InstanceID
	}
	id := run()
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, id)
	assert.Equal(t, id, run())
}

func TestTimeIsTheDay(t *testing.T) {
	t.Parallel()
	site := installation{installed: "2025-06-15 12:00:00"}
	got := scrape(t, environment{"DATABASE_URL": "sqlite:///" + site.create(t)}, 1)
	seconds, err := got["STARTUP_STATS"].Time.Float64()
	require.NoError(t, err)
	assert.Zero(t, int64(seconds)%86400)
	assert.WithinDuration(t, time.Now(), time.Unix(int64(seconds), 0), 48*time.Hour)
}
