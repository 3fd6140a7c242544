// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

func TestWhatTheOtherProgramHas(t *testing.T) {
	t.Parallel()
	site := func() *confmap.Conf {
		return confmap.NewFromStringMap(map[string]any{
			"receivers": map[string]any{"collect": nil, "appusage": nil},
			"exporters": map[string]any{"prometheus/one": nil, "prometheus/two": nil, "nop": nil, "elsewhere": nil},
			"service": map[string]any{"pipelines": map[string]any{
				"metrics": map[string]any{"receivers": []any{"collect", "appusage"}, "exporters": []any{"prometheus/one", "elsewhere"}},
			}},
		})
	}
	for name, expected := range map[otherProgram]string{
		"headcount": `exporters::prometheus/one: this is headcount, the operator's program, which has no such exporter; ` +
			`headcount-makers, the makers' program, has it: "make makers" builds _build/headcount-makers from builder-config-makers.yaml`,
		"headcount-makers": `receivers::appusage: this is headcount-makers, the makers' program, which has no such receiver; ` +
			`headcount, the operator's program, has it: "make build" builds _build/headcount from builder-config.yaml`,
	} {
		assert.EqualError(t, name.Convert(t.Context(), site()), expected)
	}
	assert.NoError(t, otherProgram("otelcol").Convert(t.Context(), site()), "somebody's own has whatever it has")
}

// What no pipeline uses is no reason for another program.
func TestWhatNoPipelineUses(t *testing.T) {
	t.Parallel()
	conf := confmap.NewFromStringMap(map[string]any{
		"exporters": map[string]any{"prometheus": nil, "nop": nil},
		"service":   map[string]any{"pipelines": map[string]any{"metrics": map[string]any{"exporters": []any{"nop"}}}},
	})
	require.NoError(t, otherProgram("headcount").Convert(t.Context(), conf))
	assert.Equal(t, map[string]any{"nop": nil}, conf.Get("exporters"))
}
