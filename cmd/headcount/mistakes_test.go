// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/otelcol"

	"github.com/headcount-otel/headcount/apps"
	"github.com/headcount-otel/headcount/cmd/headcount/command"
)

// validate is what the command says of arguments.
func validate(t *testing.T, args ...string) error {
	t.Helper()
	return execute(t, &bytes.Buffer{}, append([]string{"validate", "--config", "app:sql-explorer"}, args...)...)
}

// execute is the program, as far as it writes to out.
func execute(t *testing.T, out io.Writer, args ...string) error {
	t.Helper()
	root := command.New(otelcol.CollectorSettings{
		Factories: components,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			DefaultScheme:     "env",
			ProviderFactories: []confmap.ProviderFactory{apps.NewFactory(), envprovider.NewFactory(), fileprovider.NewFactory(), yamlprovider.NewFactory()},
		}},
	})
	root.SetOut(out)
	root.SetErr(&bytes.Buffer{})
	root.SetArgs(args)
	return root.ExecuteContext(t.Context())
}

// TestMistakesSayTheRemedy: each error names file, line, key, value and what to write, and nothing of Go's.
func TestMistakesSayTheRemedy(t *testing.T) {
	t.Chdir(t.TempDir())
	const rules = "processors:\n  anonymizer:\n    metrics:\n      explorer.query_log.count: "
	const ofRule = "processors::anonymizer::metrics::explorer.query_log.count"
	for text, want := range map[string]string{
		rules + "{round: {to: '1000'}}":                                                ofRule + "::round::to: \"1000\" is a text: write 1000 without quotes\n  at site.yaml:4: " + ofRule + "::round::to",
		rules + "{round: {to: 1k}}":                                                    ofRule + "::round::to: 1k is no whole number: write one, such as 100\n  at site.yaml:4: " + ofRule + "::round::to",
		rules + "{drop: yes}":                                                          ofRule + "::drop: yes is neither true nor false: write one of them\n  at site.yaml:4: " + ofRule + "::drop",
		rules + "{drop: 'true'}":                                                       ofRule + "::drop: \"true\" is a text: write true without quotes\n  at site.yaml:4: " + ofRule + "::drop",
		rules + "{round: 1000}":                                                        ofRule + "::round: a number stands where keys belong: write them below it, of mode, to; or null to take it away\n  at site.yaml:4: " + ofRule + "::round",
		rules + "{suppress-below: 5}":                                                  ofRule + "::suppress-below: is unknown: if suppress_below was meant, write that\n  at site.yaml:4: " + ofRule + "::suppress-below",
		rules + "{bucket: {bounds: 5}}":                                                ofRule + "::bucket::bounds: a number stands where a list belongs: write its values as one, such as [a, b]\n  at site.yaml:4: " + ofRule + "::bucket::bounds",
		"processors:\n  anonymizer:\n    metrics:\n    - a":                            "processors::anonymizer::metrics: a list stands where entries belong: write each below it as NAME: …, without dashes; or null to take them away\n  at site.yaml:3: processors::anonymizer::metrics",
		"processors:\n  anonymizer:\n    shop.orders: {}":                              "processors::anonymizer::shop.orders: is unknown: write one of attributes, consent, ledger, metrics, resource, storage, timestamps\n  at site.yaml:3: processors::anonymizer::shop.orders",
		"processors: {Anonymizer: {}}":                                                 "processors::Anonymizer: this program has no processor Anonymizer: if anonymizer was meant, write that\n  at site.yaml:1: processors::Anonymizer",
		"extensions: {headcount: {mode: false}}":                                       "extensions::headcount::mode: false is unknown: write off, local or on, in quotes where a tool such as Helm writes this file, which makes false of off and true of on\n  at site.yaml:1: extensions::headcount::mode",
		"receivers: {appusage: {collection_interval: '24'}}":                           "receivers::appusage::collection_interval: 24 is no time: write one with its unit, such as 30s, 30m or 12h\n  at site.yaml:1: receivers::appusage::collection_interval",
		"exporters: {collect: {stats: {STARTUP_STATS: {interval: 30 days}}}}":          "exporters::collect::stats::STARTUP_STATS::interval: \"30 days\" is no time: write one such as 30d or 12h\n  at site.yaml:1: exporters::collect::stats::STARTUP_STATS::interval",
		"exporters: {collect: {stats: {STARTUP_STATS: off}}}":                          "exporters::collect::stats::STARTUP_STATS: off stands where keys belong: write them below it, of description, interval, pace, value; or null to take it away\n  at site.yaml:1: exporters::collect::stats::STARTUP_STATS",
		"receivers: {appusage: {sources: {db: {database: 'postgres://u:secret@h'}}}}":  "receivers::appusage::sources::db::database: a text stands where keys belong: write them below it, of ",
		"Processors: {}":                                                               "Processors: is unknown: if processors was meant, write that\n  at site.yaml:1: Processors",
		"processors: {anonymizer: {storage: true}}":                                    "processors::anonymizer::storage: true names no component: write the name of one, such as file_storage\n  at site.yaml:1",
		"receivers: {appusage: {metrics: {a: {unit: {run}}}}}":                         "receivers::appusage::metrics::a::unit: keys stand where a text belongs: a text with braces in it stands in quotes\n  at site.yaml:1",
		"receivers: {appusage: {sources: {db: {database: {url_env: $DATABASE_URL}}}}}": "url_env: is no variable's name: write the name alone, without $, such as DATABASE_URL",
		"receivers: {appusage: {sources: {a: {database: {url_env: 'pg://secret'}}}}}":  "url_env: is no variable's name",
		"receivers: {appusage: {resource: {a: {env: $APP_VERSION}}}}":                  "receivers::appusage::resource::a: env: is no variable's name: write the name alone",
		"a:\n\tb: c":                   "site.yaml: line 2: found character that cannot start any token: a tab stands where blanks belong: indent with blanks alone",
		"a:\n\u00a0\u00a0b: c\n  d: e": "site.yaml: line 2: begins with a no-break space: indent with ordinary blanks alone",
		"a: b: c":                      "site.yaml: line 1: mapping values are not allowed in this context: a text with a colon and a blank in it stands in quotes",
		"a: 1\nb: {c: {d: e}\nf: g":    "site.yaml: line 2: did not find expected ',' or '}': a bracket that opens here is not closed",
		"mode: off":                    "mode: is unknown: write one of connectors, exporters, extensions, processors, receivers, service\n  at site.yaml:1: mode",
	} {
		require.NoError(t, os.WriteFile("site.yaml", []byte(text+"\n"), 0o600))
		err := validate(t, "--config", "file:site.yaml")
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "secret")
		assert.NotContains(t, err.Error(), "decoding failed")
	}
}

// TestSeveralMistakesAreEachSaid in one go, each at its own line, however deep the decoder found them.
func TestSeveralMistakesAreEachSaid(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("site.yaml", []byte("processors:\n  anonymizer:\n    metrics:\n      a: {kep: true}\n    resource:\n      b: {kep: true}\n"), 0o600))
	err := validate(t, "--config", "file:site.yaml")
	require.EqualError(t, err, "processors::anonymizer::metrics::a::kep: is unknown: if keep was meant, write that\n"+
		"processors::anonymizer::resource::b::kep: is unknown: if keep was meant, write that\n"+
		"  at site.yaml:4: processors::anonymizer::metrics::a::kep\n  at site.yaml:6: processors::anonymizer::resource::b::kep")
}

func TestAConfigurationThatIsNamedWronglySaysHow(t *testing.T) {
	for want, args := range map[string][]string{
		`"site.yaml": names nothing by itself: write --config site.yaml`: {"site.yaml"},
		"fetch it into a file, and write file:PATH":                      {"--config", "https://example.com/site.yaml"},
		"write app:NAME, file:PATH, env:VARIABLE or yaml:TEXT":           {"--config", "APP:strict"},
	} {
		require.ErrorContains(t, validate(t, args...), want)
	}
}
