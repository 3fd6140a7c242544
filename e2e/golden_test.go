// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sqlExplorer runs the profile as its document says, with nothing but environment variables.
var sqlExplorer = []string{"--config", "app:sql-explorer", "--set", "receivers::appusage::initial_delay=0s"}

func TestReportsEqualTheAppsOwn(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob(filepath.Join(root, "testdata", "golden", "*", "sent.jsonl"))
	require.NoError(t, err)
	require.NotEmpty(t, cases)
	for _, sent := range cases {
		folder := filepath.Dir(sent)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			want := appReports(t, sent)
			delete(want, "QUERY_STREAM") // it leaves no row that a scrape could read
			site := environment{"DATABASE_URL": "sqlite:///" + filepath.Join(folder, "app.sqlite3")}
			maps.Copy(site, scenario(t, folder))

			assertReports(t, want, scrape(t, site, len(want)))
		})
	}
}

// scrape runs the profile once over a site and returns what its endpoint received.
func scrape(t *testing.T, site environment, expected int) map[string]report {
	t.Helper()
	makers := newEndpoint(t)
	env := environment{"EXPLORER_COLLECT_ENDPOINT_URL": makers.URL, "HEADCOUNT_STATE_DIR": t.TempDir(), "HEADCOUNT_PAGE": "127.0.0.1:0"}
	maps.Copy(env, site)
	d := start(t, env, sqlExplorer...)
	makers.awaits(t, expected)
	time.Sleep(settled / 4) // what is one too many would come now
	d.stop(t)
	return makers.reports(t)
}

func assertReports(t *testing.T, want, got map[string]report) {
	t.Helper()
	for name, w := range want {
		g, ok := got[name]
		if !assert.True(t, ok, "%s was not sent", name) {
			continue
		}
		assert.Equal(t, w.InstanceID, g.InstanceID)
		assert.Equal(t, texts(w.Value), texts(g.Value), name)
	}
	assert.Len(t, got, len(want))
}

// texts are a report's values as they stand on the wire: 45.0 is not 45.
func texts(value map[string]json.RawMessage) map[string]string {
	out := make(map[string]string, len(value))
	for key, raw := range value {
		out[key] = string(raw)
	}
	return out
}

func appReports(t *testing.T, file string) map[string]report {
	t.Helper()
	lines, err := os.ReadFile(file)
	require.NoError(t, err)
	reports := map[string]report{}
	for line := range strings.Lines(string(lines)) {
		r := parseReport(t, line)
		reports[r.Name] = r
	}
	return reports
}

func scenario(t *testing.T, folder string) environment {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, "scenario.json"))
	require.NoError(t, err)
	var s struct{ Env environment }
	require.NoError(t, json.Unmarshal(raw, &s))
	return s.Env
}
