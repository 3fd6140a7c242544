// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/porttest"
)

// builtExample builds one of the programs in examples, once.
var (
	goApp     = sync.OnceValues(func() (string, error) { return builtExample("go-app") })
	goAppOTLP = sync.OnceValues(func() (string, error) { return builtExample("go-app-otlp") })
)

func builtExample(name string) (string, error) {
	binary := filepath.Join(root, "_build", name)
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir, build.Stderr = filepath.Join(root, "examples", name), os.Stderr
	return binary, build.Run()
}

// startExample runs one of them, perhaps under another command, and waits until it serves.
func startExample(t *testing.T, build func() (string, error), env environment, under ...string) (*distribution, func(pathAndQuery string)) {
	t.Helper()
	binary, err := build()
	require.NoError(t, err)
	env["SHOP_ADDRESS"] = porttest.Address(t)
	d := startCommand(t, env, append(under, binary)...)
	get := func(pathAndQuery string) error {
		resp, err := http.Get("http://" + env["SHOP_ADDRESS"] + pathAndQuery)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.Body.Close()
	}
	require.Eventually(t, func() bool { return get("/") == nil }, patience, 10*time.Millisecond)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return d, func(pathAndQuery string) { require.NoError(t, get(pathAndQuery)) }
}

// shopping is a week in the shop: the features that are used, and by how many people.
func shopping(visit func(string)) {
	for i := range 43 {
		visit("/search?user=" + url.QueryEscape(string(rune('a'+i%12))))
	}
	for range 18 {
		visit("/cart?user=a")
	}
	for range 6 {
		visit("/a-secret-feature?user=b")
	}
	for range 5 {
		visit("/another?user=b")
	}
}

// The example program reports by itself, and through a Collector with the same profile, the same.
func TestTheGoAppReportsTheSameBothWays(t *testing.T) {
	t.Parallel()
	const want = `{"cart": 20, "other": 10, "search": 40}`

	alone := newEndpoint(t)
	app, visit := startExample(t, goApp, environment{"SHOP_COLLECT_URL": alone.URL, "SHOP_STATE_DIR": t.TempDir()})
	shopping(visit)
	app.stop(t) // the SDK exports a last time
	byItself := alone.reports(t)["SHOP_WEEKLY"]
	assert.JSONEq(t, want, string(byItself.Value["requests"]))
	assert.Equal(t, "10", string(byItself.Value["users"]))
	assert.Equal(t, `"2.7"`, string(byItself.Value["version"]))
	assert.Empty(t, app.stderr.String())

	collected := newEndpoint(t)
	intake := porttest.Address(t)
	collector := start(t, environment{
		"SHOP_COLLECT_URL": collected.URL, "SHOP_STATE_DIR": t.TempDir(), "SHOP_OTLP": intake,
	}, "--config", "file:"+filepath.Join(root, "examples", "go-app", "profile.yaml"))
	collector.says(t, "Everything is ready")
	app, visit = startExample(t, goAppOTLP, environment{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://" + intake, "SHOP_ID": "shop-1"})
	shopping(visit)
	app.stop(t)
	collected.awaits(t, 1)
	collector.stop(t)
	byCollector := collected.reports(t)["SHOP_WEEKLY"]
	assert.Equal(t, byItself.Value, byCollector.Value)
	assertSameDay(t, byItself, byCollector)

	const uuid = `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`
	assert.Regexp(t, uuid, byItself.InstanceID)
	assert.Regexp(t, uuid, byCollector.InstanceID)
}

// assertSameDay expects the same time of both, or where midnight came in between the next day's.
func assertSameDay(t *testing.T, one, next report) {
	t.Helper()
	from, err := one.Time.Float64()
	require.NoError(t, err)
	to, err := next.Time.Float64()
	require.NoError(t, err)
	assert.Contains(t, []float64{0, 86400}, to-from)
}

// Both programs are the same shop.
func TestTheGoAppsAreOneShop(t *testing.T) {
	t.Parallel()
	one, err := os.ReadFile(filepath.Join(root, "examples", "go-app", "shop.go"))
	require.NoError(t, err)
	other, err := os.ReadFile(filepath.Join(root, "examples", "go-app-otlp", "shop.go"))
	require.NoError(t, err)
	assert.Equal(t, string(one), string(other))
}

// The state of the Go program is the Collector's: a Collector that takes over its
// folder knows what was accepted, and keeps the secret.
func TestACollectorTakesOverTheGoAppsState(t *testing.T) {
	t.Parallel()
	makers, state, intake := newEndpoint(t), t.TempDir(), porttest.Address(t)
	app, visit := startExample(t, goApp, environment{"SHOP_COLLECT_URL": makers.URL, "SHOP_STATE_DIR": state})
	shopping(visit)
	app.stop(t)
	first := makers.reports(t)["SHOP_WEEKLY"]

	collector := start(t, environment{"SHOP_COLLECT_URL": makers.URL, "SHOP_STATE_DIR": state, "SHOP_OTLP": intake},
		"--config", "file:"+filepath.Join(root, "examples", "go-app", "profile.yaml"))
	collector.says(t, "Everything is ready")
	app, visit = startExample(t, goAppOTLP, environment{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://" + intake, "SHOP_ID": generatedID(t, state)})
	shopping(visit)
	app.stop(t)
	time.Sleep(settled) // for what must not come
	collector.stop(t)
	assert.Len(t, makers.received(), 1, "it is not due: %s", first.InstanceID)
}
