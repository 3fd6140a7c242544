// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"

	"github.com/headcount-otel/headcount/internal/layers"
)

// What a file takes from elsewhere is heard as what is written out.
func TestSignalsThatAFileTakesFromElsewhere(t *testing.T) {
	t.Setenv("HEADCOUNT_TEST_SECTION", "{mode: local, environment: {SITE: opt_in}}")
	settings := confmap.ResolverSettings{ProviderFactories: []confmap.ProviderFactory{envprovider.NewFactory()}}
	for name, text := range map[string]string{
		"a meaning with a default": "extensions: {headcount: {environment: {SITE: '${env:HEADCOUNT_TEST_NONE:-opt_in}'}}}",
		"a section":                "extensions: {headcount: '${env:HEADCOUNT_TEST_SECTION}'}",
		"beside what is not there": "extensions: {headcount: {environment: {SITE: opt_in}}, other: '${nowhere:x}'}",
	} {
		t.Run(name, func(t *testing.T) {
			all, merged := merge(t, "yaml:{"+text+", service: {extensions: [headcount]}}", "yaml:{extensions: {headcount: {environment: {SITE: null}}}}")
			layers.Expand(t.Context(), all, settings)
			assert.Equal(t, map[string]map[string][]string{"headcount": {"SITE": {"opt_in"}}}, layers.Silenced(all, merged))
		})
	}
}
