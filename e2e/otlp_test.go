// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/maven"
	"github.com/headcount-otel/headcount/internal/npm"
	"github.com/headcount-otel/headcount/internal/porttest"
	"github.com/headcount-otel/headcount/internal/python"
)

// pythonSDK is what examples/otlp/shop.py needs; package-lock.json and pom.xml there pin the same for Node and Java.
var pythonSDK = []string{"opentelemetry-sdk==1.45.2", "opentelemetry-exporter-otlp-proto-http==1.45.2"}

// shop is app:otlp with the examples' profile, before an endpoint.
type shop struct {
	*distribution
	endpoint *endpoint
	otlp     string
}

func startShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{endpoint: newEndpoint(t), otlp: porttest.Address(t)}
	quick := filepath.Join(t.TempDir(), "quick.yaml")
	require.NoError(t, os.WriteFile(quick, []byte(
		"processors: {installation: {gather: 50ms}, anonymizer: {metrics: {shop.errors: {round: {to: 10}}}}}\n"+
			"exporters: {collect: {stats: {SHOP_WEEKLY: {interval: 1ms, value: {errors: {metric: shop.errors, default: 0}, new: {metric: shop.orders, increase: true}}}}}}\n"), 0o600))
	s.distribution = start(t, environment{"HEADCOUNT_OTLP": s.otlp, "SHOP_COLLECT_URL": s.endpoint.URL, "HEADCOUNT_STATE_DIR": t.TempDir(), "HEADCOUNT_PAGE": "127.0.0.1:0"},
		"--config", "app:otlp", "--config", "file:"+filepath.Join(root, "examples", "otlp", "profile.yaml"), "--config", "file:"+quick)
	s.says(t, "Everything is ready")
	return s
}

// run runs the application once, to its end.
func (s *shop) run(t *testing.T, env []string, argv ...string) {
	t.Helper()
	app := exec.Command(argv[0], argv[1:]...)
	app.Env = append(os.Environ(), append([]string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + s.otlp}, env...)...)
	out, err := app.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// reports waits until a stat says so many orders, in all and since the report before, and baskets, and returns
// all ids that were reported.
func (s *shop) reports(t *testing.T, orders int, since string, baskets int) (ids []string) {
	t.Helper()
	want := fmt.Sprintf(`"value":{"baskets":%d,"errors":0,"new":%s,"orders":%d,"version":"2.7"}`, baskets, since, orders)
	if !assert.Eventually(t, func() bool {
		for _, p := range s.endpoint.received() {
			if strings.Contains(p.body, want) {
				return true
			}
		}
		return false
	}, patience, 20*time.Millisecond) {
		require.FailNow(t, want, "came: %v", s.endpoint.received())
	}
	for _, p := range s.endpoint.received() {
		ids = append(ids, parseReport(t, p.body).InstanceID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// TestOTLPFromPython has a real application report in the SDK's own way: each process with
// another service.instance.id, in both temporalities.
func TestOTLPFromPython(t *testing.T) {
	t.Parallel()
	interpreter := python.Python(t, root, "otlp", pythonSDK)
	app := filepath.Join(root, "examples", "otlp", "shop.py")
	s := startShop(t)
	s.run(t, nil, interpreter, app)
	s.reports(t, 50, "null", 5) // 54 orders and 7 baskets, rounded
	s.run(t, nil, interpreter, app)
	s.reports(t, 110, "60", 15) // what the process before counted stays counted
	s.run(t, []string{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta"}, interpreter, app)
	assert.Len(t, s.reports(t, 160, "50", 20), 1, "one installation, however many processes it had")
	s.stop(t)
}

// TestOTLPFromGo is the same in Go, whose SDK draws no id either.
func TestOTLPFromGo(t *testing.T) {
	t.Parallel()
	app, err := builtExample("otlp")
	require.NoError(t, err)
	s := startShop(t)
	s.run(t, nil, app)
	s.reports(t, 50, "null", 5)
	s.run(t, nil, app)
	assert.Len(t, s.reports(t, 110, "60", 5), 1, "without an id of its own a process is known by its resource, and its baskets begin anew")
	s.stop(t)
}

// TestOTLPFromNode is the same in Node, whose SDK draws no id.
func TestOTLPFromNode(t *testing.T) {
	t.Parallel()
	examples, folder := filepath.Join(root, "examples", "otlp"), t.TempDir()
	require.NoError(t, os.Symlink(npm.Modules(t, root, "otlp", examples), filepath.Join(folder, "node_modules")))
	app := copyFile(t, filepath.Join(examples, "shop.mjs"), folder)
	s := startShop(t)
	s.run(t, nil, "node", app)
	s.reports(t, 50, "null", 5)
	s.run(t, nil, "node", app)
	assert.Len(t, s.reports(t, 110, "60", 5), 1, "without an id of its own a process is known by its resource, and its baskets begin anew")
	s.stop(t)
}

// TestOTLPFromJava is the same in Java, whose SDK draws an id in each process, and says so when it is given another.
func TestOTLPFromJava(t *testing.T) {
	t.Parallel()
	examples := filepath.Join(root, "examples", "otlp")
	// The flags make it start quickly, and leave nothing in /tmp.
	java := []string{"java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-cp", maven.Jars(t, root, "otlp", examples) + "/*", filepath.Join(examples, "Shop.java")}
	s := startShop(t)
	s.run(t, nil, java...)
	s.reports(t, 50, "null", 5)
	s.run(t, []string{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta"}, java...)
	s.reports(t, 110, "60", 15)
	s.run(t, []string{"OTEL_RESOURCE_ATTRIBUTES=service.name=shop,service.version=2.7.1,service.instance.id=given"}, java...)
	assert.Len(t, s.reports(t, 160, "50", 20), 1, "one installation, however many processes it had")
	s.stop(t)
}

// Each page's and example's pinned versions are those that are tried.
func TestOTLPVersionsAreThoseTried(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "otlp.md"))
	require.NoError(t, err)
	said := strings.Join(strings.Fields(string(page)), " ")
	for _, tried := range pythonSDK {
		assert.Contains(t, said, strings.Replace(tried, "==", " ", 1))
	}
	manifest, err := os.ReadFile(filepath.Join(root, "examples", "otlp", "package.json"))
	require.NoError(t, err)
	var packages struct{ Dependencies map[string]string }
	require.NoError(t, json.Unmarshal(manifest, &packages))
	for name, version := range packages.Dependencies {
		assert.Contains(t, said, strings.TrimPrefix(name, "@opentelemetry/")+" "+version)
	}
	pom, err := os.ReadFile(filepath.Join(root, "examples", "otlp", "pom.xml"))
	require.NoError(t, err)
	for _, version := range regexp.MustCompile(`<version>(\d+\.\d+\.\d+)</version>`).FindAllStringSubmatch(string(pom), -1) {
		assert.Contains(t, said, "Java SDK "+version[1])
	}
}
