// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
)

func load(t *testing.T, id string) (*Config, error) {
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
	cfg, err := load(t, "collect")
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1:4390", cfg.ServerConfig.NetAddr.Endpoint)
	assert.Equal(t, "/stat", cfg.Path)
	assert.Equal(t, mapping.Drop, cfg.Unmapped)
	assert.Equal(t, int64(collect.MaxBody), cfg.ServerConfig.MaxRequestBodySize)

	cfg, err = load(t, "collect/all")
	require.NoError(t, err)
	headcount, storage := component.MustNewID("headcount"), component.MustNewID("file_storage")
	assert.Equal(t, &headcount, cfg.Ledger)
	assert.Equal(t, &storage, cfg.Storage)
	assert.Equal(t, "/collect", cfg.Path)
	assert.Equal(t, Idempotency{Retention: 24 * time.Hour, MaxKeys: 1000}, cfg.Idempotency)
	assert.Equal(t, configoptional.Some(Rate{Requests: 60, Per: time.Hour}), cfg.RateLimit.Installation)
	assert.Equal(t, configoptional.Some(Rate{Requests: 1000, Per: time.Second}), cfg.RateLimit.Total)
	assert.Equal(t, mapping.Origin{Resource: "explorer.fmt", Optional: true}, cfg.Stats["QUERY_RUN"].Value["fmt"])
}

func TestBadConfigurations(t *testing.T) {
	for id, want := range map[string]string{
		"no_stats":            "stats: missing, so that every stat would be refused: write what each is made of",
		"stat_without_fields": "stats::USAGE: value: the stat has no fields: write at least one",
		"two_origins":         "stats::USAGE::value::users: both metric",
		"error_field":         "value::error: the key",
		"path":                `path: "stat": write a path without query, such as /stat`,
		"endpoint":            "endpoint: missing: write",
		"unmapped":            `unmapped: "ignore" is unknown: write drop or keep`,
		"body":                "max_request_body_size: 2097152: write 1 to 1048576",
		"metadata":            "include_metadata: true: this receiver never passes on who sent a stat: remove",
		"retention":           "idempotency: retention: 0s: write",
		"max_keys":            "idempotency: max_keys: 0: write 1 to",
		"requests":            "rate_limit::total: requests: 0: write at least 1",
		"per":                 "rate_limit::installation: per: 0s: write",
		"unknown":             "secret",
	} {
		t.Run(id, func(t *testing.T) {
			_, err := load(t, "collect/"+id)
			assert.ErrorContains(t, err, want)
		})
	}
}
