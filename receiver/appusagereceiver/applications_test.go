// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/internal/porttest"
	"github.com/headcount-otel/headcount/internal/python"
)

// provesOnly skips a test that builds or installs a whole application.
func provesOnly(t *testing.T) {
	t.Helper()
	if os.Getenv("HEADCOUNT_PROVE") == "" {
		t.Skip("SKIP: it builds an application; HEADCOUNT_PROVE=1 runs it")
	}
}

// goProgram installs a program of Go's module proxy below the repository's _build.
func goProgram(t *testing.T, module, version, binary string) string {
	t.Helper()
	folder, err := filepath.Abs("../../_build/programs")
	require.NoError(t, err)
	install := exec.Command("go", "install", module+"@"+version)
	install.Env = append(os.Environ(), "GOBIN="+folder, "GOFLAGS=", "GOTOOLCHAIN=local")
	if output, err := install.CombinedOutput(); err != nil {
		debian.Lacks(t, "%s cannot be installed: %v\n%s", module, err, output)
	}
	return filepath.Join(folder, binary)
}

// goModule builds the program of a module whose go.mod has replacements, and tells where the module lies.
func goModule(t *testing.T, module, version, tags string) (program, folder string) {
	t.Helper()
	output, err := exec.Command("go", "mod", "download", "-json", module+"@"+version).Output()
	if err != nil {
		debian.Lacks(t, "%s cannot be downloaded: %v\n%s", module, err, output)
	}
	var downloaded struct{ Dir string }
	require.NoError(t, json.Unmarshal(output, &downloaded))
	program, err = filepath.Abs("../../_build/programs/" + path.Base(module) + "-" + version)
	require.NoError(t, err)
	if _, err := os.Stat(program); err == nil {
		return program, downloaded.Dir
	}
	copied := t.TempDir() // the module's own folder is not to be written to
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(downloaded.Dir, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(copied, name), text, 0o600))
	}
	build := exec.Command("go", "build", "-C", downloaded.Dir, "-modfile="+filepath.Join(copied, "go.mod"), "-mod=mod", "-tags="+tags, "-o", program, ".")
	build.Env = append(os.Environ(), "GOFLAGS=", "GOTOOLCHAIN=local")
	if output, err := build.CombinedOutput(); err != nil {
		debian.Lacks(t, "%s cannot be built: %v\n%s", module, err, output)
	}
	return program, downloaded.Dir
}

// exposes waits until a page has a line.
func exposes(t *testing.T, url, line string) {
	t.Helper()
	require.Eventually(t, func() bool {
		response, err := http.Get(url)
		if err != nil {
			return false
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		return err == nil && strings.Contains(string(body), "\n"+line+"\n")
	}, time.Minute, 50*time.Millisecond)
}

// asUser asks an application's own interface for something to be counted.
func asUser(t *testing.T, user, method, url, body string) {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.SetBasicAuth(user, "not-for-others")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Less(t, response.StatusCode, 300, url)
}

// TestMiniflux compares what Miniflux exposes with its database.
func TestMiniflux(t *testing.T) {
	provesOnly(t)
	server := dbtest.PostgreSQL.Shared(t)
	database, _ := server.Database(t)
	address := porttest.Address(t)
	program := exec.Command(goProgram(t, "miniflux.app/v2", "v2.3.5", "miniflux.app"))
	program.Env = append(os.Environ(), "DATABASE_URL="+server.URL(dbtest.Owner, database)+"?sslmode=disable", "RUN_MIGRATIONS=1",
		"CREATE_ADMIN=1", "ADMIN_USERNAME=admin", "ADMIN_PASSWORD=not-for-others", "LISTEN_ADDR="+address,
		"METRICS_COLLECTOR=1", "METRICS_REFRESH_INTERVAL=1", "DISABLE_SCHEDULER_SERVICE=1")
	listening(t, program, "http://"+address+"/healthcheck")
	ask := func(method, path, body string) { asUser(t, "admin", method, "http://"+address+"/v1/"+path, body) }
	for _, user := range []string{"anna", "ben", "carl"} {
		ask(http.MethodPost, "users", fmt.Sprintf(`{"username": %q, "password": "not-for-others"}`, user))
	}
	ask(http.MethodPost, "import", `<opml version="2.0"><body>
		<outline title="A" xmlUrl="http://127.0.0.1:9/a"/><outline title="B" xmlUrl="http://127.0.0.1:9/b"/><outline title="C" xmlUrl="http://127.0.0.1:9/c"/>
		</body></opml>`)
	ask(http.MethodPut, "feeds/2", `{"disabled": true}`)
	exposes(t, "http://"+address+"/metrics", "miniflux_users 4")
	exposes(t, "http://"+address+"/metrics", `miniflux_feeds{status="disabled"} 1`)
	got := figures(started(t, fromYAML(t, fmt.Sprintf(`
storage: file_storage
sources: {app: {http: {endpoint: "http://%s/metrics"}}, db: {database: {url: "%s"}}}
metrics:
  users:    {source: app, sample: {name: miniflux_users}}
  disabled: {source: app, sample: {name: miniflux_feeds, labels: {status: disabled}}}
  feeds:    {source: app, sample: {name: miniflux_feeds, labels: {status: total}}}
  sum:      {source: app, sample: {name: miniflux_feeds, sum: true}}
  users in the database:    {source: db, count: {table: users}}
  disabled in the database: {source: db, count: {table: feeds, where: {disabled: true}}}
  feeds in the database:    {source: db, count: {table: feeds}}
`, address, server.URL(dbtest.Reader, database)))).last())
	assert.Equal(t, map[string]any{
		"users": int64(4), "disabled": int64(1), "feeds": int64(3), // and no sum, of which the total is a part
		"users in the database": int64(4), "disabled in the database": int64(1), "feeds in the database": int64(3),
	}, got)
}

// TestJupyterHub compares what JupyterHub exposes with its database.
func TestJupyterHub(t *testing.T) {
	provesOnly(t)
	interpreter := python.Python(t, "../..", "jupyterhub", []string{"jupyterhub==6.1.1"})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // as the hub asks its proxy
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusCreated)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(proxy.Close)
	folder, address := t.TempDir(), porttest.Address(t)
	hub := exec.Command(interpreter, "-m", "jupyterhub", "--JupyterHub.authenticate_prometheus=False",
		"--JupyterHub.hub_bind_url=http://"+address, "--JupyterHub.bind_url=http://"+porttest.Address(t),
		"--ConfigurableHTTPProxy.should_start=False", "--ConfigurableHTTPProxy.api_url="+proxy.URL,
		"--JupyterHub.authenticator_class=dummy", "--Authenticator.allowed_users={'anna','ben','carl'}")
	hub.Dir, hub.Env = folder, append(os.Environ(), "CONFIGPROXY_AUTH_TOKEN=of-this-test")
	listening(t, hub, "http://"+address+"/hub/metrics")
	exposes(t, "http://"+address+"/hub/metrics", "jupyterhub_total_users 3.0")
	got := figures(started(t, fromYAML(t, fmt.Sprintf(`
storage: file_storage
sources: {hub: {http: {endpoint: "http://%s/hub/metrics"}}, db: {database: {url: "sqlite:///%s/jupyterhub.sqlite"}}}
metrics:
  users:   {source: hub, sample: {name: jupyterhub_total_users}}
  month:   {source: hub, sample: {name: jupyterhub_active_users, labels: {period: 30d}}}
  windows: {source: hub, sample: {name: jupyterhub_active_users, sum: true}}
  spawned: {source: hub, sample: {name: jupyterhub_server_spawn_duration_seconds, labels: {status: success}}}
  users in the database: {source: db, count: {table: users}}
`, address, folder))).last())
	assert.Equal(t, map[string]any{
		"users": int64(3), "month": int64(0), "spawned": int64(0), // and no sum of windows
		"users in the database": int64(3),
	}, got)
}

// TestGitea compares what Gitea exposes with its database.
func TestGitea(t *testing.T) {
	provesOnly(t)
	program, static := goModule(t, "code.gitea.io/gitea", "v1.26.0", "sqlite,sqlite_unlock_notify")
	folder, address := t.TempDir(), porttest.Address(t)
	settings := filepath.Join(folder, "app.ini")
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(settings, fmt.Appendf(nil, `I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
WORK_PATH = %[1]s
[server]
STATIC_ROOT_PATH = %[2]s
HTTP_ADDR = 127.0.0.1
HTTP_PORT = %[3]s
DISABLE_SSH = true
OFFLINE_MODE = true
[database]
DB_TYPE = sqlite3
PATH = %[1]s/gitea.db
[security]
INSTALL_LOCK = true
[metrics]
ENABLED = true
ENABLED_ISSUE_BY_REPOSITORY = true
`, folder, static, port), 0o600))
	listening(t, exec.Command(program, "--config", settings, "web"), "http://"+address+"/api/healthz")
	for _, user := range []string{"anna", "ben", "carl"} {
		output, err := exec.Command(program, "--config", settings, "admin", "user", "create", "--username", user,
			"--password", "not-for-others", "--email", user+"@example.com", "--must-change-password=false").CombinedOutput()
		require.NoError(t, err, string(output))
	}
	asUser(t, "anna", http.MethodPost, "http://"+address+"/api/v1/user/repos", `{"name": "one", "auto_init": true}`)
	asUser(t, "anna", http.MethodPost, "http://"+address+"/api/v1/user/repos", `{"name": "two"}`)
	asUser(t, "ben", http.MethodPost, "http://"+address+"/api/v1/repos/anna/one/issues", `{"title": "An issue"}`)
	got := figures(started(t, fromYAML(t, fmt.Sprintf(`
storage: file_storage
sources: {app: {http: {endpoint: "http://%s/metrics"}}, db: {database: {url: "sqlite:///%s/gitea.db"}}}
metrics:
  users:        {source: app, sample: {name: gitea_users, sum: true}}
  active:       {source: app, sample: {name: gitea_users, labels: {state: active}}}
  repositories: {source: app, sample: {name: gitea_repositories}}
  issues:       {source: app, sample: {name: gitea_issues_by_repository, sum: true}}
  users in the database:        {source: db, count: {table: user, where: {type: 0}}}
  repositories in the database: {source: db, count: {table: repository}}
  issues in the database:       {source: db, count: {table: issue}}
`, address, folder))).last())
	assert.Equal(t, map[string]any{
		"users": int64(3), "active": int64(3), "repositories": int64(2), "issues": int64(1),
		"users in the database": int64(3), "repositories in the database": int64(2), "issues in the database": int64(1),
	}, got)
}
