// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/dbtest"
)

// sent is what the app itself reported.
type sent struct {
	InstanceID string         `json:"instanceId"`
	Name       string         `json:"name"`
	Value      map[string]any `json:"value"`
}

// goldenCase sets the scenario's environment and returns what the app sent, by stat.
func goldenCase(t *testing.T, folder string) map[string]sent {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, "scenario.json"))
	require.NoError(t, err)
	var scenario struct {
		Env map[string]string `json:"env"`
	}
	require.NoError(t, json.Unmarshal(raw, &scenario))
	for name, value := range scenario.Env {
		t.Setenv(name, value)
	}
	raw, err = os.ReadFile(filepath.Join(folder, "sent.jsonl"))
	require.NoError(t, err)
	stats := map[string]sent{}
	for line := range strings.Lines(string(raw)) {
		var s sent
		require.NoError(t, json.Unmarshal([]byte(line), &s))
		stats[s.Name] = s
	}
	return stats
}

// rounded is the app's own arithmetic, half to even, for comparing with what it sent.
func rounded(n any, to int64) float64 {
	whole, rest := n.(int64)/to, n.(int64)%to*2
	if rest > to || (rest == to && whole%2 == 1) {
		whole++
	}
	return float64(whole * to)
}

func TestGolden(t *testing.T) {
	folders, err := filepath.Glob("../../testdata/golden/*-*")
	require.NoError(t, err)
	require.NotEmpty(t, folders)
	for _, folder := range folders {
		path, err := filepath.Abs(filepath.Join(folder, "app.sqlite3"))
		require.NoError(t, err)
		t.Run(filepath.Base(folder)+"/sqlite", func(t *testing.T) {
			assertGolden(t, folder, "sqlite:///"+path, "sqlite")
		})
		for system, kind := range servers {
			t.Run(filepath.Base(folder)+"/"+kind.Name, func(t *testing.T) {
				server := kind.Shared(t)
				name, _ := server.Copy(t, path)
				assertGolden(t, folder, server.URL(dbtest.Reader, name), system)
			})
		}
	}
}

// servers by the name that Django has for them.
var servers = map[string]dbtest.Kind{"postgresql": dbtest.PostgreSQL, "mysql": dbtest.MariaDB}

func assertGolden(t *testing.T, folder, url, system string) {
	t.Helper()
	stats := goldenCase(t, folder)
	t.Setenv("DATABASE_URL", url)
	cfg := named(t, "appusage/sql_explorer")
	cfg.Consent = nil
	b := started(t, cfg)
	startup := stats["STARTUP_STATS"]
	read, counts := attributes(b.last()), figures(b.last())
	assert.Equal(t, startup.InstanceID, read["service.instance.id"])
	assert.Equal(t, startup.Value["version"], read["service.version"])
	assert.Equal(t, system, read["db.system.name"])
	assert.Equal(t, startup.Value["debug"], read["app.debug"])
	assert.Equal(t, startup.Value["assistant_enabled"], read["app.assistant"])
	assert.EqualValues(t, startup.Value["transform_count"], read["app.transforms"])
	assert.NotContains(t, read, "headcount.failed_readings")
	assert.Equal(t, startup.Value["explorer_install_quarter"], quarter(t, read["app.installed_at"]))

	assert.Equal(t, startup.Value["total_log_count"], rounded(counts["explorer.query_log.count"], 100))
	assert.Equal(t, startup.Value["unique_run_by_user_count"], rounded(counts["explorer.query_log.users"], 5))
	assert.Equal(t, startup.Value["total_query_count"], rounded(counts["explorer.query.count"], 10))
	assert.Equal(t, startup.Value["unique_connection_count"], rounded(counts["explorer.query.connections"], 5))
	assert.EqualValues(t, startup.Value["user_dbs"], counts["explorer.connection.count"])

	if run, ran := stats["QUERY_RUN"]; ran {
		assert.EqualValues(t, run.Value["sql_len"], counts["explorer.query_run.sql_len"])
		assert.Equal(t, run.Value["duration"], counts["explorer.query_run.duration"])
	} else {
		assert.NotContains(t, counts, "explorer.query_run.sql_len")
	}
	assert.Empty(t, b.logs.FilterLevelExact(zap.WarnLevel).All(), "a scrape without trouble has no warning")
}

// quarter of a time as the app writes it; null stays null.
func quarter(t *testing.T, attribute any) any {
	t.Helper()
	if attribute == nil {
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, attribute.(string))
	require.NoError(t, err)
	return "Q" + string(rune('1'+(at.Month()-1)/3)) + at.Format("-2006")
}
