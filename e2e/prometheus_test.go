// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/internal/porttest"
)

// prometheus is a real server that scrapes its targets every half second, and takes what is written to it.
type prometheus struct{ url string }

func startPrometheus(t *testing.T, targets ...string) prometheus {
	t.Helper()
	debian.NeedsProgram(t, "prometheus", "prometheus")
	folder, address := t.TempDir(), porttest.Address(t)
	list, err := json.Marshal(targets)
	require.NoError(t, err)
	config := filepath.Join(folder, "prometheus.yml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
global: {scrape_interval: 500ms}
scrape_configs:
  - job_name: makers
    static_configs: [{targets: %s}]
`, list), 0o600))
	d := startCommand(t, nil, "prometheus", "--config.file="+config, "--web.enable-remote-write-receiver", "--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+address)
	d.says(t, "Server is ready to receive web requests")
	return prometheus{"http://" + address}
}

// found evaluates a panel's query as Grafana does, and returns how many series it gives.
func (p prometheus) found(t require.TestingT, q query) int {
	now := time.Now()
	path, values := "/api/v1/query", url.Values{"query": {q.Expr}}
	if q.Range {
		path = "/api/v1/query_range"
		values.Set("start", now.Add(-time.Minute).Format(time.RFC3339))
		values.Set("end", now.Format(time.RFC3339))
		values.Set("step", "1s")
	}
	return len(p.ask(t, path, values))
}

// found is a series that an expression gives.
type found struct {
	Metric map[string]string `json:"metric"`
	Value  [2]any            `json:"value"`
}

// ask has the server evaluate an expression.
func (p prometheus) ask(t require.TestingT, path string, values url.Values) []found {
	response, err := http.PostForm(p.url+path, values)
	require.NoError(t, err)
	defer response.Body.Close()
	var answer struct {
		Status   string   `json:"status"`
		Error    string   `json:"error"`
		Warnings []string `json:"warnings"`
		Data     struct {
			Result []found `json:"result"`
		} `json:"data"`
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	require.Equal(t, "success", answer.Status, "%v: %s", values, answer.Error)
	assert.Empty(t, answer.Warnings, values)
	return answer.Data.Result
}

// A real Prometheus that scrapes the makers' side answers every query of the dashboard.
func TestDashboardInPrometheus(t *testing.T) {
	t.Parallel()
	makers := startMakers(t, t.TempDir(), nil)
	for i := 1; i <= 3; i++ {
		for _, stat := range explorerStats {
			makers.takes(t, fmt.Sprint("installation-", i), stat[0], strings.Replace(fmt.Sprintf(stat[1], i), "null", "true", 1))
		}
	}
	server := startPrometheus(t, strings.TrimSuffix(strings.TrimPrefix(makers.prometheus, "http://"), "/metrics"))
	queries := dashboardQueries(t)
	require.EventuallyWithT(t, func(t *assert.CollectT) { // the exporter takes in one metric after another, and one telling after another
		for _, q := range queries {
			least := 1
			if strings.HasPrefix(q.Expr, "sort_desc(fleet_service_version") {
				least = 3 // one series for each version
			}
			require.GreaterOrEqual(t, server.found(t, q), least, q.Expr)
		}
	}, patience, 500*time.Millisecond)
	for _, q := range queries {
		assert.True(t, q.Instant != q.Range, q.Expr)
		assert.False(t, q.Range && strings.Contains(q.Expr, "sort"), "a range has no order: %s", q.Expr)
	}
	makers.stop(t)
}
