// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/headcount-otel/headcount/internal/debian"
)

var (
	deploying = filepath.Join(root, "docs", "deploying")
	scaling   = filepath.Join(deploying, "scaling")
)

func readDeploying(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(deploying, name))
	require.NoError(t, err)
	return string(text)
}

// The configurations in the manifests' ConfigMaps are valid as the manifests run them.
func TestManifestsRunValidConfigurations(t *testing.T) {
	t.Parallel()
	for manifest, args := range map[string][]string{
		"sidecar.yaml": {"--config", "app:sql-explorer", "--config", "file:site.yaml"},
		"gateway.yaml": {"--config", "file:gateway.yaml"},
	} {
		text := readDeploying(t, filepath.Join("kubernetes", manifest))
		assert.Contains(t, strings.ReplaceAll(strings.ReplaceAll(text, `"`, ""), "/etc/headcount/", ""), "args: ["+strings.Join(args, ", ")+"]")
		files := map[string]string{}
		for objects := yaml.NewDecoder(strings.NewReader(text)); ; {
			var object struct{ Data map[string]string }
			if objects.Decode(&object) != nil {
				break
			}
			for name, config := range object.Data {
				files[name] = config
			}
		}
		printed, failed := validateIn(t, operatorsProgram, files, args...)
		assert.False(t, failed, "%s: %s", manifest, printed)
		assert.Empty(t, printed, manifest)
	}
}

// Whatever a sender writes has a table: a report of which a part has none would be tried for ever, and all after it would wait.
func TestTheStoreHasATableForEveryKindOfMetric(t *testing.T) {
	t.Parallel()
	schema := readDeploying(t, "scaling/schema.sql")
	var config struct {
		Exporters struct {
			ClickHouse struct {
				Tables map[string]struct{ Name string } `yaml:"metrics_tables"`
			}
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(readDeploying(t, "scaling/store.yaml")), &config))
	for _, kind := range []string{"gauge", "histogram"} { // of which the collect receiver makes reports
		table := config.Exporters.ClickHouse.Tables[kind].Name
		require.NotEmpty(t, table, kind)
		assert.Contains(t, schema, "CREATE TABLE IF NOT EXISTS usage."+table+" (")
	}
}

// The units are such as systemd understands, and they shut in what they run alike.
func TestSystemdUnit(t *testing.T) {
	t.Parallel()
	debian.NeedsProgram(t, "systemd-analyze", "systemd")
	const run = "ExecStart=/usr/local/bin/headcount --config app:sql-explorer --config file:/etc/headcount/site.yaml"
	service, once := readDeploying(t, "systemd/headcount.service"), readDeploying(t, "systemd/headcount-once.service")
	require.Contains(t, service, run+"\n")
	require.Contains(t, once, run+" --config app:once\n")
	const shutIn = "# It reads a database and posts a report, and may do nothing else.\n"
	_, ofService, _ := strings.Cut(strings.Split(service, "\n[Install]")[0], shutIn)
	_, ofOnce, _ := strings.Cut(once, shutIn)
	require.Equal(t, strings.TrimSpace(ofService), strings.TrimSpace(ofOnce))
	printed, failed := validateIn(t, operatorsProgram, map[string]string{"site.yaml": readDeploying(t, "systemd/site.yaml")},
		"--config", "app:sql-explorer", "--config", "file:site.yaml")
	assert.False(t, failed, printed)
	assert.Empty(t, printed)

	folder := t.TempDir()
	file, timer := filepath.Join(folder, "headcount.service"), filepath.Join(folder, "headcount-once.timer")
	for name, unit := range map[string]string{
		file: service, timer: readDeploying(t, "systemd/headcount-once.timer"), filepath.Join(folder, "headcount-once.service"): once,
	} {
		unit = strings.ReplaceAll(unit, "/usr/local/bin/headcount", operatorsProgram)
		require.NoError(t, os.WriteFile(name, []byte(unit), 0o600))
	}
	for _, args := range [][]string{
		{"verify", "--man=no", file, timer},
		{"security", "--offline=yes", "--no-pager", "--threshold=20", file}, // 2.0 of 10: "OK" begins below 5
	} {
		out, err := exec.Command("systemd-analyze", args...).CombinedOutput()
		require.NoError(t, err, "%s", out)
		if args[0] == "verify" {
			assert.Empty(t, string(out))
		}
	}
}

// Each variable of the unit's environment is one that the profile reads.
func TestEnvironmentOfTheUnit(t *testing.T) {
	t.Parallel()
	profile, err := os.ReadFile(filepath.Join(root, "apps", "sql-explorer.yaml"))
	require.NoError(t, err)
	for line := range strings.Lines(readDeploying(t, "systemd/environment")) {
		if name, _, is := strings.Cut(line, "="); is && !strings.HasPrefix(line, "#") {
			assert.Contains(t, string(profile), name)
		}
	}
}

// What the Containerfile puts into its image is enough: the program runs in such a root, as nobody, and
// writes nothing but its state.
func TestContainerHoldsEnough(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		debian.Lacks(t, "another root needs root's rights")
	}
	containerfile := readDeploying(t, "container/Containerfile")
	for _, line := range []string{
		"COPY --from=build /src/_build/headcount /headcount", "USER 65532:0",
		"ENV HEADCOUNT_STATE_DIR=/var/lib/headcount/state", `CMD ["--config", "app:sql-explorer"]`,
	} {
		require.Contains(t, containerfile, line+"\n")
	}
	image, err := os.MkdirTemp("", "headcount-image-") // of t.TempDir() only root may pass the parents
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(image) })
	require.NoError(t, os.Chmod(image, 0o755))
	state := filepath.Join(image, "var", "lib", "headcount")
	require.NoError(t, os.MkdirAll(state, 0o770))
	require.NoError(t, os.Chown(state, 65532, 0))
	copied(t, filepath.Join(root, "_build", "headcount"), filepath.Join(image, "headcount"))
	copied(t, filepath.Join(root, "testdata", "golden", "02-typical", "app.sqlite3"), filepath.Join(image, "app.sqlite3"))

	makers := newEndpoint(t)
	command := exec.Command("/headcount", "--config", "app:sql-explorer", "--config", "app:once")
	command.Dir = "/"
	command.Env = []string{"HEADCOUNT_STATE_DIR=/var/lib/headcount/state", "DATABASE_URL=sqlite:////app.sqlite3", "EXPLORER_COLLECT_ENDPOINT_URL=" + makers.URL}
	command.SysProcAttr = &syscall.SysProcAttr{Chroot: image, Credential: &syscall.Credential{Uid: 65532, Gid: 0}}
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, makers.reports(t), "STARTUP_STATS")
	assert.NotEmpty(t, stateOf(t, state, "exporter_collect_"))
	entries, err := os.ReadDir(image)
	require.NoError(t, err)
	assert.Len(t, entries, 3, "the program, the database and /var: nothing else was made")
}

func copied(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, content, 0o755))
}

// Each state file that appears is in the table of what to keep.
func TestWhatToKeepIsComplete(t *testing.T) {
	t.Parallel()
	state, makers := t.TempDir(), newEndpoint(t)
	d := start(t, environment{
		"DATABASE_URL":                  "sqlite:///" + filepath.Join(root, "testdata", "golden", "02-typical", "app.sqlite3"),
		"EXPLORER_COLLECT_ENDPOINT_URL": makers.URL, "HEADCOUNT_STATE_DIR": state, "HEADCOUNT_PAGE": "127.0.0.1:0",
	}, append(sqlExplorer, "--config", "app:strict")...)
	makers.awaits(t, 2)
	d.stop(t)
	endpoint := startMakers(t, state, nil)
	endpoint.exports(t, "fleet_installation_minimum")
	endpoint.stop(t)
	page := readDeploying(t, "README.md")
	files := stateOf(t, state, "")
	require.Len(t, files, 10)
	for _, file := range files {
		assert.Contains(t, page, "| `"+filepath.Base(file)+"` |")
	}
}
