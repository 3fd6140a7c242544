// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.yaml.in/yaml/v3"

	"github.com/headcount-otel/headcount/internal/porttest"
)

const module = "github.com/headcount-otel/headcount"

// Each component is built without the others: of ours it imports only the ground.
func TestEachComponentStandsAlone(t *testing.T) {
	t.Parallel()
	ground := []string{
		"trust", "collect", "collect/mapping", "collect/signature", "conf", "state", "oblivious", "oblivious/bhttp",
		"anonymizer/mechanism", "anonymizer/rule", "internal/timeform", "internal/oncelog", "internal/spelling",
		"internal/plainhttp",
	}
	for component, also := range map[string][]string{
		"": { // the extension is the module itself
			"internal/activity", "internal/boltfile", "internal/consent", "internal/console", "internal/installation",
			"internal/ledger", "internal/metadata", "internal/oneshot", "internal/page", "internal/statedir", "internal/statefile",
		},
		"anonymizer":                      nil,
		"processor/installationprocessor": nil,
		"receiver/appusagereceiver":       {"receiver/appusagereceiver/inspect"},
		"receiver/collectreceiver":        {"internal/listening"},
		"receiver/otlpreceiver":           {"internal/listening"},
		"exporter/collectexporter":        {"exporter/internal/delivery", "exporter/internal/endpoint", "exporter/internal/pacing", "exporter/internal/signing"},
		"connector/fleetconnector":        nil,
		"apps":                            nil,
	} {
		path := strings.TrimSuffix(module+"/"+component, "/")
		list := exec.Command("go", "list", "-deps", path)
		list.Dir = root
		out, err := list.CombinedOutput()
		require.NoError(t, err, "%s", out)
		for imported := range strings.Lines(string(out)) {
			name, is := strings.CutPrefix(strings.TrimSpace(imported), module+"/")
			own := component != "" && (name == component || strings.HasPrefix(name, component+"/internal/"))
			if !is || own || slices.Contains(ground, name) || slices.Contains(also, name) {
				continue
			}
			assert.Fail(t, "a component needs another", "%s imports %s", path, name)
		}
	}
}

// recipe is a configuration for ocb.
type recipe = map[string]any

// build makes the Collector of a recipe, with this repository as it is.
func build(t *testing.T, r recipe, replaces ...string) (binary string) {
	t.Helper()
	folder, dist := t.TempDir(), r["dist"].(recipe)
	dist["output_path"] = folder
	r["replaces"] = append(replaces, module+" => "+root)
	text, err := yaml.Marshal(r)
	require.NoError(t, err)
	config := filepath.Join(folder, "builder-config.yaml")
	require.NoError(t, os.WriteFile(config, text, 0o600))
	ocb := exec.Command("go", "tool", "-modfile=tools/go.mod", "builder", "--config", config, "--skip-strict-versioning=false")
	ocb.Dir = root
	out, err := ocb.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return filepath.Join(folder, dist["name"].(string))
}

// recipes of docs/collector.md, in its order: a whole one, the line that takes a clone, and one component.
func recipes(t *testing.T) (all []recipe) {
	t.Helper()
	for _, e := range examples(pages(t)["docs/collector.md"]) {
		if e.kind == "for" && e.of == "ocb" {
			var r recipe
			require.NoError(t, yaml.Unmarshal([]byte(e.text), &r))
			all = append(all, r)
		}
	}
	require.Len(t, all, 3)
	return all
}

// placed writes a page's file where a test may run it: addresses in it become free ones.
func placed(t *testing.T, text string, addresses map[string]string) string {
	t.Helper()
	for _, from := range slices.Sorted(maps.Keys(addresses)) {
		require.Contains(t, text, from)
		text = strings.ReplaceAll(text, from, addresses[from])
	}
	return written(t, text)
}

// A plain Collector with nothing of ours but the anonymizer: OTLP comes in, and leaves anonymized by OTLP
// and for Prometheus.
func TestPlainCollectorWithTheAnonymizer(t *testing.T) {
	t.Parallel()
	binary := build(t, recipes(t)[0])
	var mu sync.Mutex
	var sent []pmetricotlp.ExportRequest
	backend := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		request := pmetricotlp.NewExportRequest()
		if assert.NoError(t, request.UnmarshalProto(body)) {
			mu.Lock()
			defer mu.Unlock()
			sent = append(sent, request)
		}
	}))
	t.Cleanup(backend.Close)
	otlp, prometheus := porttest.Address(t), porttest.Address(t)
	config := placed(t, filesOf(pages(t)["docs/collector.md"])["gateway.yaml"], map[string]string{
		"127.0.0.1:4318": otlp, "127.0.0.1:9464": prometheus,
		`"https://otlp.example.com"`: fmt.Sprintf("%q, compression: none", backend.URL),
	})
	d := startCommand(t, nil, binary, "--config", "file:"+config, "--set", "service::telemetry::metrics::level=none")
	d.says(t, "Everything is ready")
	const body = `{"resourceMetrics":[{"resource":{"attributes":[
		{"key":"service.name","value":{"stringValue":"shop"}},{"key":"host.name","value":{"stringValue":"canary-host"}}]},
		"scopeMetrics":[{"scope":{"name":"canary-scope"},"metrics":[
		{"name":"shop.orders","description":"canary-text","gauge":{"dataPoints":[{"timeUnixNano":"1795392000000000000","asInt":"1234",
			"attributes":[{"key":"plan","value":{"stringValue":"canary-plan"}},{"key":"user","value":{"stringValue":"canary-user"}}]}]}},
		{"name":"shop.canary","gauge":{"dataPoints":[{"timeUnixNano":"1795392000000000000","asInt":"7"}]}}]}]}]}`
	response, err := http.Post("http://"+otlp+"/v1/metrics", "application/json", strings.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	text := makersSide{distribution: d, prometheus: "http://" + prometheus + "/metrics"}.exports(t, "shop_orders{")
	assert.Regexp(t, `(?m)^shop_orders\{.*plan="other".*\} 1230$`, text)
	assert.NotContains(t, text, "canary")
	d.stop(t)
	mu.Lock()
	defer mu.Unlock()
	require.Len(t, sent, 1)
	leaves, err := sent[0].MarshalJSON()
	require.NoError(t, err)
	assert.Contains(t, string(leaves), `"asInt":"1230"`)
	assert.NotContains(t, string(leaves), "canary")
}

// A plain Collector with nothing of ours but the appusage receiver: counts of a database, for Prometheus.
func TestPlainCollectorWithAppusage(t *testing.T) {
	t.Parallel()
	all := recipes(t)
	plain, component := all[0], all[2]
	plain["receivers"] = component["receivers"]
	delete(plain, "processors")
	binary := build(t, plain)
	database := filepath.Join(t.TempDir(), "shop.sqlite3")
	_, err := open(t, database).Exec("CREATE TABLE orders (id integer PRIMARY KEY); INSERT INTO orders VALUES (1), (2), (3)")
	require.NoError(t, err)
	prometheus := porttest.Address(t)
	config := placed(t, filesOf(pages(t)["docs/collector.md"])["counts.yaml"], map[string]string{"127.0.0.1:9464": prometheus})
	d := startCommand(t, environment{"DATABASE_URL": "sqlite:///" + database}, binary, "--config", "file:"+config,
		"--set", "service::telemetry::metrics::level=none", "--set", "receivers::appusage::initial_delay=0s")
	d.says(t, "Everything is ready")
	text := makersSide{distribution: d, prometheus: "http://" + prometheus + "/metrics"}.exports(t, "shop_orders{")
	assert.Regexp(t, `(?m)^shop_orders\{.*service_name="shop".*\} 3$|(?m)^shop_orders\{.*job="shop".*\} 3$`, text)
	d.stop(t)
}

// The configurations for several machines are valid in the makers' program.
func TestScalingConfigurations(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"receive.yaml", "fleet.yaml", "store.yaml"} {
		printed, failed := validateBy(t, makersProgram(), "--config", "file:"+filepath.Join(scaling, name))
		assert.False(t, failed, "%s: %s", name, printed)
		assert.Empty(t, printed, name)
	}
}
