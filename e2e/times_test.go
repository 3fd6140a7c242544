// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/porttest"
)

// sameTimes has one stream of figures reach Prometheus with times cut to the day, which its exporter leaves out, and
// with exact ones, which it passes on.
const sameTimes = `
receivers: {otlp: {protocols: {http: {endpoint: %q}}}}
processors:
  anonymizer/day:   &rules {metrics: {shop.orders: {round: {to: 10}}, shop.carts: {round: {to: 10}}}}
  anonymizer/exact: {<<: *rules, timestamps: {truncate: 0s}}
exporters:
  prometheus/day:   {endpoint: %q}
  prometheus/exact: {endpoint: %q, send_timestamps: true}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    metrics/day:   {receivers: [otlp], processors: [anonymizer/day], exporters: [prometheus/day]}
    metrics/exact: {receivers: [otlp], processors: [anonymizer/exact], exporters: [prometheus/exact]}
`

// A day's points all have one time: behind the Prometheus exporter the newest of them counts, in a real Prometheus too.
func TestTimesOfADayBehindPrometheus(t *testing.T) {
	t.Parallel()
	intake, day, exact := porttest.Address(t), porttest.Address(t), porttest.Address(t)
	config := filepath.Join(t.TempDir(), "times.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, sameTimes, intake, day, exact), 0o600))
	d := startCommand(t, nil, makersProgram(), "--config", "file:"+config)
	d.says(t, "Everything is ready")
	server := startPrometheus(t, day, exact)
	for _, n := range []int{54, 108, 162} {
		posts(t, intake, n)
		want := fmt.Sprint((n + 5) / 10 * 10)
		for _, target := range []string{day, exact} {
			for _, series := range []string{"shop_carts", "shop_orders_total"} {
				expression := fmt.Sprintf("%s{instance=%q}", series, target)
				server.tells(t, expression, want)
			}
		}
	}
	d.stop(t)
}

// posts sends a counter and a gauge of this value, as of now.
func posts(t *testing.T, intake string, n int) {
	t.Helper()
	point := fmt.Sprintf(`{"startTimeUnixNano":"1700000000000000000","timeUnixNano":"%d","asInt":"%d"}`, time.Now().UnixNano(), n)
	body := `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[
		{"name":"shop.orders","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[` + point + `]}},
		{"name":"shop.carts","gauge":{"dataPoints":[` + point + `]}}]}]}]}`
	response, err := http.Post("http://"+intake+"/v1/metrics", "application/json", strings.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
}

// tells waits until an expression has this value.
func (p prometheus) tells(t *testing.T, expression, want string) {
	t.Helper()
	assert.EventuallyWithT(t, func(t *assert.CollectT) {
		require.Equal(t, want, p.value(t, expression), expression)
	}, patience, 200*time.Millisecond)
}

// value is that of the one series that an expression finds now; empty without one.
func (p prometheus) value(t require.TestingT, expression string) string {
	found := p.ask(t, "/api/v1/query", url.Values{"query": {expression}})
	if len(found) != 1 {
		return ""
	}
	return fmt.Sprint(found[0].Value[1])
}
