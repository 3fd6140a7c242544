// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/layers"
)

func write(t *testing.T, text string) string {
	t.Helper()
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("site.yaml", []byte(text), 0o600))
	return "file:site.yaml"
}

func TestWarnings(t *testing.T) {
	const rules = "processors:\n  anonymizer:\n    metrics:\n      "
	for name, c := range map[string]struct {
		text, warning string
		first         bool
	}{
		"null for what is not there": {
			text:    rules + "explorer.query_log.cuont: null\n",
			warning: "site.yaml:4: processors::anonymizer::metrics::explorer.query_log.cuont: null takes nothing away, because no file before this one has such an entry (there is explorer.query_log.count)",
		},
		"null for what no installation processor has": {
			text:    "processors:\n  installation:\n    gather: null\n",
			warning: "site.yaml:3: processors::installation::gather: null takes nothing away",
		},
		"null for what is there": {text: rules + "explorer.query_log.count: null\n"},
		"a value that is there already": {
			text:    rules + "explorer.query_log.count: {round: {to: 100}}\n",
			warning: "site.yaml:4: processors::anonymizer::metrics::explorer.query_log.count::round::to: changes nothing: app:sql-explorer says the same in line",
		},
		"another value": {text: rules + "explorer.query_log.count: {round: {to: 1000}}\n"},
		"before the profile": {
			text: rules + "explorer.query_log.count: {round: {to: 1000}}\n", first: true,
			warning: "site.yaml:4: processors::anonymizer::metrics::explorer.query_log.count::round::to: has no effect: app:sql-explorer comes later and says otherwise; name site.yaml after it",
		},
		"others' components": {text: "exporters:\n  debug:\n"},
	} {
		t.Run(name, func(t *testing.T) {
			uris := []string{"app:sql-explorer", write(t, c.text)}
			if c.first {
				uris[0], uris[1] = uris[1], uris[0]
			}
			all, err := layers.Read(uris)
			require.NoError(t, err)
			warnings := layers.Warnings(all)
			if c.warning == "" {
				assert.Empty(t, warnings)
				return
			}
			require.Len(t, warnings, 1)
			assert.Contains(t, warnings[0], c.warning)
		})
	}
}

// Overlays of ours over profiles of ours say nothing in vain.
func TestOverlaysOfOurs(t *testing.T) {
	for _, uris := range [][]string{
		{"app:sql-explorer", "app:strict", "app:preview"},
		{"app:sql-explorer", "app:demo"},
		{"app:sql-explorer", "app:5.1", "app:5.0", "app:4.2", "app:once"},
		{"app:sql-explorer-relay", "app:strict"},
	} {
		all, err := layers.Read(uris)
		require.NoError(t, err)
		assert.Empty(t, layers.Warnings(all), uris)
	}
}

func TestSlipOfYAMLNamesFileAndLine(t *testing.T) {
	_, err := layers.Read([]string{write(t, "processors:\n  anonymizer: {metrics: {\n")})
	require.ErrorContains(t, err, "site.yaml: line ")
	_, err = layers.Read([]string{"file:" + filepath.Join(t.TempDir(), "missing.yaml")})
	assert.ErrorIs(t, err, os.ErrNotExist)
}
