// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/collect/mapping"
)

// block is a configuration with definitions.
type block struct {
	Stats mapping.Definitions `mapstructure:"stats"`
}

func TestValidateDefinition(t *testing.T) {
	good := fields{"k": {Metric: "m"}}
	for name, c := range map[string]struct {
		definition mapping.Definition
		want       string
	}{
		"good":          {mapping.Definition{Value: good}, ""},
		"no fields":     {mapping.Definition{}, "stats::N: value: the stat has no fields: write at least one"},
		"negative":      {mapping.Definition{Interval: -time.Hour, Value: good}, "stats::N: interval: -1h0m0s is negative: write"},
		"two origins":   {mapping.Definition{Value: fields{"k": {Metric: "m", Resource: "r"}}}, `stats::N::value::k: both metric "m" and resource "r"`},
		"no origin":     {mapping.Definition{Value: fields{"k": {}}}, "stats::N::value::k: neither metric nor resource: write"},
		"by alone":      {mapping.Definition{Value: fields{"k": {By: "plan"}}}, `stats::N::value::k: by: "plan" groups the points of a metric`},
		"by of another": {mapping.Definition{Value: fields{"k": {Resource: "r", By: "plan"}}}, `by: "plan" groups`},
		"error":         {mapping.Definition{Value: fields{"error": {Resource: "r"}}}, "stats::N: value::error: the key"},
		"empty key":     {mapping.Definition{Value: fields{"": {Metric: "m"}}}, "stats::N: value: a key has 0 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			err := confmap.Validate(&block{mapping.Definitions{"N": c.definition}})
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestValidateNames(t *testing.T) {
	assert.NoError(t, mapping.ValidateNames(mapping.Definitions{"N": {}}))
	assert.ErrorContains(t, mapping.ValidateNames(mapping.Definitions{"": {}}), "stats: ")
	assert.ErrorContains(t, mapping.ValidateNames(mapping.Definitions{strings.Repeat("n", 1025): {}}), "1025 bytes: write 1 to 1024")
}

func TestValidateIntervals(t *testing.T) {
	day, week := 24*time.Hour, 168*time.Hour
	for name, c := range map[string]struct {
		definitions mapping.Definitions
		want        []string
	}{
		"good":       {mapping.Definitions{"A": {Interval: day, Pace: "p"}, "B": {Interval: day, Pace: "p"}, "C": {Interval: week}}, nil},
		"missing":    {mapping.Definitions{"A": {}, "B": {Interval: day}, "C": {}}, []string{"stats::A::interval: missing: write", "stats::C::interval: missing", "such as 168h"}},
		"differ":     {mapping.Definitions{"A": {Interval: day, Pace: "p"}, "B": {Interval: week, Pace: "p"}}, []string{`stats::B::interval: 168h0m0s, but A, which has the same pace "p", says 24h0m0s`}},
		"name taken": {mapping.Definitions{"A": {Interval: day}, "B": {Interval: week, Pace: "A"}}, []string{"stats::B::interval"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := mapping.ValidateIntervals(c.definitions)
			if c.want == nil {
				require.NoError(t, err)
			}
			for _, want := range c.want {
				assert.ErrorContains(t, err, want)
			}
		})
	}
}

func TestPace(t *testing.T) {
	assert.Equal(t, "N", mapping.Definition{}.PaceOf("N"))
	assert.Equal(t, "events", mapping.Definition{Pace: "events"}.PaceOf("N"))
}

func TestUnmapped(t *testing.T) {
	assert.NoError(t, mapping.Drop.Validate())
	assert.NoError(t, mapping.Keep.Validate())
	assert.ErrorContains(t, mapping.Unmapped("all").Validate(), `"all" is unknown: write drop or keep`)
}

func TestIntervalInDays(t *testing.T) {
	var cfg struct {
		Stats mapping.Definitions `mapstructure:"stats"`
	}
	stat := func(interval any) *confmap.Conf {
		value := map[string]any{"k": map[string]any{"metric": "m"}}
		return confmap.NewFromStringMap(map[string]any{"stats": map[string]any{"N": map[string]any{"interval": interval, "value": value}}})
	}
	for _, text := range []string{"7d", "168h"} {
		require.NoError(t, stat(text).Unmarshal(&cfg))
		assert.Equal(t, 168*time.Hour, cfg.Stats["N"].Interval)
		assert.Equal(t, "m", cfg.Stats["N"].Value["k"].Metric)
	}
	require.ErrorContains(t, stat("a week").Unmarshal(&cfg), "write one such as 30d or 12h")
}
