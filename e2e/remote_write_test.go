// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/internal/porttest"
)

// remoteWrite sends one stream of figures to Prometheus with exact times and with those of a day.
const remoteWrite = `
receivers: {otlp: {protocols: {http: {endpoint: %q}}}}
processors:
  anonymizer/day:   &rules {metrics: {shop.orders: {round: {to: 10}}, shop.carts: {round: {to: 10}}}}
  anonymizer/exact: {<<: *rules, timestamps: {truncate: 0s}}
exporters:
  prometheusremotewrite/day:   &store {endpoint: %q, external_labels: {times: day}, retry_on_failure: {enabled: false}}
  prometheusremotewrite/exact: {<<: *store, external_labels: {times: exact}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    metrics/day:   {receivers: [otlp], processors: [anonymizer/day], exporters: [prometheusremotewrite/day]}
    metrics/exact: {receivers: [otlp], processors: [anonymizer/exact], exporters: [prometheusremotewrite/exact]}
`

// TestTimesOfADayBehindRemoteWrite writes to a real Prometheus by contrib's exporter, in a Collector built by ocb:
// with exact times it shows each figure; of times of a day it refuses the second, as too old or as one of the same time.
func TestTimesOfADayBehindRemoteWrite(t *testing.T) {
	t.Parallel()
	if os.Getenv("HEADCOUNT_PROVE") == "" {
		t.Skip("SKIP: the remote write exporter takes minutes to build; HEADCOUNT_PROVE=1 does it")
	}
	server := startPrometheus(t)
	collector := build(t, recipe{
		"dist":       recipe{"module": "example.com/collector", "name": "collector"},
		"receivers":  []recipe{{"gomod": "go.opentelemetry.io/collector/receiver/otlpreceiver v0.165.0"}},
		"processors": []recipe{{"gomod": module + " v0.1.0", "import": module + "/anonymizer", "name": "anonymizer"}},
		"exporters":  []recipe{{"gomod": "github.com/open-telemetry/opentelemetry-collector-contrib/exporter/prometheusremotewriteexporter v0.165.1"}},
	})
	intake := porttest.Address(t)
	d := startCommand(t, nil, collector, "--config", "file:"+written(t, fmt.Sprintf(remoteWrite, intake, server.url+"/api/v1/write")))
	d.says(t, "Everything is ready")
	for _, n := range []int{54, 108, 162} {
		posts(t, intake, n)
		want := fmt.Sprint((n + 5) / 10 * 10)
		for _, series := range []string{"shop_carts", "shop_orders_total"} {
			expression := series + `{times="exact"}`
			server.tells(t, expression, want)
		}
	}
	d.says(t, `"status": "400 Bad Request"`)
	assert.Contains(t, []string{"", "50"}, server.value(t, `last_over_time(shop_carts{times="day"}[2d])`), "an empty store may take the first one")
	d.stop(t)
}
