// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/anonymizer/internal/prove"
	"github.com/headcount-otel/headcount/anonymizer/mechanism"
	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/trust"
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

// A listed group that has no row leaves as one of which the row says 0: in all bytes, whatever
// the rows' order, their attributes' order, their times, and whether they are integers.
func TestNoByteTellsWhichListedGroupsHaveRows(t *testing.T) {
	for _, entry := range []string{
		"noise: {scale: 2}", "noise: {scale: 2}, suppress_below: 6, round: {to: 5}", "round: {to: 10, mode: sticky}",
		"noise: {scale: 2}, bucket: {emit: label}", "round: {to: 10}", "one_bit: {max: 100, flip: 0}", "noise: {scale: 2}, merge: max",
	} {
		cfg := configured(t, "{storage: s, metrics: {a: {"+entry+", groups: [plan, tier]}}, attributes: {plan: {allow: [free, pro], other: other}, tier: {allow: [a, b]}}}")
		leaves := func(md pmetric.Metrics) []byte {
			p, s := started(t, cfg, disk{}, at(noon.AsTime()), func(a *anonymizer) { a.memory.secret = mechanism.Secret{1} })
			require.NoError(t, p.ConsumeMetrics(t.Context(), md))
			return bytesOf(t, s.last)
		}
		t.Run(entry, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				rows := rapid.SliceOfN(rapid.IntRange(-1, 50), 6, 6).Draw(t, "rows")
				assert.Equal(t, leaves(allRows(rows)), leaves(someRows(t, rows)))
			})
		})
	}
}

// Whether one row came or none at all, a report of small numbers alone is sent: a number of theirs may be too small.
func TestNoRowsAtAllOfListedGroupsAreFoundAsWell(t *testing.T) {
	cfg := configured(t, "{storage: s, metrics: {a: {noise: {scale: 2}, suppress_below: 30, groups: [plan]}}, attributes: {plan: {allow: [free, pro]}}}")
	for _, md := range []pmetric.Metrics{grouped("a"), grouped("a", reading{"free", "ann", 0, 1}), grouped("a", reading{"free", "ann", 0, nil})} {
		p, s := started(t, cfg, disk{})
		require.NoError(t, p.ConsumeMetrics(t.Context(), md))
		mark, _ := trust.MarkOf(s.ctx)
		assert.True(t, mark.Hides(0)("a"))
	}
}

// allRows has a point for each group, in order.
func allRows(rows []int) pmetric.Metrics {
	md := gaugeOf("a")
	for i, n := range rows {
		p := addGauge(md.ResourceMetrics().At(0), "a", max(n, 0)).At(0)
		p.Attributes().PutStr("plan", []string{"free", "pro", "other"}[i/2])
		p.Attributes().PutStr("tier", []string{"a", "b"}[i%2])
	}
	return md
}

// someRows leaves out groups of fewer rows than none, or brings of them points without a number, and varies what
// an observer must not see.
func someRows(t *rapid.T, rows []int) pmetric.Metrics {
	md, all := gaugeOf("a"), allRows(rows).ResourceMetrics().At(0).ScopeMetrics()
	to := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints()
	for _, i := range rapid.Permutation([]int{0, 1, 2, 3, 4, 5}).Draw(t, "order") {
		if rapid.Bool().Draw(t, "without a number") {
			p := to.AppendEmpty()
			p.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
			all.At(i + 1).Metrics().At(0).Gauge().DataPoints().At(0).Attributes().CopyTo(p.Attributes())
		}
		if rows[i] < 0 {
			continue
		}
		from, p := all.At(i+1).Metrics().At(0).Gauge().DataPoints().At(0), to.AppendEmpty()
		p.SetTimestamp(noon - pcommon.Timestamp(rapid.IntRange(0, 3).Draw(t, "days"))*86400e9)
		for _, name := range rapid.Permutation([]string{"plan", "tier", "user"}).Draw(t, "attributes") {
			value, _ := from.Attributes().GetOrPutEmpty(name)
			value.CopyTo(p.Attributes().PutEmpty(name))
		}
		p.SetIntValue(from.IntValue())
		if rapid.Bool().Draw(t, "double") {
			p.SetDoubleValue(float64(from.IntValue()))
		}
	}
	return md
}

func TestAListedGroupIsNeverLeftOut(t *testing.T) {
	cfg := configured(t, `{metrics: {a: {round: {to: 10}, groups: [plan]}}, attributes: {plan: {allow: [free, pro], other: other}}}`)
	got := anonymized(t, cfg, grouped("a", reading{"free", "ann", 0, math.NaN()}, reading{"pro", "ann", 0, 1e300}, reading{"x", "ann", 0, 14}, reading{"y", "ann", 0, 14}))
	assert.Equal(t, map[string]any{"free": nil, "pro": 1e300, "other": 30}, left(t, got), "what is no number is no 0; colliding gauges add up")
	cfg = configured(t, `{storage: s, metrics: {a: {noise: {scale: 2}, groups: [plan]}}, attributes: {plan: {allow: [free, pro], other: other}}}`)
	got = anonymized(t, cfg, grouped("a", reading{"pro", "ann", 0, 1e300}))
	assert.Nil(t, left(t, got)["pro"], "a number that is too great has no value")
	assert.Len(t, left(t, got), 3)

	histogram := pmetric.NewMetrics()
	m := histogram.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("a")
	none := pmetric.NewMetrics()
	m.SetEmptyHistogram()
	histogram.CopyTo(none)
	p := m.Histogram().DataPoints().AppendEmpty()
	p.SetCount(70)
	p.Attributes().PutStr("plan", "free")
	for _, md := range []pmetric.Metrics{histogram, none} {
		assert.Zero(t, anonymized(t, cfg, md).ResourceMetrics().Len(), "no empty histogram can be made")
	}
}

// grouped makes one gauge of points by plan.
func grouped(name string, readings ...reading) pmetric.Metrics {
	md := gaugeOf(name)
	fill(md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints(), readings)
	return md
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

// Each bucket of a histogram has noise of its own, any of which lets the name of its group out: the δ that is said of one
// number is too small for them all.
func TestTheNameOfAHistogramsGroupHasDeltaForEachBucket(t *testing.T) {
	const runs, buckets = 500, 16
	cfg := configured(t, "{storage: s, metrics: {h: {noise: {scale: 2}, suppress_below: 6}}, attributes: {plan: {keep: true, open: true}}}")
	seen := 0
	for i := range runs {
		p, s := started(t, cfg, disk{}, func(a *anonymizer) { a.memory.secret = mechanism.Secret{byte(i), byte(i >> 8), 1} })
		md := gaugeOf("unnamed", 1)
		h := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().AppendEmpty()
		h.SetName("h")
		h.SetEmptyHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
		bob := h.Histogram().DataPoints().AppendEmpty()
		bob.Attributes().PutStr("plan", "bob")
		for bound := range buckets - 1 {
			bob.ExplicitBounds().Append(float64(bound))
		}
		bob.BucketCounts().FromRaw(make([]uint64, buckets))
		bob.BucketCounts().SetAt(3, 1)
		require.NoError(t, p.ConsumeMetrics(t.Context(), md))
		seen += onlyMetric(t, s.last).Histogram().DataPoints().Len()
	}
	g := cfg.Metrics["h"].Chain().Guarantee(rule.WithRows)
	assert.Greater(t, float64(seen)/runs, g.Bounds[0].Delta)
	assert.LessOrEqual(t, float64(seen)/runs, buckets*g.Bounds[0].Delta)
	assert.Contains(t, g.String(), "this δ for each of its buckets")
	assert.NotContains(t, cfg.Metrics["h"].Chain().Guarantee(rule.Always).String(), "δ")
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
