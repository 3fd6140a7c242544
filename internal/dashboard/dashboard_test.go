// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/connector/fleetconnector"
	"github.com/headcount-otel/headcount/internal/debian"
)

const fleet = `
metrics:
  shop.orders: {unit: "{order}", bounds: [1, 11, 101], description: "Orders of all time."}
  shop.users:  {unit: "{user}", by: plan}
  shop.tries:  {by: plan, one_bit: {max: 100}}
  shop.sizes:  {unit: By, histogram: true}
  shop.wait:   {unit: ms}
  shop.seats:  {one_bit: {max: 1000}}
  shop.beta:   {randomized_response: {}}
resource:
  service.version: {}
  app.mode: {randomized_response: {values: [a, b]}}
page: {title: "How the shop's \"users\" do", directory: /nowhere}
`

func fleetOf(t *testing.T, text string) *fleetconnector.Config {
	t.Helper()
	cfg := fleetconnector.NewFactory().CreateDefaultConfig().(*fleetconnector.Config)
	retrieved, err := confmap.NewRetrievedFromYAML([]byte(text))
	require.NoError(t, err)
	conf, err := retrieved.AsConf()
	require.NoError(t, err)
	require.NoError(t, conf.Unmarshal(cfg))
	require.NoError(t, confmap.Validate(cfg))
	return cfg
}

type grafana struct {
	Title  string
	UID    string
	Panels []struct {
		Title, Description string
		GridPos            struct{ X, Y, W, H int }
		Targets            []struct{ Expr, LegendFormat string }
	}
}

func TestGrafana(t *testing.T) {
	text, err := Grafana(fleetOf(t, fleet))
	require.NoError(t, err)
	var made grafana
	require.NoError(t, json.Unmarshal(text, &made))
	assert.Equal(t, `How the shop's "users" do`, made.Title)
	assert.Len(t, made.UID, 20)
	asked := map[string]string{}
	taken := map[string]bool{}
	for _, p := range made.Panels {
		for _, target := range p.Targets {
			asked[target.Expr] = target.LegendFormat
		}
		for x := range p.GridPos.W {
			at := fmt.Sprint(p.GridPos.X+x, " ", p.GridPos.Y)
			assert.False(t, taken[at], "%s lies on another panel", p.Title)
			taken[at] = true
		}
	}
	for expression, legend := range map[string]string{
		"fleet_installation_count":                                 "installations",
		"fleet_shop_orders_mean":                                   "mean",
		"sum by (le) (fleet_shop_orders_distribution_bucket)":      "{{le}}",
		"sum by (le) (fleet_shop_sizes_distribution_bytes_bucket)": "{{le}}",
		"fleet_shop_users_sum":                                     "{{plan}}",
		"fleet_shop_tries_mean_low":                                "{{plan}}, lower end",
		"fleet_shop_wait_mean_milliseconds":                        "mean",
		"fleet_shop_seats_mean_low":                                "mean, lower end",
		"fleet_shop_beta_share_high_ratio":                         "share, upper end",
		"fleet_service_version_installation_count":                 "{{service_version}}",
		"fleet_app_mode_share_ratio":                               "{{app_mode}}",
	} {
		assert.Equal(t, legend, asked[expression], expression)
	}
}

// Prometheus' own tool reads the rules, and what the dashboard asks.
func TestPrometheusReadsAll(t *testing.T) {
	debian.NeedsProgram(t, "promtool", "prometheus")
	cfg := fleetOf(t, fleet)
	rules, err := Rules(cfg)
	require.NoError(t, err)
	folder := t.TempDir()
	check := func(name string, content []byte, found int) {
		file := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(file, content, 0o600))
		out, err := exec.Command("promtool", "check", "rules", file).CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Contains(t, string(out), fmt.Sprintf("SUCCESS: %d rules found", found))
	}
	check("alerts.yaml", rules, 3+9)

	text, err := Grafana(cfg)
	require.NoError(t, err)
	var made grafana
	require.NoError(t, json.Unmarshal(text, &made))
	var asked []map[string]string
	for _, p := range made.Panels {
		for _, target := range p.Targets {
			asked = append(asked, map[string]string{"record": fmt.Sprint("asked:", len(asked)), "expr": target.Expr})
		}
	}
	questions, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "asked", "rules": asked}}})
	require.NoError(t, err)
	check("asked.yaml", questions, len(asked))

	// The alerts fire when they should, and not before.
	const cases = `
rule_files: [alerts.yaml]
evaluation_interval: 1h
tests:
  - interval: 1h
    input_series:
      - {series: fleet_installation_minimum, values: '10x400'}
      - {series: fleet_installation_count, values: '100x200 60x200'}
      - {series: fleet_installation_returning_count, values: '90x400'}
    alert_rule_test:
      - {eval_time: 190h, alertname: FleetShrinks}
      - {eval_time: 190h, alertname: FleetNotTold}
      - eval_time: 210h
        alertname: FleetShrinks
        exp_alerts: [{exp_labels: {severity: warning}, exp_annotations: {summary: 'How the shop''s "users" do: a third of the installations report no more', description: "Look at the receiver's answers (otelcol_receiver_collect_requests) first, and at the last version of the application."}}]
      - {eval_time: 210h, alertname: FleetFlooded}
  - interval: 1h
    input_series:
      - {series: fleet_installation_minimum, values: '10x400'}
      - {series: fleet_installation_count, values: '100x200 5000x200'}
      - {series: fleet_installation_returning_count, values: '90x400'}
    alert_rule_test:
      - {eval_time: 190h, alertname: FleetFlooded}
      - eval_time: 210h
        alertname: FleetFlooded
        exp_alerts: [{exp_labels: {severity: warning}, exp_annotations: {summary: 'How the shop''s "users" do: installations that never come back are invented', description: "There are twice as many installations as a week ago, and hardly more that reported twice: rate_limit::address of the collect receiver, or signatures::required."}}]
`
	require.NoError(t, os.WriteFile(filepath.Join(folder, "test.yaml"), []byte(cases), 0o600))
	tested := exec.Command("promtool", "test", "rules", "test.yaml")
	tested.Dir = folder
	out, err := tested.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
