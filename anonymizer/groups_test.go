// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/internal/prove"
)

const listedRules = `{storage: s, metrics: {a: {noise: {sensitivity: 1, epsilon: 0.5}, groups: [plan]}}, attributes: {plan: {allow: [free, pro], other: other}}}`

func TestListedGroupsAllLeaveAndNoOthers(t *testing.T) {
	cfg := configured(t, `{metrics: {a: {round: {to: 10}, groups: [plan]}}, attributes: {plan: {allow: [free, pro], other: other}}}`)
	const cumulative = pmetric.AggregationTemporalityCumulative
	got := anonymized(t, cfg, sumOf(cumulative, reading{"pro", "ann", 0, 8}, reading{"gold", "bob", 0, 7}, reading{"lead", "eve", 1, 7}))
	assert.Equal(t, map[string]any{"free": 0, "pro": 10, "other": 10}, left(t, got))
	for _, p := range onlyMetric(t, got).Sum().DataPoints().All() {
		assert.Equal(t, onlyMetric(t, got).Sum().DataPoints().At(0).Timestamp(), p.Timestamp())
	}

	unlisted := gaugeOf("a", 70)
	got = anonymized(t, cfg, unlisted)
	assert.Equal(t, map[string]any{"free": 0, "pro": 0, "other": 0}, left(t, got), "a point of no group does not leave")

	got = anonymized(t, cfg, gaugeOf("a"))
	assert.Equal(t, map[string]any{"free": 0, "pro": 0, "other": 0}, left(t, got), "no rows at all")
}

func TestGroupsNeedLists(t *testing.T) {
	for _, bad := range []string{
		`{metrics: {a: {round: {to: 10}, groups: [plan]}}}`,
		`{metrics: {a: {round: {to: 10}, groups: [plan]}}, attributes: {plan: {redact: true}}}`,
	} {
		conf, err := confmap.NewRetrievedFromYAML([]byte(bad))
		require.NoError(t, err)
		m, err := conf.AsConf()
		require.NoError(t, err)
		cfg := createDefaultConfig().(*Config)
		require.NoError(t, m.Unmarshal(cfg))
		require.ErrorContains(t, confmap.Validate(cfg), "metrics::a::groups: plan has no list: write allow: [...] in attributes::plan")
	}
}

// With a list, whether a group has a row changes no more than the number does: with
// nothing of it reported and with one row, each output comes about as often as ε allows.
func TestClaim9PresenceOfAListedGroup(t *testing.T) {
	runs := prove.Times(2_000, 100_000)
	secrets := prove.Seeded(t, "presence")
	count := func(present bool) map[any]int {
		seen := map[any]int{}
		for range runs {
			p, s := started(t, configured(t, listedRules), disk{}, func(a *anonymizer) { _, _ = secrets.Read(a.memory.secret[:]) })
			md := sumOf(pmetric.AggregationTemporalityCumulative, reading{"free", "ann", 0, 40})
			if present {
				md = sumOf(pmetric.AggregationTemporalityCumulative, reading{"free", "ann", 0, 40}, reading{"pro", "bob", 0, 1})
			}
			require.NoError(t, p.ConsumeMetrics(t.Context(), md))
			groups := left(t, s.last)
			require.Len(t, groups, 3)
			seen[groups["pro"]]++
			require.NoError(t, p.Shutdown(t.Context()))
		}
		return seen
	}
	absent, present := count(false), count(true)
	worst := 0.
	for out := range present {
		low, _ := prove.Wilson(present[out], runs)
		_, high := prove.Wilson(absent[out], runs)
		worst = max(worst, low/high)
	}
	assert.LessOrEqual(t, worst, 1.6488, "e^0.5")
	prove.Claim(t, 9, "presence of a listed group of one", "odds at least %.3f, e^ε = 1.649, %d runs", worst, runs)
}
