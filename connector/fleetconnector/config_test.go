// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

func load(t testing.TB, id string) (*Config, error) {
	t.Helper()
	file, err := confmaptest.LoadConf(filepath.Join("testdata", "config.yaml"))
	require.NoError(t, err)
	sub, err := file.Sub(id)
	require.NoError(t, err)
	cfg := createDefaultConfig().(*Config)
	if err := sub.Unmarshal(cfg); err != nil {
		return nil, err
	}
	return cfg, confmap.Validate(cfg)
}

func TestGoodConfigurations(t *testing.T) {
	cfg, err := load(t, "fleet")
	require.NoError(t, err)
	assert.Equal(t, createDefaultConfig(), cfg)
	assert.Equal(t, 10, cfg.MinInstallations)
	assert.Equal(t, 24*time.Hour, cfg.Refresh)
	assert.False(t, cfg.Page.HasValue(), "no page unless it is asked for")

	cfg, err = load(t, "fleet/all")
	require.NoError(t, err)
	storage, flip, none, most := component.MustNewID("file_storage"), .1, int64(0), int64(100)
	assert.Equal(t, &storage, cfg.Storage)
	assert.Equal(t, 30*time.Second, cfg.Interval)
	assert.Equal(t, 48*time.Hour, cfg.Window)
	assert.Equal(t, 5000, cfg.MaxInstallations)
	assert.Equal(t, Number{Unit: "{user}", Clamp: &rule.Clamp{Min: &none, Max: &most}, Bounds: []int64{0, 1, 6, 21}, Window: 24 * time.Hour}, cfg.Metrics["app.users"])
	assert.Equal(t, &rule.OneBit{Max: 1000, Zero: .25, Flip: &flip}, cfg.Metrics["app.seats"].OneBit)
	assert.Equal(t, &rule.RandomizedResponse{F: .5, P: .5, Q: .75}, cfg.Metrics["app.beta"].RandomizedResponse)
	assert.Equal(t, 25, cfg.MinInstallations)
	assert.Equal(t, 48*time.Hour, cfg.Refresh)
	assert.Equal(t, Number{Unit: "{user}", Description: "Users by plan.", By: "plan", Limit: 4}, cfg.Metrics["plan.users"])
	assert.Equal(t, Number{Unit: "ms", Histogram: true}, cfg.Metrics["app.latency"])
	assert.Equal(t, Text{Limit: 5}, cfg.Resource["service.version"])
	assert.Equal(t, []string{"sqlite", "postgresql"}, cfg.Resource["db.system.name"].RandomizedResponse.Values)
	assert.Equal(t, Text{}, cfg.Resource["app.debug"])
	assert.Equal(t, &rule.RandomizedResponse{}, cfg.Resource["app.plugins"].RandomizedResponse)
}

func TestBadConfigurations(t *testing.T) {
	for id, want := range map[string]string{
		"interval":                "interval: 0s: write the time between two snapshots, such as 1m",
		"window":                  "window: 0s: write twice the interval of the stat, such as 336h",
		"page_nowhere":            "page: neither server nor directory",
		"no_minimum":              "min_installations: 0: write how many installations stand behind each figure, such as 10",
		"no_refresh":              "refresh: 0s: write how long a figure stands still, such as 24h",
		"ranges_of_groups":        "metrics::app.users: by: groups are told in sum, on average, by estimates and by number of installations: remove bounds",
		"ranges_of_a_histogram":   "metrics::app.users: histogram: its bounds come with it: remove bounds",
		"limit_of_no_groups":      "metrics::app.users: limit: it bounds the groups of `by`",
		"groups_limit":            "metrics::app.users: limit: 2000: write 1 to 1000 groups",
		"none":                    "max_installations: 0: write 1 to 10000000",
		"too_many":                "max_installations: 100000000: write 1 to 10000000",
		"unknown":                 "installations",
		"named":                   "resource::service.instance.id: installations are counted, never named: remove the entry",
		"twice":                   "resource::app.users: a metric has this name too",
		"nameless":                "an entry of metrics or resource has no name",
		"number_window":           "metrics::app.users: window: 1ms: write",
		"two_rules":               "metrics::app.users: one_bit and randomized_response are two rules for one value",
		"clamp_of_a_bit":          "metrics::app.users: clamp: a random bit and a histogram have no number that could lie beyond its ends: remove clamp",
		"clamp_without_ends":      "metrics::app.users::clamp: no end is given: write min: 0, max: 1000000 or both",
		"range_of_a_bit":          "metrics::app.users: bounds: a random bit has no range: remove bounds",
		"one_bound":               "metrics::app.users: bounds: [1]: write at least two",
		"descending":              "metrics::app.users: bounds: 1: write whole numbers in ascending order",
		"no_max":                  "metrics::app.users::one_bit: max: 0: write the greatest number",
		"values_of_a_metric":      "metrics::app.users: randomized_response: values: a metric answers yes or no",
		"text_window":             "resource::service.version: window: 1ms: write",
		"limit":                   "resource::service.version: limit: 100000: write 1 to 1000",
		"limit_of_random_answers": "resource::service.version: limit: the values of a random answer are those of its rule",
		"swapped":                 "resource::service.version::randomized_response: p: 0.8 is not below q: 0.75",
	} {
		t.Run(id, func(t *testing.T) {
			_, err := load(t, "fleet/"+id)
			assert.ErrorContains(t, err, want)
		})
	}
}
