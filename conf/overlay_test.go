// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"

	"github.com/headcount-otel/headcount/conf"
)

func TestOverlayKeepsWhatWasBroughtAsAWhole(t *testing.T) {
	t.Setenv("HEADCOUNT_TEST_PART", "{mode: off, environment: {SITE: opt_in}}")
	t.Setenv("HEADCOUNT_TEST_WHOLE", "{headcount: {mode: off, environment: {SITE: opt_in}}, other: 1}")
	t.Setenv("HEADCOUNT_TEST_NUMBER", "007")
	for name, text := range map[string]string{
		"written out":         "extensions: {headcount: {mode: off, environment: {SITE: opt_in}}, other: 1}",
		"a section":           "extensions: {headcount: '${env:HEADCOUNT_TEST_PART}', other: 1}",
		"the section over it": "extensions: '${env:HEADCOUNT_TEST_WHOLE}'",
	} {
		t.Run(name, func(t *testing.T) {
			resolver, err := confmap.NewResolver(confmap.ResolverSettings{
				URIs:              []string{"yaml:" + text, "yaml:{beside: '${env:HEADCOUNT_TEST_NUMBER}'}"},
				ProviderFactories: []confmap.ProviderFactory{yamlprovider.NewFactory(), envprovider.NewFactory()},
			})
			require.NoError(t, err)
			resolved, err := resolver.Resolve(t.Context())
			require.NoError(t, err)
			require.NoError(t, conf.Overlay(resolved, map[string]any{
				"extensions": map[string]any{"headcount": map[string]any{"directory": "/state", "environment": map[string]any{"MORE": "mode"}}},
			}))
			assert.Equal(t, map[string]any{
				"headcount": map[string]any{"mode": "off", "directory": "/state", "environment": map[string]any{"SITE": "opt_in", "MORE": "mode"}},
				"other":     1,
			}, resolved.Get("extensions"))
			var beside struct {
				Beside string         `mapstructure:"beside"`
				Rest   map[string]any `mapstructure:",remain"`
			}
			require.NoError(t, resolved.Unmarshal(&beside))
			assert.Equal(t, "007", beside.Beside, "what is not on the way stays as it was written")
		})
	}
}
