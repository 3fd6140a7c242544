// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/python"
)

// TestDjangoProfile is about a site that Django itself made, and counts as Django itself counts it.
func TestDjangoProfile(t *testing.T) {
	for _, version := range []string{"3.2", "4.2", "5.2"} {
		t.Run(version, func(t *testing.T) {
			python := python.Python(t, root, "django-"+version, python.Django(version))
			file := filepath.Join(t.TempDir(), "site.sqlite3")
			printed, err := exec.Command(python, "-W", "ignore", filepath.Join(root, "testdata", "django", "site.py"), file).CombinedOutput()
			require.NoError(t, err, string(printed))
			var made string
			var users, active, migrations int
			_, err = fmt.Sscan(string(printed), &made, &users, &active, &migrations)
			require.NoError(t, err, string(printed))
			require.Contains(t, made, version+".")
			require.Equal(t, []int{29, 4}, []int{users, active}) // both apart from each other, and from a range's edge
			require.Positive(t, migrations)

			makers := newEndpoint(t)
			d := start(t, environment{"DATABASE_URL": "sqlite:///" + file, "COLLECT_ENDPOINT_URL": makers.URL, "HEADCOUNT_STATE_DIR": t.TempDir(), "HEADCOUNT_PAGE": "127.0.0.1:0"},
				"--config", "app:django", "--set", "receivers::appusage::initial_delay=0s")
			makers.awaits(t, 1)
			d.stop(t)
			got := makers.reports(t)["DJANGO"].Value
			for key, want := range map[string]string{
				"users": "21", "users_active": "1", "migrations": fmt.Sprint((migrations + 5) / 10 * 10),
				"database": `"sqlite"`, "install_quarter": `"Q2-2024"`,
			} {
				assert.Equal(t, want, string(got[key]), key)
			}
		})
	}
}
