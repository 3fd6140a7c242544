// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/internal/porttest"
)

// blocks are the fenced blocks of a language in a page, in their order.
func blocks(t *testing.T, page, language string) (found []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	for _, block := range regexp.MustCompile("(?ms)^```"+language+"(?: [^\n]*)?\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		found = append(found, block[1])
	}
	require.NotEmpty(t, found, "%s in %s", language, page)
	return found
}

func written(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "profile.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// TestPagesOfSources is about the example of each page: it is valid as it stands. The receiver's own tests run it.
func TestPagesOfSources(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(filepath.Join(root, "docs", "sources", "*.md"))
	require.NoError(t, err)
	require.Len(t, pages, 5)
	for _, page := range pages {
		printed, failed := validate(t, "--config", "file:"+written(t, blocks(t, page, "yaml")[0]))
		assert.False(t, failed, "%s: %s", page, printed)
		assert.Empty(t, printed, page)
	}
}

// TestWritingAProfile does what the page tells its reader to do.
func TestWritingAProfile(t *testing.T) {
	t.Parallel()
	page := filepath.Join(root, "docs", "writing-a-profile.md")
	profile := filesOf(pages(t)["docs/writing-a-profile.md"])["guestbook.yaml"]
	printed, failed := validate(t, "--config", "file:"+written(t, profile))
	require.False(t, failed, printed)
	assert.Empty(t, printed)

	warnings := blocks(t, page, "text")
	for i, left := range []string{"      guestbook.entries: {round: {to: 100}}\n", "          entries:         {metric: guestbook.entries}\n"} {
		require.Contains(t, profile, left)
		mistaken := strings.Replace(profile, left, "", 1)
		if i == 0 { // what no rule lets through no stat can have
			mistaken = strings.Replace(mistaken, "          entries:         {metric: guestbook.entries}\n", "", 1)
		}
		printed, failed = validate(t, "--config", "file:"+written(t, mistaken))
		assert.False(t, failed, printed)
		assert.Contains(t, printed, strings.TrimSpace(warnings[i]))
		assert.Equal(t, 1, strings.Count(printed, "\n"), printed)
	}

	database := filepath.Join(t.TempDir(), "guestbook.sqlite3")
	_, err := open(t, database).Exec(blocks(t, page, "sql")[0])
	require.NoError(t, err)
	env := environment{"DATABASE_URL": "sqlite:///" + database, "GUESTBOOK_VERSION": "2.4.1", "HEADCOUNT_STATE_DIR": t.TempDir()}
	preview := start(t, env, "--config", "file:"+written(t, profile), "--config", "app:preview")
	preview.ends(t)
	require.NoError(t, preview.err)
	want := blocks(t, page, "json")[0]
	var values map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(want), &values))
	for key, value := range values {
		assert.Regexp(t, key+`\W+`+regexp.QuoteMeta(strings.Trim(string(value), `"`)), preview.stdout.String())
	}

	makers := newEndpoint(t)
	env["GUESTBOOK_COLLECT_URL"] = makers.URL
	d := start(t, env, "--config", "file:"+written(t, profile), "--set", "receivers::appusage::initial_delay=0s")
	makers.awaits(t, 1)
	d.stop(t)
	sent, err := json.Marshal(makers.reports(t)["WEEKLY"].Value)
	require.NoError(t, err)
	assert.JSONEq(t, want, string(sent))
}

// TestWritingAProfileBothSides is about the page's endpoint, and the figure that is added later.
func TestWritingAProfileBothSides(t *testing.T) {
	t.Parallel()
	files := filesOf(pages(t)["docs/writing-a-profile.md"])
	collect, prometheus := porttest.Address(t), porttest.Address(t)
	endpoint := placed(t, files["endpoint.yaml"], map[string]string{
		"127.0.0.1:4390": collect, "127.0.0.1:9464": prometheus, "interval: 10s": "interval: 100ms\n    min_installations: 1",
	})
	makers := makersSide{startCommand(t, nil, makersProgram(), "--config", "file:"+endpoint), "http://" + collect + "/stat", "http://" + prometheus + "/metrics"}
	makers.says(t, "Everything is ready")

	database := filepath.Join(t.TempDir(), "guestbook.sqlite3")
	_, err := open(t, database).Exec(blocks(t, filepath.Join(root, "docs", "writing-a-profile.md"), "sql")[0])
	require.NoError(t, err)
	env := environment{
		"DATABASE_URL": "sqlite:///" + database, "GUESTBOOK_VERSION": "2.4.1", "HEADCOUNT_STATE_DIR": t.TempDir(),
		"GUESTBOOK_COLLECT_URL": makers.collect,
	}
	profile, more := "file:"+written(t, files["guestbook.yaml"]), "file:"+written(t, files["more.yaml"])
	preview := start(t, env, "--config", profile, "--config", more, "--config", "app:preview")
	preview.ends(t)
	require.NoError(t, preview.err)
	assert.Contains(t, preview.stdout.String(), `"long_entries":0`)

	once := start(t, env, "--config", profile, "--config", more, "--config", "app:once")
	once.ends(t)
	require.NoError(t, once.err, "a field that the endpoint does not know is dropped")
	text := makers.exports(t, "fleet_installation_count 1", "fleet_guestbook_entries_sum 1200", `fleet_app_layout_installation_count{app_layout="wide"} 1`)
	assert.NotContains(t, text, "long_entries")
	makers.stop(t)
}

// TestMakersFirstReport runs the command of docs/makers.md against a running endpoint.
func TestMakersFirstReport(t *testing.T) {
	t.Parallel()
	makers := startMakers(t, t.TempDir(), nil)
	command := regexp.MustCompile(`(?ms)^    (curl -H .*?}}')$`).FindStringSubmatch(pages(t)["docs/makers.md"])
	require.NotNil(t, command)
	debian.NeedsProgram(t, "curl", "curl")
	curl := exec.Command("sh", "-c", strings.ReplaceAll(command[1], "http://127.0.0.1:4390/stat", "--fail-with-body -sS "+makers.collect))
	out, err := curl.CombinedOutput()
	require.NoError(t, err, "%s", out)
	makers.exports(t, "fleet_installation_count 1", "fleet_explorer_query_run_duration_mean_milliseconds 45")
	makers.stop(t)
}

// TestOperatorsTurnItOff runs what the page for operators says turns it off, and looks for the line that it promises.
func TestOperatorsTurnItOff(t *testing.T) {
	t.Parallel()
	page := pages(t)["docs/operators.md"]
	promised := strings.TrimSpace(blocks(t, filepath.Join(root, "docs", "operators.md"), "text")[0])
	variables := regexp.MustCompile("(?m)^\\| `(\\w+)=(\\w+)` \\|").FindAllStringSubmatch(page, -1)
	require.Len(t, variables, 3)
	for _, variable := range variables {
		d := start(t, environment{variable[1]: variable[2], "DATABASE_URL": "sqlite:////nowhere/db.sqlite3", "HEADCOUNT_PAGE": "127.0.0.1:0"}, sqlExplorer...)
		d.staysUp(t)
		d.stop(t)
		assert.Contains(t, d.stderr.String(), promised)
		assert.Contains(t, d.stderr.String(), variable[1])
	}
}
