// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/collect"
)

// block is a configuration with definitions.
type block struct {
	Stats collect.Definitions `mapstructure:"stats"`
}

func TestValidateDefinition(t *testing.T) {
	good := fields{"k": {Metric: "m"}}
	for name, c := range map[string]struct {
		definition collect.Definition
		want       string
	}{
		"good":          {collect.Definition{Value: good}, ""},
		"no fields":     {collect.Definition{}, "stats::N: value: the stat has no fields: write at least one"},
		"negative":      {collect.Definition{Interval: -time.Hour, Value: good}, "stats::N: interval: -1h0m0s is negative: write"},
		"two origins":   {collect.Definition{Value: fields{"k": {Metric: "m", Resource: "r"}}}, `stats::N::value::k: both metric "m" and resource "r"`},
		"no origin":     {collect.Definition{Value: fields{"k": {}}}, "stats::N::value::k: neither metric nor resource: write"},
		"by alone":      {collect.Definition{Value: fields{"k": {By: "plan"}}}, `stats::N::value::k: by: "plan" groups the points of a metric`},
		"by of another": {collect.Definition{Value: fields{"k": {Resource: "r", By: "plan"}}}, `by: "plan" groups`},
		"error":         {collect.Definition{Value: fields{"error": {Resource: "r"}}}, "stats::N: value::error: the key"},
		"empty key":     {collect.Definition{Value: fields{"": {Metric: "m"}}}, "stats::N: value: a key has 0 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			err := confmap.Validate(&block{collect.Definitions{"N": c.definition}})
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestValidateNames(t *testing.T) {
	assert.NoError(t, collect.ValidateNames(collect.Definitions{"N": {}}))
	assert.ErrorContains(t, collect.ValidateNames(collect.Definitions{"": {}}), "stats: ")
	assert.ErrorContains(t, collect.ValidateNames(collect.Definitions{strings.Repeat("n", 1025): {}}), "1025 bytes: write 1 to 1024")
}

func TestValidateIntervals(t *testing.T) {
	day, week := 24*time.Hour, 168*time.Hour
	for name, c := range map[string]struct {
		definitions collect.Definitions
		want        []string
	}{
		"good":       {collect.Definitions{"A": {Interval: day, Pace: "p"}, "B": {Interval: day, Pace: "p"}, "C": {Interval: week}}, nil},
		"missing":    {collect.Definitions{"A": {}, "B": {Interval: day}, "C": {}}, []string{"stats::A::interval: missing: write", "stats::C::interval: missing", "such as 168h"}},
		"differ":     {collect.Definitions{"A": {Interval: day, Pace: "p"}, "B": {Interval: week, Pace: "p"}}, []string{`stats::B::interval: 168h0m0s, but A, which has the same pace "p", says 24h0m0s`}},
		"name taken": {collect.Definitions{"A": {Interval: day}, "B": {Interval: week, Pace: "A"}}, []string{"stats::B::interval"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := collect.ValidateIntervals(c.definitions)
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
	assert.Equal(t, "N", collect.Definition{}.PaceOf("N"))
	assert.Equal(t, "events", collect.Definition{Pace: "events"}.PaceOf("N"))
}

func TestUnmapped(t *testing.T) {
	assert.NoError(t, collect.Drop.Validate())
	assert.NoError(t, collect.Keep.Validate())
	assert.ErrorContains(t, collect.Unmapped("all").Validate(), `"all" is unknown: write drop or keep`)
}
