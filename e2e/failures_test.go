// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A reading that fails is absent, the others still come, what needs it is not sent, and the log says it once.
func TestFailuresOfTheDatabase(t *testing.T) {
	t.Parallel()
	statement := func(sql string) func(*testing.T, string) string {
		return func(t *testing.T, file string) string {
			_, err := open(t, file).Exec(sql)
			require.NoError(t, err)
			return file
		}
	}
	for name, fault := range map[string]struct {
		make  func(t *testing.T, file string) (url string)
		names string // what the log line names
		sent  []string
	}{
		"missing file": {
			func(_ *testing.T, file string) string { return file + ".missing" }, "sources::db", nil,
		},
		"no database": {
			func(t *testing.T, file string) string {
				require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("this is no database ", 100)), 0o600))
				return file
			}, "sources::db", nil,
		},
		"empty file": {
			func(t *testing.T, file string) string {
				require.NoError(t, os.WriteFile(file, nil, 0o600))
				return file
			}, "explorer.query_log.count", nil,
		},
		"a folder": {
			func(_ *testing.T, file string) string { return filepath.Dir(file) }, "sources::db", nil,
		},
		"missing table of a count": {
			statement("DROP TABLE explorer_databaseconnection"), "metrics::explorer.database_connection.count", []string{"QUERY_RUN"},
		},
		"missing table of an attribute": {
			statement("DROP TABLE django_migrations"), "resource::app.installed_at", []string{"QUERY_RUN"},
		},
		"missing table of the id": {
			statement("DROP TABLE explorer_explorervalue"), "resource::service.instance.id", nil,
		},
		"missing column of a count": {
			statement("ALTER TABLE explorer_query DROP COLUMN title; ALTER TABLE explorer_querylog RENAME COLUMN run_by_user_id TO who"),
			"metrics::explorer.query_log.users",
			[]string{"QUERY_RUN"},
		},
		"missing column of an event": {
			statement("ALTER TABLE explorer_querylog RENAME COLUMN duration TO took"), "events::explorer.query_run", []string{"STARTUP_STATS"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := installation{logs: 250, users: 12, queries: 3, installed: "2025-06-15 12:00:00", lastSQL: "select 1", lastDuration: 1}.create(t)
			url := fault.make(t, file)
			makers := newEndpoint(t)
			d := start(t, environment{
				"DATABASE_URL": "sqlite:///" + url, "EXPLORER_COLLECT_ENDPOINT_URL": makers.URL,
				"HEADCOUNT_STATE_DIR": t.TempDir(), "HEADCOUNT_PAGE": "127.0.0.1:0",
			}, append(sqlExplorer, "--set", "receivers::appusage::collection_interval=200ms")...)
			d.says(t, fault.names)
			d.staysUp(t)
			if len(fault.sent) > 0 {
				makers.awaits(t, len(fault.sent))
			}
			time.Sleep(settled / 2) // what is one too many would come now
			d.stop(t)

			var sent []string
			for stat := range makers.reports(t) {
				sent = append(sent, stat)
			}
			slices.Sort(sent)
			assert.Equal(t, fault.sent, sent)
			assert.Equal(t, 1, linesWith(d.stderr.String(), "appusage", fault.names), "once per change of state")
			_, err := os.Stat(file + ".missing")
			assert.ErrorIs(t, err, os.ErrNotExist, "a missing database is not created")
		})
	}
}

// linesWith counts the lines of a log that hold all the texts.
func linesWith(log string, texts ...string) int {
	n := 0
	for line := range strings.Lines(log) {
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
			n++
		}
	}
	return n
}
