// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
)

// mistakes are parts of the errors of the instances that are wrong: where, and what to write instead.
var mistakes = map[string][]string{
	"bad_scheme":                 {"sources::db::database", "url: ", "postgres://", "mysql://", "sqlite:///"},
	"bad_kind":                   {"sources::other", "write one such as `database: {url_env: DATABASE_URL}`"},
	"bad_two_urls":               {"sources::db::database", "exclude each other: keep one"},
	"bad_url_env":                {"url_env: is no variable's name: write the name alone, without $, such as DATABASE_URL"},
	"bad_env":                    {"env: is no variable's name: write the name alone, without $"},
	"bad_leader":                 {"leader: \"no such!\"", "sources [\"db\"]", "id of an extension"},
	"bad_timeout":                {"timeout: 0", "write a duration such as 1m"},
	"bad_no_storage":             {"storage: ", "`storage: file_storage`", "`resource::service.instance.id: {value: …}`"},
	"bad_events_without_storage": {"storage: events need a place for their cursors", "`storage: file_storage`"},
	"bad_unknown_source":         {"metrics::m", "source: \"nowhere\"", "[\"db\"]"},
	"bad_no_source":              {"metrics::m", "source: `count` reads a source", "write the name"},
	"bad_needless_source":        {"resource::r", "source: `env` reads no source: leave it out"},
	"bad_no_way":                 {"metrics::m", "a reading has exactly one of `value`, `env`, `count`"},
	"bad_two_ways":               {"metrics::m", "a reading has exactly one of", "this one has 2: count, sql"},
	"bad_table":                  {"metrics::m", "count: table: \"t; DROP TABLE t\": a table's name is letters"},
	"bad_column":                 {"metrics::m", "count_distinct: column: \"a;b\": a column's name is letters"},
	"bad_where":                  {"metrics::m", "count: where::a: this is no text, number or boolean"},
	"bad_type":                   {"resource::r", "type: \"boolean\" is unknown: write string, bool, int or float"},
	"bad_default":                {"resource::r", "default: many: it is no integer: write digits"},
	"bad_default_unquoted":       {"resource::r", "default: 5.1 is no text: put it in quotes"},
	"bad_present":                {"resource::r", "present: ", "leave out `type` and `default`"},
	"bad_metric_text":            {"metrics::m", "value: \"three\" is a text and a metric is a number"},
	"bad_metric_env":             {"metrics::m", "type: a metric is a number: write int or float"},
	"bad_metric_present":         {"metrics::m", "a metric is a number: write this reading under `resource`"},
	"bad_estimate":               {"metrics::m", "estimate: only a `count` or `count_distinct` without `where`"},
	"bad_by":                     {"metrics::m", "by: only an exact `count` or `count_distinct` has groups"},
	"bad_limit":                  {"metrics::m", "limit: it belongs to `by`"},
	"bad_limit_negative":         {"metrics::m", "limit: -1: write how many groups"},
	"bad_event_source":           {"events::e", "source: ", "write its name"},
	"bad_event_rows":             {"events::e", "newest: ", "`newest: {table: …, by: id}`"},
	"bad_event_metrics":          {"events::e", "metrics: ", "`metrics: {name: {column: …}}`"},
	"bad_event_metric":           {"events::e::metrics::e.n: `column` and `length` exclude each other"},
	"bad_event_metric_empty":     {"events::e::metrics::e.n: nothing is read: write `column: …` or `length: …`"},
	"bad_app_report":             {"app_report", "every: ", "write a duration such as 7d or 168h", "turn_off: "},
	"bad_app_report_source":      {"app_report::source: \"nowhere\"", "[\"db\"]"},
	"bad_app_report_reading":     {"app_report", "a reading has exactly one of"},
	"bad_mismatch":               {"mismatches::shop 2", "source: a mismatch is read from a source", "remedy: the log tells what to change"},
	"bad_mismatch_source":        {"mismatches::shop 2::source: \"nowhere\"", "[\"db\"]"},
	"bad_sample":                 {"metrics::m", "sample: name: missing"},
	"bad_sample_of_file":         {"metrics::m: `sample` cannot be asked of sources::app, which is of the kind file: write one of `field`"},
	"bad_client":                 {"metrics::m::get::client: \"libmemcached\" is unknown: write dalli, node, php, pylibmc"},
	"bad_client_of_redis":        {"metrics::m::client: only memcached keeps flags"},
	"bad_hget":                   {"metrics::m", "hget: field: missing"},
	"bad_zcount_unit":            {"metrics::m", "zcount: unit: \"minutes\" is unknown: write s, ms, us or ns"},
	"bad_http_tls":               {"sources::app::http: tls: the endpoint has no TLS", "write https:// for http://"},
	"bad_redis_url":              {"sources::cache::redis: url: ", "write rediss:// for redis://"},
	"bad_event_metric_twice":     {"events::e::metrics::e.n: a metric of this name stands under `metrics` too"},
}

func TestConfigs(t *testing.T) {
	all, err := confmaptest.LoadConf("testdata/config.yaml")
	require.NoError(t, err)
	tried := 0
	for name, instance := range all.ToStringMap() {
		_, short, _ := strings.Cut(name, "/")
		t.Run(short, func(t *testing.T) {
			base := map[string]any{}
			if strings.HasPrefix(short, "bad_") {
				// What is wrong is wrong in an otherwise good configuration.
				base = map[string]any{
					"storage":  "file_storage",
					"sources":  map[string]any{"db": map[string]any{"database": map[string]any{"url": "sqlite:///app.sqlite3"}}},
					"resource": map[string]any{"service.name": map[string]any{"value": "shop"}},
				}
			}
			conf := confmap.NewFromStringMap(base)
			require.NoError(t, conf.Merge(confmap.NewFromStringMap(instance.(map[string]any))))
			cfg := createDefaultConfig().(*Config)
			require.NoError(t, conf.Unmarshal(cfg))
			err := confmap.Validate(cfg)
			wanted, wrong := mistakes[short]
			if !wrong {
				require.NoError(t, err)
				return
			}
			tried++
			require.Error(t, err)
			for _, part := range wanted {
				assert.ErrorContains(t, err, part)
			}
			assert.NotContains(t, err.Error(), "secret")
		})
	}
	assert.Equal(t, len(mistakes), tried)
}

func TestLaterFileTakesAway(t *testing.T) {
	conf := confmap.NewFromStringMap(map[string]any{"resource": map[string]any{
		"a": map[string]any{"env": "A", "default": "x"}, "service.instance.id": map[string]any{"value": "x"},
	}, "metrics": map[string]any{"m": map[string]any{"value": 1}}})
	require.NoError(t, conf.Merge(confmap.NewFromStringMap(map[string]any{
		"resource": map[string]any{"a": nil}, "metrics": map[string]any{"m": map[string]any{"value": nil, "env": "M", "type": "int"}},
	})))
	cfg := parsed(t, conf)
	assert.NotContains(t, cfg.Resource, "a")
	assert.Equal(t, []string{"env"}, func() []string { m := cfg.Metrics["m"]; return m.has() }())
}

// TestReadmeExamples loads what stands in the README.
func TestReadmeExamples(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	blocks := strings.Split(string(text), "```yaml ")[1:]
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		_, block, _ = strings.Cut(block, "\n") // the rest of the first line says what the block is
		block, _, _ = strings.Cut(block, "```")
		retrieved, err := confmap.NewRetrievedFromYAML([]byte(block))
		require.NoError(t, err)
		conf, err := retrieved.AsConf()
		require.NoError(t, err)
		if conf.IsSet("receivers") {
			conf, err = conf.Sub("receivers::appusage")
			require.NoError(t, err)
		}
		require.NoError(t, conf.Merge(confmap.NewFromStringMap(map[string]any{
			"storage": "file_storage",
			"sources": map[string]any{"db": map[string]any{"database": map[string]any{"url_env": "DATABASE_URL"}}},
			"metrics": map[string]any{"least": map[string]any{"value": 1}},
		})))
		parsed(t, conf)
	}
}
