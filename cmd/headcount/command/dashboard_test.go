// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"

	"github.com/headcount-otel/headcount/apps"
)

func TestDashboard(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string // in the dashboard
		fail string
	}{
		"a profile":          {args: []string{"--config", "app:sql-explorer"}, want: "fleet_explorer_query_log_count_mean"},
		"with its overlay":   {args: []string{"--config", "app:sql-explorer", "--config", "app:makers"}, want: "fleet_explorer_query_log_count_mean"},
		"a fleet of its own": {args: []string{"--config", "yaml:connectors: {fleet/shop: {metrics: {shop.orders: {unit: ms}}}}"}, want: "fleet_shop_orders_mean_milliseconds"},
		"two fleets":         {args: []string{"--config", "yaml:connectors: {fleet/a: {}, fleet/b: {}}"}, fail: "2 fleet connectors (fleet/a, fleet/b)"},
		"no profile":         {fail: "--config: missing"},
		"nothing in it":      {args: []string{"--config", "yaml:receivers: {}"}, fail: "app:makers"},
		"a wrong key":        {args: []string{"--config", "yaml:connectors: {fleet: {metricks: {}}}"}, fail: "metricks"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			command := newDashboard(confmap.ResolverSettings{DefaultScheme: "env", ProviderFactories: []confmap.ProviderFactory{
				apps.NewFactory(), envprovider.NewFactory(), yamlprovider.NewFactory(),
			}})
			command.SilenceErrors = true
			command.SetOut(new(bytes.Buffer))
			command.SetArgs(append(c.args, "--out", folder))
			err := command.Execute()
			if c.fail != "" {
				if err == nil || !strings.Contains(err.Error(), c.fail) {
					t.Errorf("got %v, want an error with %q", err, c.fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range []string{"dashboard.json", "alerts.yaml"} {
				text, err := os.ReadFile(filepath.Join(folder, file))
				if err != nil || (file == "dashboard.json" && !strings.Contains(string(text), c.want)) {
					t.Errorf("%s: %v, no %q in it", file, err, c.want)
				}
			}
		})
	}
}
