// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/parity/sqlexplorer"
)

// otherSettings are settings none of which is the default.
const otherSettings = `from settings import *
DEBUG = True
EXPLORER_TASKS_ENABLED = True
EXPLORER_UNSAFE_RENDERING = True
EXPLORER_CHARTS_ENABLED = True
EXPLORER_TRANSFORMS = [("id", "<a>{0}</a>"), ("name", "<b>{0}</b>")]
EXPLORER_AI_API_KEY = "sk-never-printed"
`

// gatherStats prints what the app itself would report of this site.
const gatherStats = `
import django, json
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from explorer.telemetry import _gather_summary_stats
print(json.dumps(_gather_summary_stats()))
`

// The command in the document prints what the app reports of its settings, as an environment file
// that a shell reads, and never the key.
func TestDocumentedCommandPrintsTheSettings(t *testing.T) {
	t.Parallel()
	command := sqlexplorer.Documented(t, root, "manage.py shell")
	reported := map[string]string{
		"EXPLORER_VERSION": "version", "DEBUG": "debug", "EXPLORER_TASKS_ENABLED": "tasks_enabled",
		"EXPLORER_UNSAFE_RENDERING": "unsafe_rendering", "EXPLORER_CHARTS_ENABLED": "charts_enabled",
		"EXPLORER_TRANSFORM_COUNT": "transform_count",
	}
	site, err := filepath.Abs(filepath.Join(root, "parity", "site"))
	require.NoError(t, err)
	for _, version := range []sqlexplorer.Version{sqlexplorer.Newest, sqlexplorer.Versions[len(sqlexplorer.Versions)-1]} {
		python := sqlexplorer.Install(t, root, version)
		for name, settings := range map[string]string{"the defaults": "from settings import *\n", "other settings": otherSettings} {
			t.Run(version.App+" with "+name, func(t *testing.T) {
				dir := t.TempDir()
				require.NoError(t, os.WriteFile(filepath.Join(dir, "chosen.py"), []byte(settings), 0o600))
				require.NoError(t, os.WriteFile(filepath.Join(dir, "manage.py"), []byte("from django.core.management import execute_from_command_line\nimport sys\nexecute_from_command_line(sys.argv)\n"), 0o600))
				run := func(command *exec.Cmd) string {
					command.Env = append(command.Env, "DJANGO_SETTINGS_MODULE=chosen", "PYTHONPATH="+dir+":"+site)
					command.Dir = dir
					var problems strings.Builder
					command.Stderr = &problems
					output, err := command.Output()
					require.NoError(t, err, problems.String())
					return string(output)
				}
				place := sqlexplorer.Settings{Database: sqlexplorer.SQLite(), UseTZ: true, TimeZone: "UTC"}
				app := python.Command(t, place, "-c", gatherStats)
				own := map[string]any{}
				lines := strings.Split(strings.TrimSpace(run(app)), "\n") // the app's migrations print too
				require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &own))

				script := exec.Command("sh", "-euc", "python() { '"+app.Path+"' \"$@\"; }\n"+command+"cat headcount.env")
				script.Env = app.Env
				printed := run(script)
				assert.NotContains(t, printed, "never-printed")
				given := map[string]string{}
				for line := range strings.Lines(printed) {
					key, value, isVariable := strings.Cut(strings.TrimSpace(line), "=")
					require.True(t, isVariable, "%q is no line of an environment file", line)
					given[key] = value
				}
				for variable, key := range reported {
					assert.Equal(t, strings.ToLower(fmt.Sprint(own[key])), strings.ToLower(given[variable]), variable)
				}
				_, hasKey := given["EXPLORER_AI_API_KEY"]
				assert.Equal(t, own["assistant_enabled"], hasKey, "EXPLORER_AI_API_KEY")
			})
		}
	}
}
