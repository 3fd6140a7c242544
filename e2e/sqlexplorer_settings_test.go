// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

// settingThatIsNone is one that the app reports as null.
const settingThatIsNone = "from settings import *\nEXPLORER_CHARTS_ENABLED = None\n"

// gatherStats prints what the app itself would report of this site.
const gatherStats = `
import django, json
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from explorer.telemetry import _gather_summary_stats
print(json.dumps(_gather_summary_stats()))
`

const manage = `from django.core.management import execute_from_command_line
import sys
execute_from_command_line(sys.argv)
`

// celery stands in for the package that the app imports where its tasks are on.
const celery = `import logging, sys, types
shared_task = lambda *task, **_: task[0] if task else lambda task: task
utils, log = types.ModuleType("celery.utils"), types.ModuleType("celery.utils.log")
log.get_task_logger = logging.getLogger
sys.modules |= {"celery.utils": utils, "celery.utils.log": log}
`

// fromSettings are the fields of a report that only the settings tell, by the variable that says them.
var fromSettings = map[string]string{
	"EXPLORER_VERSION": "version", "DEBUG": "debug", "EXPLORER_TASKS_ENABLED": "tasks_enabled",
	"EXPLORER_UNSAFE_RENDERING": "unsafe_rendering", "EXPLORER_CHARTS_ENABLED": "charts_enabled",
	"EXPLORER_TRANSFORM_COUNT": "transform_count", "EXPLORER_AI_API_KEY": "assistant_enabled",
}

// The command in the document prints what the app reports of its settings, as an environment file that a shell reads,
// and never the key. With this file we report the same; what is taken out of it leaves as null, and is said.
// HEADCOUNT_PROVE does so with each version of the app.
func TestDocumentedCommandPrintsTheSettings(t *testing.T) {
	t.Parallel()
	versions := []sqlexplorer.Version{sqlexplorer.Newest, sqlexplorer.Versions[len(sqlexplorer.Versions)-1]}
	if os.Getenv("HEADCOUNT_PROVE") != "" {
		versions = sqlexplorer.Versions
	}
	for _, version := range versions {
		python := sqlexplorer.Install(t, root, version)
		sites := map[string]string{"the defaults": "from settings import *\n", "other settings": otherSettings}
		if version.App == sqlexplorer.Newest.App {
			sites["a setting that is None"] = settingThatIsNone
		}
		for name, settings := range sites {
			t.Run(version.App+" with "+name, func(t *testing.T) {
				app := newSettledSite(t, python, settings)
				printed := app.environment(t)
				own := app.reports(t)
				var missing []string
				for variable, key := range fromSettings {
					require.Contains(t, printed, variable)
					if own[key] == nil {
						missing = append(missing, variable)
					}
				}
				assert.Equal(t, ofSettings(own), ofSettings(app.previewed(t, version, printed, missing)))

				for variable, key := range fromSettings {
					delete(printed, variable)
					own[key] = nil
				}
				assert.Equal(t, ofSettings(own), ofSettings(app.previewed(t, version, printed, slices.Collect(maps.Keys(fromSettings)))))
			})
		}
	}
}

// ofSettings are the fields of a report that only the settings tell.
func ofSettings(report map[string]any) map[string]any {
	told := map[string]any{}
	for _, key := range fromSettings {
		told[key] = report[key]
	}
	return told
}

// settledSite is a site of the real app with settings of its own, in a folder of its own.
type settledSite struct {
	folder string
	python *exec.Cmd // which finds the settings
}

func newSettledSite(t *testing.T, python sqlexplorer.Python, settings string) *settledSite {
	t.Helper()
	s := &settledSite{folder: t.TempDir()}
	database := sqlexplorer.SQLite()
	database["NAME"] = filepath.Join(s.folder, "app.sqlite3")
	s.python = python.Command(t, sqlexplorer.Settings{Database: database, UseTZ: true, TimeZone: "UTC"})
	modules, err := filepath.Abs(filepath.Join(root, "parity", "site"))
	require.NoError(t, err)
	s.python.Env = append(s.python.Env, "DJANGO_SETTINGS_MODULE=chosen", "PYTHONPATH="+s.folder+":"+modules)
	for name, text := range map[string]string{"chosen.py": settings, "manage.py": manage, "celery.py": celery} {
		require.NoError(t, os.WriteFile(filepath.Join(s.folder, name), []byte(text), 0o600))
	}
	return s
}

func (s *settledSite) run(t *testing.T, argv ...string) string {
	t.Helper()
	command := exec.Command(argv[0], argv[1:]...)
	command.Env, command.Dir = s.python.Env, s.folder
	var problems strings.Builder
	command.Stderr = &problems
	output, err := command.Output()
	require.NoError(t, err, problems.String())
	return string(output)
}

// reports are what the app itself would report.
func (s *settledSite) reports(t *testing.T) (own map[string]any) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(s.run(t, s.python.Path, "-c", gatherStats)), "\n") // the app's migrations print too
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &own))
	return own
}

// environment is what the document's command prints.
func (s *settledSite) environment(t *testing.T) environment {
	t.Helper()
	command := sqlexplorer.Documented(t, root, "manage.py shell")
	printed := s.run(t, "sh", "-euc", "python() { '"+s.python.Path+"' \"$@\"; }\n"+command+"cat headcount.env")
	assert.NotContains(t, printed, "never-printed")
	env := environment{}
	for line := range strings.Lines(printed) {
		key, value, isVariable := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		require.True(t, isVariable, "%q is no line of an environment file", line)
		env[key] = value
	}
	return env
}

// previewed is what we would report of the site in this environment; the log names the variables that are missing.
func (s *settledSite) previewed(t *testing.T, version sqlexplorer.Version, env environment, missing []string) map[string]any {
	t.Helper()
	env = maps.Clone(env)
	maps.Copy(env, environment{"DATABASE_URL": "sqlite:///" + filepath.Join(s.folder, "app.sqlite3"), "HEADCOUNT_STATE_DIR": t.TempDir()})
	args := []string{"--config", "app:sql-explorer", "--config", "app:preview"}
	if version.Overlay != "" {
		args = append(args, "--config", "app:"+version.Overlay)
	}
	d := start(t, env, args...)
	d.ends(t)
	require.NoError(t, d.err, d.stderr.String())
	if len(missing) == 0 {
		assert.NotContains(t, d.stderr.String(), "Variables are not set")
	} else {
		slices.Sort(missing)
		assert.Contains(t, d.stderr.String(), "Variables are not set, and null is reported in their place")
		assert.Contains(t, d.stderr.String(), `"variables": "`+strings.Join(missing, ", ")+`"`)
	}
	for line := range strings.Lines(d.stdout.String()) {
		if strings.Contains(line, `"name":"STARTUP_STATS"`) {
			var body struct{ Value map[string]any }
			require.NoError(t, json.Unmarshal([]byte(line), &body))
			return body.Value
		}
	}
	t.Fatal("no STARTUP_STATS: " + d.stdout.String())
	return nil
}
