// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// Each mutant is the anonymizer with one fault. The checks that it has to pass
// are those of the claims; a check that passes it would prove nothing.
// More mutants, of the mechanisms alone, stand in mechanism's tests.

const mutantCases = 2_000

func TestMutantsOfTheBuildingAreCaught(t *testing.T) {
	strip := gaugePoints.strip
	for name, fault := range map[string]func(a *anonymizer){
		"exemplar kept": func(*anonymizer) {
			gaugePoints.strip = func(w *batch, all pmetric.NumberDataPointSlice) {
				before := pmetric.NewNumberDataPointSlice()
				all.CopyTo(before)
				strip(w, all)
				for i, p := range before.All() {
					p.Exemplars().CopyTo(all.At(i).Exemplars())
				}
			}
		},
		"attribute kept on merge": func(a *anonymizer) {
			a.attributes.exact["user"] = rule.Text{Keep: true}.Step()
		},
		"pattern matching too much": func(a *anonymizer) {
			a.resource.patterns[0].literals = []string{"", ""}
		},
		"date one finer": func(a *anonymizer) {
			a.resource.exact["app.installed_at"] = rule.Text{Date: &rule.Date{To: rule.Month}}.Step()
		},
		"rounded before merged": func(a *anonymizer) {
			chain := a.metrics.exact["gauge"]
			gaugePoints.strip = func(w *batch, all pmetric.NumberDataPointSlice) {
				for _, p := range all.All() {
					v, _ := chain.Apply(numberOf(p), nil)
					setNumber(p, v)
				}
				strip(w, all)
			}
		},
		"grid too fine": func(a *anonymizer) { a.metrics.exact["sum"] = rule.Number{Round: &rule.Round{To: 50}}.Chain() },
		"off-by-one edge": func(a *anonymizer) {
			a.metrics.exact["bucket"] = rule.Number{Bucket: &rule.Bucket{Bounds: []int64{0, 49, 999}, Hysteresis: new(float64)}, Merge: rule.MergeSum}.Chain()
		},
		"timestamps exact": func(a *anonymizer) { a.cfg.Timestamps.Truncate = 0 },
		"clamp left out":   func(a *anonymizer) { a.metrics.exact["clamp"] = rule.Number{Keep: true, Merge: rule.MergeSum}.Chain() },
		"suppression left out": func(a *anonymizer) {
			a.metrics.exact["delta"] = rule.Number{Keep: true}.Chain()
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() { gaugePoints.strip = strip }()
			a, _, _ := made(t, configured(t, generatedRules))
			fault(a)
			assert.Error(t, checkNonInterference(t, a, mutantCases))
		})
	}
}

// checkIdentity: two installations that differ only in their secret report differently.
func checkIdentity(t *testing.T, changes ...change) error {
	var seen [2][]string
	for i := range seen {
		p, s := started(t, configured(t, stickyRules), disk{}, changes...)
		for range 2 {
			if err := p.ConsumeMetrics(t.Context(), stickyBatch("id 1")); err != nil {
				return err
			}
		}
		seen[i] = answers(s.last)
	}
	if slices.Equal(seen[0], seen[1]) {
		return fmt.Errorf("a new secret gives the same answers: %v", seen[0])
	}
	return nil
}

func TestMutantSecretIgnoredIsCaught(t *testing.T) {
	require.NoError(t, checkIdentity(t))
	assert.Error(t, checkIdentity(t, func(a *anonymizer) {
		a.memory.secret = mechanism.Secret{1} // what begin takes for the installation's own
	}))
}
