// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// Each mutant is the anonymizer with one fault. The checks that it has to pass
// are those of the claims; a check that passes it would prove nothing.
// More mutants, of the mechanisms alone, stand in mechanism's tests.

const mutantCases = 2_000

func TestMutantsOfTheBuildingAreCaught(t *testing.T) {
	strip := gaugePoints.strip
	for name, fault := range map[string]func(a *anonymizer){
		"exemplar kept": func(*anonymizer) {
			gaugePoints.strip = func(w *work, all pmetric.NumberDataPointSlice) {
				before := pmetric.NewNumberDataPointSlice()
				all.CopyTo(before)
				strip(w, all)
				for i, p := range before.All() {
					p.Exemplars().CopyTo(all.At(i).Exemplars())
				}
			}
		},
		"attribute kept on merge": func(a *anonymizer) {
			a.attributes.exact["user"] = compileText(TextRule{Keep: true})
		},
		"pattern matching too much": func(a *anonymizer) {
			a.resource.patterns[0].literals = []string{"", ""}
		},
		"date one finer": func(a *anonymizer) {
			a.resource.exact["app.installed_at"] = compileText(TextRule{Date: &Date{To: Month}})
		},
		"rounded before merged": func(a *anonymizer) {
			rule := a.metrics.exact["gauge"]
			gaugePoints.strip = func(w *work, all pmetric.NumberDataPointSlice) {
				for _, p := range all.All() {
					v, _ := rule.apply(numberOf(p), nil)
					setNumber(p, v)
				}
				strip(w, all)
			}
		},
		"grid too fine":    func(a *anonymizer) { a.metrics.exact["sum"].steps = []step{(&Round{To: 50}).step()} },
		"off-by-one edge":  func(a *anonymizer) { a.metrics.exact["bucket"].steps = []step{bucket{Buckets: shiftedBuckets()}} },
		"timestamps exact": func(a *anonymizer) { a.cfg.Timestamps.Truncate = 0 },
		"clamp left out":   func(a *anonymizer) { a.metrics.exact["clamp"].steps = nil },
		"suppression left out": func(a *anonymizer) {
			a.metrics.exact["delta"].steps = nil
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

func shiftedBuckets() mechanism.Buckets { return mechanism.Buckets{Bounds: []int64{0, 49, 999}} }

func TestMutantsOfTheOrderAreCaught(t *testing.T) {
	random := seeded(t, "mutants of the order")
	ordered := audited(t, auditedRule).steps // clamp, noise, suppress, round, floor
	for name, order := range map[string][]int{
		"noise after rounding":     {0, 2, 3, 1, 4},
		"suppression before noise": {0, 2, 1, 3, 4},
	} {
		mutant := &number{}
		for _, i := range order {
			mutant.steps = append(mutant.steps, ordered[i])
		}
		var errs []error
		for _, h := range append(neighbours, histories{[]int64{7, 7, 7}, []int64{8, 8, 8}}) {
			if _, err := audit(random, mutant, h, 20_000, .5); err != nil {
				errs = append(errs, err)
			}
		}
		assert.NotEmpty(t, errs, name)
	}

	fresh := audited(t, "{noise: {sensitivity: 1, epsilon: 0.5, fresh: true}, suppress_below: 6, round: {to: 5}}")
	_, err := audit(random, fresh, histories{[]int64{10, 10, 10}, []int64{11, 11, 11}}, 40_000, .5)
	assert.Error(t, err, "noise drawn anew for each report")
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

// checkPlaces: no two places share a draw.
func checkPlaces(draw func(*place) int64) error {
	pair := func(pairs ...string) pcommon.Map {
		m := pcommon.NewMap()
		for i := 0; i < len(pairs); i += 2 {
			m.PutStr(pairs[i], pairs[i+1])
		}
		return m
	}
	number := pcommon.NewMap()
	number.PutInt("a", 1)
	seen := map[int64]int{}
	for i, at := range []place{
		{instance: "a", name: "b", attributes: pair()},
		{instance: "ab", attributes: pair()},
		{name: "ab", attributes: pair()},
		{instance: "a,b", attributes: pair()},
		{name: "m", attributes: pair("a", "1")},
		{name: "m", attributes: number},
		{name: "m", attributes: pair("a1", "")},
		{name: "m", attributes: pair("a", "1,b=2")},
		{name: "m", attributes: pair("a", "1", "b", "2")},
		{name: "m", attributes: pair("a", "1"), part: "1"},
	} {
		at.memory = &memory{}
		drawn := draw(&at)
		if before, met := seen[drawn]; met {
			return fmt.Errorf("places %d and %d share a draw", before, i)
		}
		seen[drawn] = i
	}
	return nil
}

func TestEachPlaceHasItsOwnDraw(t *testing.T) {
	require.NoError(t, checkPlaces(func(at *place) int64 {
		return mechanism.StickyOffset(at.draw("rule"), 1<<60)
	}))
	assert.Error(t, checkPlaces(func(at *place) int64 {
		joined := at.instance + "," + at.name
		for name, v := range at.attributes.All() {
			joined += "," + name + "=" + v.AsString()
		}
		return mechanism.StickyOffset(at.memory.secret.Draw(joined), 1<<60)
	}), "parts joined by a separator")
	assert.Error(t, checkPlaces(func(at *place) int64 {
		return mechanism.StickyOffset(at.memory.secret.Draw(at.instance, at.name), 1<<60)
	}), "attributes left out")
}
