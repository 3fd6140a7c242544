// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/internal/porttest"
	"github.com/headcount-otel/headcount/internal/python"
)

// listening waits until the program at address answers.
func listening(t *testing.T, program *exec.Cmd, url string) {
	t.Helper()
	require.NoError(t, program.Start())
	t.Cleanup(func() {
		_ = program.Process.Kill()
		_ = program.Wait()
	})
	require.Eventually(t, func() bool {
		response, err := http.Get(url) //nolint:gosec,noctx // of this test's own server
		if err != nil {
			return false
		}
		return response.Body.Close() == nil && response.StatusCode == http.StatusOK
	}, 2*time.Minute, 20*time.Millisecond)
}

// TestPrometheusItself reads what Prometheus 2 exposes of itself.
func TestPrometheusItself(t *testing.T) {
	debian.NeedsProgram(t, "prometheus", "prometheus")
	folder, address := t.TempDir(), porttest.Address(t)
	settings := filepath.Join(folder, "prometheus.yml")
	require.NoError(t, os.WriteFile(settings, []byte("scrape_configs: []\n"), 0o600))
	server := exec.Command("prometheus", "--config.file="+settings, "--storage.tsdb.path="+folder, "--web.listen-address="+address)
	listening(t, server, "http://"+address+"/-/ready")
	// Prometheus counts a request when it has answered it: a second handler makes a second series.
	response, err := http.Get("http://" + address + "/metrics") //nolint:gosec,noctx // of this test's own server
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	got := figures(started(t, fromYAML(t, fmt.Sprintf(`
storage: file_storage
sources: {server: {http: {endpoint: "http://%s/metrics"}}}
metrics:
  build:    {source: server, sample: {name: prometheus_build_info}}
  series:   {source: server, sample: {name: prometheus_tsdb_head_series}}
  requests: {source: server, sample: {name: prometheus_http_requests_total, labels: {handler: /-/ready}, sum: true}}
  timed:    {source: server, sample: {name: prometheus_http_request_duration_seconds, labels: {handler: /-/ready}}}
  nowhere:  {source: server, sample: {name: prometheus_of_nobody}}
  several:  {source: server, sample: {name: prometheus_http_requests_total}}
`, address))).last())
	assert.Equal(t, int64(1), got["build"])
	assert.Equal(t, int64(0), got["series"])
	assert.GreaterOrEqual(t, got["requests"], int64(1))
	assert.GreaterOrEqual(t, got["timed"], int64(1))
	assert.Contains(t, got, "nowhere")
	assert.Nil(t, got["nowhere"])
	assert.NotContains(t, got, "several", "many samples are not one")
}

// TestOtherExporters reads what two more programs expose.
func TestOtherExporters(t *testing.T) {
	if os.Getenv("HEADCOUNT_PROVE") == "" {
		t.Skip("SKIP: packages that nothing else needs; HEADCOUNT_PROVE=1 runs it")
	}
	debian.HasProgram(t, "prometheus-node-exporter")
	debian.HasProgram(t, "prometheus-alertmanager")
	node, alerts := porttest.Address(t), porttest.Address(t)
	listening(t, exec.Command("prometheus-node-exporter", "--web.listen-address="+node), "http://"+node+"/metrics")
	listening(t, exec.Command("prometheus-alertmanager", "--config.file=/etc/prometheus/alertmanager.yml",
		"--storage.path="+t.TempDir(), "--cluster.listen-address=", "--web.listen-address="+alerts), "http://"+alerts+"/-/ready")
	got := figures(started(t, fromYAML(t, fmt.Sprintf(`
storage: file_storage
sources: {node: {http: {endpoint: "http://%s/metrics"}}, alerts: {http: {endpoint: "http://%s/metrics"}}}
metrics:
  build:   {source: node, sample: {name: node_exporter_build_info}}
  scrapes: {source: node, sample: {name: node_scrape_collector_success, labels: {collector: uname}}}
  pauses:  {source: node, sample: {name: go_gc_duration_seconds}}
  states:  {source: alerts, sample: {name: alertmanager_alerts, sum: true}}
  active:  {source: alerts, sample: {name: alertmanager_alerts, labels: {state: active}}}
`, node, alerts))).last())
	assert.Equal(t, int64(1), got["build"])
	assert.Equal(t, int64(1), got["scrapes"])
	assert.IsType(t, int64(0), got["pauses"], "a summary is its count")
	assert.Equal(t, int64(0), got["states"])
	assert.Equal(t, int64(0), got["active"])
}

// TestPythonClient reads what a program with prometheus_client, which answers in OpenMetrics, exposes.
func TestPythonClient(t *testing.T) {
	program, address := python.Python(t, "../..", "prometheus-client", []string{"prometheus_client==0.22.1"}), porttest.Address(t)
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	listening(t, exec.Command(program, "-c", `
import sys, threading
from prometheus_client import Counter, Gauge, Histogram, start_http_server
users = Gauge("app_users", "Users", ["plan"])
users.labels("free").set(40)
users.labels("pro").set(17)
logins = Counter("app_logins", "Logins", ["method"])
logins.labels("password").inc(3, exemplar={"trace_id": "abc"})
seconds = Histogram("app_seconds", "Times")
seconds.observe(0.2)
seconds.observe(7)
Gauge("app_broken", "Broken").set(float("nan"))
start_http_server(int(sys.argv[1]), addr="127.0.0.1")
threading.Event().wait()
`, port), "http://"+address+"/metrics")
	got := figures(started(t, fromYAML(t, fmt.Sprintf(`
storage: file_storage
sources: {app: {http: {endpoint: "http://%s/metrics"}}}
metrics:
  pro:    {source: app, sample: {name: app_users, labels: {plan: pro}}}
  users:  {source: app, sample: {name: app_users, sum: true}}
  logins: {source: app, sample: {name: app_logins_total, sum: true}}
  timed:  {source: app, sample: {name: app_seconds}}
  broken: {source: app, sample: {name: app_broken}}
`, address))).last())
	assert.Equal(t, map[string]any{"pro": int64(17), "users": int64(57), "logins": int64(3), "timed": int64(2), "broken": nil}, got)
}
