// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package strict_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/strict"
)

type config struct {
	confighttp.ClientConfig `mapstructure:",squash"`
	Path                    string `mapstructure:"path"`
}

func (c *config) Unmarshal(conf *confmap.Conf) error { return strict.Unmarshal(conf, c) }

func TestUnknownKeyIsRefused(t *testing.T) {
	err := confmap.NewFromStringMap(map[string]any{"pth": "/stat"}).Unmarshal(&config{})
	require.ErrorContains(t, err, `unknown key "pth"`)
	assert.ErrorContains(t, err, "endpoint")
	assert.ErrorContains(t, err, "path")
}

func TestUnknownKeyBelowIsRefused(t *testing.T) {
	err := confmap.NewFromStringMap(map[string]any{"tls": map[string]any{"insecur": true}}).Unmarshal(&config{})
	assert.ErrorContains(t, err, "insecur")
}

func TestKnownKeysAreDecoded(t *testing.T) {
	c := config{ClientConfig: confighttp.NewDefaultClientConfig()}
	require.NoError(t, confmap.NewFromStringMap(map[string]any{
		"endpoint": "https://collect.example.com", "path": "/stat", "timeout": "3s", "tls": map[string]any{"insecure": true},
	}).Unmarshal(&c))
	assert.Equal(t, "https://collect.example.com", c.Endpoint)
	assert.Equal(t, "/stat", c.Path)
	assert.Equal(t, "3s", c.Timeout.String())
}
