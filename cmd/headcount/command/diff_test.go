// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"bytes"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"

	"github.com/headcount-otel/headcount/apps"
)

func providers() confmap.ResolverSettings {
	return confmap.ResolverSettings{DefaultScheme: "env", ProviderFactories: []confmap.ProviderFactory{
		apps.NewFactory(), envprovider.NewFactory(), yamlprovider.NewFactory(),
	}}
}

func TestDiff(t *testing.T) {
	profile := []string{"--config", "app:sql-explorer"}
	for name, c := range map[string]struct {
		args       []string
		want, fail string
	}{
		"a file": {
			args: append(profile, "--config", "yaml:processors: {anonymizer: {resource: {app.debug: null}}}"),
			want: "gone  STARTUP_STATS.debug (app.debug)  kept exact → does not leave (--config yaml:1)\n",
		},
		"a flag": {
			args: append(profile, "--set", "exporters.collect.stats.QUERY_RUN.interval=1h"),
			want: "more often  QUERY_RUN  every 12h0m0s at most → every 1h0m0s at most (--set:1)\n",
		},
		"over a maker's own file": {
			args: []string{"--config", "app:base", "--config", "yaml:{receivers: {appusage: {resource: {service.name: {value: shop}}}}, processors: {anonymizer: {metrics: {shop.orders: {round: {to: 100}}}}}}", "--config", "yaml:\nprocessors: {anonymizer: {metrics: {shop.orders: {round: {to: 10}}}}}"},
			want: "finer  shop.orders  rounded to 100, half to even → rounded to 10, half to even (--config yaml:2)\n",
		},
		"nothing":              {args: append(profile, "--config", "yaml:processors: {anonymizer: {}}"), want: "Nothing changes.\n"},
		"the profile alone":    {args: profile, fail: "nothing to compare"},
		"a flag with no value": {args: append(profile, "--set", "service"), fail: "write KEY=VALUE"},
		"an unknown rule":      {args: append(profile, "--config", "yaml:processors: {anonymizer: {metrics: {a: {rond: 1}}}}"), fail: "rond"},
	} {
		t.Run(name, func(t *testing.T) {
			command := newDiff(providers())
			command.SilenceErrors = true
			var out bytes.Buffer
			command.SetOut(&out)
			command.SetArgs(c.args)
			err := command.Execute()
			if c.fail != "" {
				if err == nil || !strings.Contains(err.Error(), c.fail) {
					t.Errorf("got %v, want an error with %q", err, c.fail)
				}
				return
			}
			if err != nil || out.String() != c.want {
				t.Errorf("got %q, %v, want %q", out.String(), err, c.want)
			}
		})
	}
}
