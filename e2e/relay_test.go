// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/porttest"
	"github.com/headcount-otel/headcount/parity/sqlexplorer"
)

// typed is what a user put behind ?format=, which the app reports.
const typed = "my-boss-is-a-fool"

// The real app posts to the relay, and the relay's rules say what passes on.
func TestRelay(t *testing.T) {
	python := sqlexplorer.Install(t, root, sqlexplorer.Newest)
	site := python.Start(t, sqlexplorer.Settings{
		Database: sqlexplorer.SQLite(), UseTZ: true, TimeZone: "UTC", AssistantKey: "sk-made-up", AssistantURL: newAssistant(t) + "/v1",
	})
	for name, check := range map[string]struct {
		overlays []string
		passesOn func(t *testing.T, app, passed report)
	}{
		"as the app reports": {nil, passesOnUnchanged},
		"strict":             {[]string{"--config", "app:strict"}, passesOnRanges},
	} {
		t.Run(name, func(t *testing.T) {
			makers, relay := newRelay(t, check.overlays...)
			for what, step := range map[string]sqlexplorer.Step{
				"QUERY_RUN":    {Do: "run", Title: "a run", SQL: "select '" + strings.Repeat("é", 1225) + "'"},
				"QUERY_STREAM": {Do: "stream", Title: "a stream", SQL: "select 1", Format: "json"},
				"ASSISTANT_RUN": {Do: "assist", Request: map[string]any{
					"connection_id": 1, "assistant_request": "count my queries", "selected_tables": []string{"explorer_query"}, "sql": "select 2",
				}},
			} {
				app := relay.play(t, site, step)
				require.Len(t, app, 2, "the app reports what happened, and its weekly stats")
				passed := makers.passedOn(t, 2)
				for _, stat := range []string{what, "STARTUP_STATS"} {
					require.Contains(t, app, stat)
					require.Contains(t, passed, stat)
					check.passesOn(t, app[stat], passed[stat])
				}
				assert.Equal(t, passed[what].InstanceID, passed["STARTUP_STATS"].InstanceID, "one installation has one name")
			}
			assert.NotContains(t, relay.distribution.stderr.String(), "incomplete")
		})
	}
}

func TestRelayPassesNoTextOn(t *testing.T) {
	python := sqlexplorer.Install(t, root, sqlexplorer.Newest)
	site := python.Start(t, sqlexplorer.Settings{Database: sqlexplorer.SQLite(), UseTZ: true, TimeZone: "UTC"})
	makers, relay := newRelay(t)

	app := relay.play(t, site, sqlexplorer.Step{Do: "stream", Title: "a stream", SQL: "select 1", Format: typed, Fails: true})
	assert.Equal(t, map[string]string{"fmt": `"` + typed + `"`}, texts(app["QUERY_STREAM"].Value), "the app reports what was typed")
	assert.Equal(t, map[string]string{"fmt": `"other"`}, texts(makers.passedOn(t, 2)["QUERY_STREAM"].Value))

	const fault = "object of type 'NoneType' has no len()"
	relay.settings = map[string]any{"EXPLORER_TRANSFORMS": nil}
	app = relay.play(t, site, sqlexplorer.Step{Do: "stream", Title: "a stream", SQL: "select 1", Format: "csv"})
	assert.Equal(t, map[string]string{"error": `"error gathering stats: ` + fault + `"`}, texts(app["STARTUP_STATS"].Value), "the app reports its own error")
	assert.Contains(t, makers.passedOn(t, 1), "QUERY_STREAM")
	time.Sleep(settled) // for what must not come
	assert.Empty(t, makers.received(), "nothing more passes")

	relay.distribution.stop(t)
	for _, text := range []string{typed, fault} {
		assert.NotContains(t, relay.distribution.stderr.String(), text)
		assertNoFileHolds(t, relay.state, text)
	}
}

// passesOnUnchanged: the app has rounded already, and the rest may leave exact. Only the time becomes the day.
func passesOnUnchanged(t *testing.T, app, passed report) {
	t.Helper()
	assert.Equal(t, app.InstanceID, passed.InstanceID)
	assert.Equal(t, texts(app.Value), texts(passed.Value))
	assertDay(t, app, passed)
}

// passesOnRanges: numbers become ranges, or null where they are small, and the id is replaced.
func passesOnRanges(t *testing.T, app, passed report) {
	t.Helper()
	want := texts(app.Value)
	for _, key := range []string{"total_log_count", "unique_run_by_user_count", "total_query_count", "unique_connection_count", "user_dbs", "transform_count"} {
		value, ok := want[key]
		if !ok {
			continue
		}
		switch number := parsedNumber(t, value); {
		case number < 6:
			want[key] = "null"
		case key == "total_log_count":
			want[key] = strconv.Itoa(100 * int(math.Ceil(number/100)))
		default:
			want[key] = strconv.Itoa(int(lowerEnd(number, []float64{6, 21, 101, 501, 2001})))
		}
	}
	for key, bounds := range map[string][]float64{
		"sql_len": {0, 100, 250, 500, 1000, 2500}, "included_table_count": {0, 1, 6},
	} {
		if value, ok := want[key]; ok {
			want[key] = strconv.Itoa(int(lowerEnd(parsedNumber(t, value), bounds)))
		}
	}
	if value, ok := want["duration"]; ok {
		bounds := map[string][]float64{"QUERY_RUN": {0, 100, 250, 500, 1000}, "ASSISTANT_RUN": {0, 5, 15, 60}}[app.Name]
		want["duration"] = strconv.FormatFloat(lowerEnd(parsedNumber(t, value), bounds), 'f', 1, 64)
	}
	assert.Equal(t, want, texts(passed.Value))
	assert.NotEqual(t, app.InstanceID, passed.InstanceID)
	assertDay(t, app, passed)
}

func parsedNumber(t *testing.T, value string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(value, 64)
	require.NoError(t, err)
	return n
}

// lowerEnd is that of the range of n.
func lowerEnd(n float64, bounds []float64) (low float64) {
	for _, b := range bounds {
		if n >= b {
			low = b
		}
	}
	return low
}

func assertDay(t *testing.T, app, passed report) {
	t.Helper()
	const day = 86400
	sent, err := app.Time.Float64()
	require.NoError(t, err)
	got, err := passed.Time.Float64()
	require.NoError(t, err)
	assert.Equal(t, math.Floor(sent/day)*day, got)
}

func assertNoFileHolds(t *testing.T, folder, text string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		assert.NotContains(t, string(content), text, path)
		return err
	}))
}

// relay is the distribution between the app and its makers. Each installation that
// plays has an id of its own, so that each report is due.
type relay struct {
	distribution *distribution
	state        string
	settings     map[string]any
	app          *endpoint // what the app posted; the relay has it too
	played       int
	folder       string
}

// newRelay starts a relay, and the makers to whom it passes on.
func newRelay(t *testing.T, overlays ...string) (*endpoint, *relay) {
	t.Helper()
	makers := newEndpoint(t)
	r := &relay{state: t.TempDir(), folder: t.TempDir(), app: &endpoint{answer: func(http.ResponseWriter, *http.Request) {}}, settings: map[string]any{"EXPLORER_TRANSFORMS": []any{}}}
	address := porttest.Address(t)
	r.distribution = start(t, environment{
		"EXPLORER_COLLECT_ENDPOINT_URL": makers.URL, "HEADCOUNT_COLLECT_ENDPOINT": address,
		"HEADCOUNT_STATE_DIR": r.state, "HEADCOUNT_PAGE": "127.0.0.1:0",
	}, append([]string{"--config", "app:sql-explorer-relay", "--set", "receivers::collect::max_installations=100"}, overlays...)...)
	r.distribution.says(t, "Everything is ready")
	tee := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		assert.NoError(t, err)
		request.Body = io.NopCloser(bytes.NewReader(body))
		r.app.ServeHTTP(w, request)
		answer, err := http.Post("http://"+address+"/stat", request.Header.Get("Content-Type"), bytes.NewReader(body))
		if assert.NoError(t, err) {
			defer answer.Body.Close()
			text, _ := io.ReadAll(answer.Body)
			assert.Equal(t, http.StatusOK, answer.StatusCode, string(text))
		}
	}))
	t.Cleanup(tee.Close)
	r.app.URL = tee.URL + "/stat"
	return makers, r
}

// play lets one thing happen in a new installation and returns what the app posted.
func (r *relay) play(t *testing.T, site *sqlexplorer.Site, step sqlexplorer.Step) map[string]report {
	t.Helper()
	r.app.forget()
	r.played++
	site.Play(t, sqlexplorer.Installation{
		Database: filepath.Join(r.folder, strconv.Itoa(r.played)+".sqlite3"), Settings: r.settings,
		Startup: strings.ReplaceAll(sqlexplorer.Documented(t, root, "app_settings.EXPLORER_COLLECT_ENDPOINT_URL ="), "http://127.0.0.1:4390/stat", r.app.URL),
		Users:   7, Logs: 149, EveryNthUserNull: 3, Queries: 14, Connections: []string{}, UserDBs: 6, SQL: "select 1",
		Installed: &installed, Steps: []sqlexplorer.Step{step},
	})
	return r.app.reports(t)
}

var installed = "2025-06-30T23:59:59"

// passedOn waits for the reports of one installation.
func (e *endpoint) passedOn(t *testing.T, n int) map[string]report {
	t.Helper()
	e.awaits(t, n)
	defer e.forget()
	return e.reports(t)
}

func (e *endpoint) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.posts = nil
}

// newAssistant answers as the assistant's language model does.
func newAssistant(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request bytes.Buffer
		_, _ = request.ReadFrom(r.Body)
		assert.Equal(t, "/v1/chat/completions", r.URL.Path)
		assert.Contains(t, request.String(), "count my queries")
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"select count(*) from explorer_query"}}]}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
