// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
	profile := strings.Join(blocks(t, page, "yaml"), "\n")
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
