// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/conf"
)

type round struct {
	To int64 `mapstructure:"to"`
}

type rule struct {
	Keep  bool   `mapstructure:"keep"`
	Round *round `mapstructure:"round"`
}

type config struct {
	Rules conf.Map[rule] `mapstructure:"rules"`
}

func load(t *testing.T, files ...map[string]any) config {
	t.Helper()
	merged := confmap.New()
	for _, file := range files {
		require.NoError(t, merged.Merge(confmap.NewFromStringMap(file)))
	}
	var cfg config
	require.NoError(t, merged.Unmarshal(&cfg))
	return cfg
}

type m = map[string]any

func TestLaterFileRemovesEntryWithNull(t *testing.T) {
	cfg := load(
		t,
		m{"rules": m{"a.count": m{"keep": true}, "b": m{"keep": true}}},
		m{"rules": m{"a.count": nil}},
	)
	assert.Equal(t, conf.Map[rule]{"b": {Keep: true}}, cfg.Rules)
}

func TestLaterFileRemovesRuleWithNull(t *testing.T) {
	cfg := load(
		t,
		m{"rules": m{"a": m{"round": m{"to": 5}}}},
		m{"rules": m{"a": m{"round": nil, "keep": true}}},
	)
	assert.Equal(t, conf.Map[rule]{"a": {Keep: true}}, cfg.Rules)
}

func TestLaterFileAddsToEntry(t *testing.T) {
	cfg := load(
		t,
		m{"rules": m{"a": m{"keep": true}}},
		m{"rules": m{"a": m{"round": m{"to": 5}}}},
	)
	assert.Equal(t, conf.Map[rule]{"a": {Keep: true, Round: &round{To: 5}}}, cfg.Rules)
}

func TestUnknownKeyIsStillAnError(t *testing.T) {
	var cfg config
	err := confmap.NewFromStringMap(m{"rules": m{"a": m{"kep": true}}}).Unmarshal(&cfg)
	assert.ErrorContains(t, err, "kep")
}

func TestNullMapIsEmpty(t *testing.T) {
	assert.Empty(t, load(t, m{"rules": nil}).Rules)
}
