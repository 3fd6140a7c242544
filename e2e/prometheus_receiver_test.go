// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/porttest"
	"github.com/headcount-otel/headcount/internal/python"
)

// exposing is an application that counts with Prometheus' own client. Its name for a moment is
// the client's business: a counter `shop_orders` is exposed as `shop_orders_total`.
const exposing = `
import sys, time
from prometheus_client import Counter, Histogram, start_http_server

orders = Counter("shop_orders", "Orders", ["plan", "user"])
orders.labels("free", "canary-user").inc(int(sys.argv[2]))
orders.labels("pro", "canary-user").inc(int(sys.argv[3]))
baskets = Histogram("shop_basket", "Positions of an order", buckets=[1, 5])
for positions in (1, 3, 3, 9):
    baskets.observe(positions)
start_http_server(int(sys.argv[1]), addr="127.0.0.1")
time.sleep(600)
`

// behindPrometheus scrapes the application, and makes of what it exposes a stat.
const behindPrometheus = `
extensions: {file_storage: {directory: %q, create_directory: true}}
receivers:
  prometheus: {config: {scrape_configs: [{job_name: shop, scrape_interval: 500ms, static_configs: [{targets: [%q]}]}]}}
processors:
  installation: {gather: 50ms, storage: file_storage}
  anonymizer:
    metrics: {shop_orders_total: {round: {to: 10}}, shop_basket: {round: {to: 1, mode: up}}}
    attributes: {plan: {allow: [free, pro]}}
    resource: {service.instance.id: {keep: true}}
exporters:
  collect:
    endpoint: %q
    stats: {WEEKLY: {interval: 1ms, value: {orders: {metric: shop_orders_total, by: plan}, baskets: {metric: shop_basket}}}}
service:
  extensions: [file_storage]
  telemetry: {metrics: {level: none}}
  pipelines: {metrics: {receivers: [prometheus], processors: [installation, anonymizer], exporters: [collect]}}
`

// TestBehindAPrometheusReceiver has an application with Prometheus' client in front, by contrib's Prometheus receiver
// in a Collector built by ocb: of all that it exposes what rules name leaves, in doubles as Prometheus has them, and a
// restart is no new installation.
func TestBehindAPrometheusReceiver(t *testing.T) {
	t.Parallel()
	if os.Getenv("HEADCOUNT_PROVE") == "" {
		t.Skip("SKIP: the Prometheus receiver takes minutes to build; HEADCOUNT_PROVE=1 does it")
	}
	interpreter := python.Python(t, root, "prometheus", []string{"prometheus-client==0.26.0"})
	ours := func(path, name string) recipe {
		return recipe{"gomod": module + " v0.1.0", "import": module + "/" + path, "name": name}
	}
	collector := build(t, recipe{
		"dist":       recipe{"module": "example.com/collector", "name": "collector"},
		"extensions": []recipe{ours("extension/filestorage", "filestorage")},
		"receivers":  []recipe{{"gomod": "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/prometheusreceiver v0.165.1"}},
		"processors": []recipe{ours("processor/installationprocessor", "installationprocessor"), ours("anonymizer", "anonymizer")},
		"exporters":  []recipe{ours("exporter/collectexporter", "collectexporter")},
	})
	makers, target := newEndpoint(t), porttest.Address(t)
	d := startCommand(t, nil, collector, "--config", "file:"+written(t, fmt.Sprintf(behindPrometheus, t.TempDir(), target, makers.URL)))
	d.says(t, "Everything is ready")

	exposes(t, interpreter, target, "54", "17", func() { makers.says(t, `"orders":{"free":50.0,"pro":20.0}`) })
	exposes(t, interpreter, target, "54", "17", func() { makers.says(t, `"baskets":{"+Inf":2,"1":2,"5":4},"orders":{"free":110.0,"pro":30.0}`) })

	ids := map[string]bool{}
	for _, p := range makers.received() {
		assert.NotContains(t, p.body, "canary")
		ids[parseReport(t, p.body).InstanceID] = true
	}
	assert.Len(t, ids, 1, "one installation, however often the application is started")
	d.stop(t)
}

// exposes runs the application until the check has passed.
func exposes(t *testing.T, interpreter, address, free, pro string, check func()) {
	t.Helper()
	_, port, _ := strings.Cut(address, ":")
	script := filepath.Join(t.TempDir(), "shop.py")
	require.NoError(t, os.WriteFile(script, []byte(exposing), 0o600))
	app := exec.CommandContext(t.Context(), interpreter, script, port, free, pro)
	require.NoError(t, app.Start())
	defer func() {
		_ = app.Process.Kill()
		_ = app.Wait()
	}()
	check()
}

// says waits until a report has the text.
func (e *endpoint) says(t *testing.T, text string) {
	t.Helper()
	last := ""
	defer func() {
		if t.Failed() {
			t.Log("the last report: " + last)
		}
	}()
	require.Eventually(t, func() bool {
		for _, p := range e.received() {
			if last = p.body; strings.Contains(last, text) {
				return true
			}
		}
		return false
	}, patience, 20*time.Millisecond, text)
}
