// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/porttest"
)

// makersSide is a running app:collect-endpoint.
type makersSide struct {
	*distribution
	collect, prometheus string
}

func startMakers(t *testing.T, state string, env environment, args ...string) makersSide {
	t.Helper()
	collect, prometheus := porttest.Address(t), porttest.Address(t)
	all := environment{"HEADCOUNT_STATE_DIR": state, "HEADCOUNT_COLLECT_ENDPOINT": collect, "HEADCOUNT_PROMETHEUS_ENDPOINT": prometheus}
	for name, value := range env {
		all[name] = value
	}
	d := startCommand(t, all, append([]string{makersProgram(), "--config", "app:collect-endpoint", "--set", "connectors::fleet::interval=100ms", "--set", "connectors::fleet::min_installations=1"}, args...)...)
	d.says(t, "Everything is ready")
	return makersSide{d, "http://" + collect + "/stat", "http://" + prometheus + "/metrics"}
}

// takes posts a stat, and expects that it is taken in.
func (m makersSide) takes(t *testing.T, id, name, value string) {
	t.Helper()
	body := fmt.Sprintf(`{"instanceId":%q,"time":%d,"value":%s,"name":%q}`, id, time.Now().Unix(), value, name)
	response, err := http.Post(m.collect, "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s", answer)
}

// scrape is what Prometheus would be told now.
func (m makersSide) scrape(t require.TestingT) string {
	response, err := http.Get(m.prometheus)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(text)
}

// exports waits until one scrape holds a line that begins with each of these, and returns it: the
// exporter takes in one metric after another.
func (m makersSide) exports(t *testing.T, beginnings ...string) string {
	t.Helper()
	var text string
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		text = "\n" + m.scrape(t)
		for _, line := range beginnings {
			require.Contains(t, text, "\n"+line)
		}
	}, patience, 50*time.Millisecond)
	return text
}

// The four stats of sql-explorer, as it sends them.
var explorerStats = [][2]string{
	{"STARTUP_STATS", `{"total_log_count":%d00,"unique_run_by_user_count":5,"total_query_count":20,"unique_connection_count":0,"default_database":"sqlite","explorer_install_quarter":"Q1-2024","debug":false,"tasks_enabled":true,"unsafe_rendering":false,"transform_count":0,"assistant_enabled":null,"user_dbs":1,"version":"5.%[1]d","charts_enabled":true}`},
	{"QUERY_RUN", `{"sql_len":%d,"duration":45.0}`},
	{"QUERY_STREAM", `{"fmt":"csv%d"}`},
	{"ASSISTANT_RUN", `{"included_table_count":%d,"has_sql":true,"duration":2.5}`},
}

func TestMakersCountInstallationsAndNameNone(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	makers := startMakers(t, state, nil)
	for i := 1; i <= 7; i++ {
		for _, stat := range explorerStats {
			makers.takes(t, fmt.Sprint("canary-", i), stat[0], fmt.Sprintf(stat[1], i))
		}
	}
	makers.takes(t, "canary-1", "QUERY_RUN", `{"error":"canary in an app's error"}`)
	text := makers.exports(
		t, "fleet_installation_count 7", "fleet_explorer_query_log_count_sum 2800", "fleet_explorer_query_log_count_mean 400",
		"fleet_explorer_query_log_count_installation_count 7", `fleet_explorer_query_log_count_distribution_bucket{le="100"} 1`, `fleet_explorer_query_log_count_distribution_bucket{le="1000"} 7`,
		`fleet_service_version_installation_count{service_version="5.3"} 1`,
		`fleet_explorer_query_stream_fmt_installation_count{explorer_query_stream_fmt="csv7"} 1`,
	)
	assert.NotContains(t, text, "canary")
	makers.stop(t)
	for _, file := range stateOf(t, state, "fleet") {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.NotContains(t, string(content), "canary")
	}

	again := startMakers(t, state, nil)
	again.exports(t, "fleet_installation_count 7")
	again.takes(t, "canary-8", "QUERY_RUN", `{"sql_len":3,"duration":1.0}`)
	again.takes(t, "canary-6", "QUERY_RUN", `{"sql_len":3,"duration":1.0}`)
	again.exports(t, "fleet_installation_count 8")
	again.stop(t)
}

// What the app's one_bit and randomized_response make of numbers, the makers estimate by the same block.
func TestMakersEstimate(t *testing.T) {
	t.Parallel()
	makers := startMakers(t, t.TempDir(), nil,
		"--config", "yaml:receivers::collect::stats: {USAGE: {value: {seats: {metric: app.seats}, beta: {resource: app.beta}}}}",
		"--config", "yaml:connectors::fleet::metrics: {app.seats: {one_bit: {max: 1000}}}",
		"--config", "yaml:connectors::fleet::resource: {app.beta: {randomized_response: {}}}")
	for i := range 200 {
		makers.takes(t, fmt.Sprint(i), "USAGE", fmt.Sprintf(`{"seats":%d,"beta":%t}`, i%2, i%4 != 0))
	}
	makers.exports(
		t, "fleet_app_seats_installation_count 200", "fleet_app_seats_mean 500", "fleet_app_seats_mean_low 3", "fleet_app_seats_mean_high 6",
		"fleet_app_beta_installation_count 200", "fleet_app_beta_share_ratio 1", "fleet_app_beta_share_low_ratio 0.9", "fleet_app_beta_share_high_ratio 1",
	)
	makers.stop(t)
}

func TestMakersFiguresByOTLP(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	backend := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/metrics" {
			requests.Add(1)
		}
	}))
	t.Cleanup(backend.Close)
	makers := startMakers(t, t.TempDir(), environment{"HEADCOUNT_FLEET_EXPORTERS": "[prometheus, otlp_http]", "OTEL_EXPORTER_OTLP_ENDPOINT": backend.URL})
	require.Eventually(t, func() bool { return requests.Load() > 0 }, patience, 20*time.Millisecond)
	makers.exports(t, "fleet_installation_minimum 1")
	makers.stop(t)
}

// Every metric that the dashboard asks for is exported, with every label it asks for.
func TestDashboardFitsWhatIsExported(t *testing.T) {
	t.Parallel()
	makers := startMakers(t, t.TempDir(), nil)
	for _, stat := range explorerStats {
		makers.takes(t, "one", stat[0], strings.Replace(fmt.Sprintf(stat[1], 3), "null", "true", 1))
	}
	text := makers.exports(
		t, "fleet_explorer_query_log_count_sum 300", `fleet_explorer_query_stream_fmt_installation_count{explorer_query_stream_fmt="csv3"} 1`,
		"fleet_explorer_assistant_run_duration_mean_seconds 2.5", `fleet_explorer_assistant_run_has_sql_installation_count{`,
		"fleet_service_version_installation_count{", "fleet_app_charts_installation_count{", "fleet_explorer_query_run_duration_mean_milliseconds",
	)
	makers.stop(t)

	exported := map[string]bool{}
	for _, name := range regexp.MustCompile(`(?m)^(\w+)[ {]`).FindAllStringSubmatch(text, -1) {
		exported[name[1]] = true
	}
	queried := map[string]bool{}
	for _, q := range dashboardQueries(t) {
		names := regexp.MustCompile(`fleet_\w+`).FindAllString(q.Expr, -1)
		require.NotEmpty(t, names, q.Expr)
		for _, name := range names {
			assert.True(t, exported[name], "%s, of %s, is not exported", name, q.Expr)
			queried[name] = true
		}
		for _, label := range regexp.MustCompile(`\{\{(\w+)\}\}`).FindAllStringSubmatch(q.LegendFormat, -1) {
			assert.Contains(t, text, names[0]+"{"+label[1]+"=", q.LegendFormat)
		}
	}
	for name := range exported {
		if numbers := strings.TrimSuffix(name, "_installation_count"); numbers != name && !strings.HasPrefix(name, "fleet_explorer_assistant_run") {
			asked := queried[name] || slices.ContainsFunc(slices.Collect(maps.Keys(queried)), func(q string) bool { return strings.HasPrefix(q, numbers+"_distribution") })
			assert.True(t, asked, "%s has no panel", name)
		}
	}
}

func TestMakersConfigurationsAreValid(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join(root, "docs", "makers.md"))
	require.NoError(t, err)
	own := regexp.MustCompile("(?s)```yaml\n(# our-endpoint.yaml.*?)```").FindSubmatch(guide)
	require.NotNil(t, own)
	file := filepath.Join(t.TempDir(), "our-endpoint.yaml")
	require.NoError(t, os.WriteFile(file, own[1], 0o600))
	for _, config := range []string{"app:collect-endpoint", "file:" + file} {
		printed, failed := validateBy(t, makersProgram(), "--config", config)
		assert.False(t, failed, printed)
		assert.Empty(t, printed)
	}
}

type query struct {
	Expr         string `json:"expr"`
	LegendFormat string `json:"legendFormat"`
	Instant      bool   `json:"instant"`
	Range        bool   `json:"range"`
}

func dashboardQueries(t *testing.T) (all []query) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "docs", "grafana", "headcount.json"))
	require.NoError(t, err)
	var dashboard struct {
		Panels []struct {
			ID      int     `json:"id"`
			Type    string  `json:"type"`
			Title   string  `json:"title"`
			Targets []query `json:"targets"`
		} `json:"panels"`
	}
	require.NoError(t, json.Unmarshal(content, &dashboard))
	ids := map[int]bool{}
	for _, panel := range dashboard.Panels {
		assert.False(t, ids[panel.ID], "two panels have the id %d", panel.ID)
		ids[panel.ID] = true
		if panel.Type != "row" {
			assert.NotEmpty(t, panel.Targets, panel.Title)
		}
		all = append(all, panel.Targets...)
	}
	require.NotEmpty(t, all)
	return all
}
