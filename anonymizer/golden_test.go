// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/golden"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

var update = flag.Bool("update", false, "write what leaves to testdata/golden, to be read before it is committed")

// Each folder below testdata/golden is a rule: its config.yaml, and what leaves of
// each type of metric in testdata/golden/input.
func TestGolden(t *testing.T) {
	configs, err := filepath.Glob("testdata/golden/*/config.yaml")
	require.NoError(t, err)
	inputs, err := filepath.Glob("testdata/golden/input/*.yaml")
	require.NoError(t, err)
	require.Len(t, inputs, 8)
	for _, config := range configs {
		yaml, err := os.ReadFile(config)
		require.NoError(t, err)
		for _, input := range inputs {
			expected := filepath.Join(filepath.Dir(config), filepath.Base(input))
			t.Run(expected, func(t *testing.T) {
				md, err := golden.ReadMetrics(input)
				require.NoError(t, err)
				p, s := started(t, configured(t, string(yaml)), disk{},
					at(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)),
					func(a *anonymizer) {
						a.memory.secret = mechanism.Secret{1}
						a.memory.random = rand.NewChaCha8([32]byte{})
					})
				require.NoError(t, p.ConsumeMetrics(t.Context(), md))
				got := []byte("# Nothing leaves.\n")
				if s.last.ResourceMetrics().Len() > 0 {
					got, err = golden.MarshalMetricsYAML(s.last)
					require.NoError(t, err)
				}
				if *update {
					require.NoError(t, os.WriteFile(expected, got, 0o600))
				}
				want, err := os.ReadFile(expected)
				require.NoError(t, err)
				assert.Equal(t, string(want), string(got))
			})
		}
	}
}
