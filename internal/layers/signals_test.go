// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"

	"github.com/headcount-otel/headcount/internal/layers"
)

const maker = `yaml:{extensions: {headcount: {mode: local, environment: {SITE: opt_in, DO_NOT_TRACK: opt_out}}}, exporters: {collect: {consent: headcount}}, service: {extensions: [headcount]}}`

// merge reads layers as the program does, and merges them as the Collector does.
func merge(t *testing.T, uris ...string) ([]layers.Layer, *confmap.Conf) {
	t.Helper()
	all, err := layers.Read(uris)
	require.NoError(t, err)
	merged := confmap.New()
	for _, uri := range uris {
		var raw map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(uri[len("yaml:"):]), &raw))
		require.NoError(t, merged.Merge(confmap.NewFromStringMap(raw)))
	}
	return all, merged
}

func TestSilenced(t *testing.T) {
	const renamed = "{extensions: {headcount: null, headcount/ours: {mode: local}}, service: {extensions: [headcount/ours]}}"
	type heard = map[string]map[string][]string
	for name, tt := range map[string]struct {
		over string
		want heard
	}{
		"nothing":                    {"{}", heard{}},
		"one more":                   {"{extensions: {headcount: {environment: {OTHER: opt_out}}}}", heard{}},
		"null":                       {"{extensions: {headcount: {environment: {SITE: null}}}}", heard{"headcount": {"SITE": {"opt_in"}}}},
		"all of them null":           {"{extensions::headcount::environment: null}", heard{"headcount": {"SITE": {"opt_in"}}}},
		"the extension null":         {"{extensions: {headcount: null}}", heard{"headcount": {"SITE": {"opt_in"}}}},
		"read otherwise":             {"{extensions: {headcount: {environment: {SITE: opt_out}}}}", heard{"headcount": {"SITE": {"opt_in"}}}},
		"renamed":                    {renamed, heard{"headcount/ours": {"SITE": {"opt_in"}}}},
		"an anchor":                  {"{x: &x {environment: {SITE: null}}, extensions: {headcount: {<<: *x}}}", heard{"headcount": {"SITE": {"opt_in"}}}},
		"another in its place":       {"{extensions: {headcount/a: {}, headcount/b: {environment: {SITE: opt_in}}}, service: {extensions: [headcount/a, headcount/b]}}", heard{"headcount/a": {"SITE": {"opt_in"}}}},
		"another beside it":          {"{extensions: {headcount/b: {}}, service: {extensions: [headcount, headcount/b]}}", heard{}},
		"none is left to hear it":    {"{service: {extensions: []}}", heard{}},
		"asked in its place":         {"{extensions: {headcount/b: {}}, exporters: {collect: {consent: headcount/b}}, service: {extensions: [headcount, headcount/b]}}", heard{"headcount/b": {"SITE": {"opt_in"}}}},
		"a variable heard by itself": {"{extensions: {headcount: {environment: {DO_NOT_TRACK: null}}}}", heard{}},
	} {
		t.Run(name, func(t *testing.T) {
			all, merged := merge(t, maker, "yaml:"+tt.over)
			assert.Equal(t, tt.want, layers.Silenced(all, merged))
			assert.Len(t, layers.TakenAway(all, merged), len(tt.want))
		})
	}
}

func TestAModeThatALaterFileOpens(t *testing.T) {
	all, merged := merge(t, maker, "yaml:{extensions: {headcount: {mode: On}}}")
	assert.Equal(t, []string{"extensions::headcount::mode: --config yaml says local, and a later file says on, which holds: remove it there, or start with HEADCOUNT_MODE=local"}, layers.TakenAway(all, merged))

	all, merged = merge(t, maker, "yaml:{extensions: {headcount: {mode: off}}}")
	assert.Empty(t, layers.TakenAway(all, merged), "a more careful one")
}

// What the environment holds may be a layer, too.
func TestALayerOfTheEnvironment(t *testing.T) {
	t.Setenv("HEADCOUNT_TEST_LAYER", maker[len("yaml:"):])
	for _, uri := range []string{"env:HEADCOUNT_TEST_LAYER", "env:HEADCOUNT_TEST_NONE:-" + maker[len("yaml:"):]} {
		all, err := layers.Read([]string{uri})
		require.NoError(t, err)
		assert.Len(t, layers.Signals(all), 1)
	}
}
