// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/conf"
)

type settings struct {
	confighttp.ClientConfig `mapstructure:",squash"`
	Path                    string `mapstructure:"path"`
}

func (c *settings) Unmarshal(section *confmap.Conf) error { return conf.Unmarshal(section, c) }

func TestUnknownKeyIsRefused(t *testing.T) {
	err := confmap.NewFromStringMap(map[string]any{"pth": "/stat"}).Unmarshal(&settings{})
	require.ErrorContains(t, err, `unknown key "pth"`)
	assert.ErrorContains(t, err, "endpoint")
	assert.ErrorContains(t, err, "path")
}

func TestUnknownKeyBelowIsRefused(t *testing.T) {
	err := confmap.NewFromStringMap(map[string]any{"tls": map[string]any{"insecur": true}}).Unmarshal(&settings{})
	assert.ErrorContains(t, err, "insecur")
}

func TestKnownKeysAreDecoded(t *testing.T) {
	c := settings{ClientConfig: confighttp.NewDefaultClientConfig()}
	require.NoError(t, confmap.NewFromStringMap(map[string]any{
		"endpoint": "https://collect.example.com", "path": "/stat", "timeout": "3s", "tls": map[string]any{"insecure": true},
	}).Unmarshal(&c))
	assert.Equal(t, "https://collect.example.com", c.Endpoint)
	assert.Equal(t, "/stat", c.Path)
	assert.Equal(t, "3s", c.Timeout.String())
}
