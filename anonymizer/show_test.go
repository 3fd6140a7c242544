// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/trust"
)

type ledger struct {
	trust.Observer
	fields []trust.Field
}

func (l *ledger) Anonymized(fields []trust.Field) {
	l.fields = append(l.fields, slices.Clone(fields)...)
}

func TestLedgerSeesEachValueBeforeAndAfter(t *testing.T) {
	l := &ledger{}
	cfg := configured(t, `{metrics: {a: {round: {to: 100}}, b: {keep: true}, c: {suppress_below: 6, keep: true}, d: {keep: true}}, attributes: {plan: {keep: true, open: true}}, resource: {version: {version: minor}, patch: {version: patch}, pre: {version: patch}, name: {keep: true, open: true}}}`)
	p, _ := started(t, cfg, disk{}, func(a *anonymizer) { a.ledger = l })
	md := gaugeOf("a", 149)
	rm := md.ResourceMetrics().At(0)
	rm.Resource().Attributes().PutStr("name", "shop")
	rm.Resource().Attributes().PutStr("version", "5.3.1")
	rm.Resource().Attributes().PutStr("patch", "5.3.1")
	rm.Resource().Attributes().PutStr("pre", "5.3.1-rc2")
	rm.Resource().Attributes().PutStr("host", "secret")
	addGauge(rm, "b", 45.5)
	addGauge(rm, "c", 5)
	addGauge(rm, "e", 7)
	point := addGauge(rm, "d", 3).At(0)
	point.Attributes().PutStr("plan", "pro")
	point.Attributes().PutStr("user", "ann")
	require.NoError(t, p.ConsumeMetrics(t.Context(), md))
	const whole = "A version of up to three numbers leaves exact."
	assert.ElementsMatch(t, []trust.Field{
		{Name: "name", Read: "shop", Rule: "kept exact", Leaves: "shop", Passes: true, Exact: true, Named: "name", MayPass: true, MayBeExact: true},
		{Name: "version", Read: "5.3.1", Rule: "cut to the minor version", Leaves: "5.3", Passes: true, Named: "version", MayPass: true},
		{Name: "patch", Read: "5.3.1", Rule: "cut to the patch version", Claim: whole, Leaves: "5.3.1", Passes: true, Exact: true, Named: "patch", MayPass: true, MayBeExact: true},
		{Name: "pre", Read: "5.3.1-rc2", Rule: "cut to the patch version", Claim: whole, Leaves: "5.3.1", Passes: true, Named: "pre", MayPass: true, MayBeExact: true},
		{Name: "host", Read: "secret", Rule: "no rule: does not pass"},
		{Name: "a", Read: "149", Rule: "rounded to 100, half to even", Claim: "Hides the number within its cell; in a week in which it crosses an edge, it tells where it stood. No formal claim.", Leaves: "100", Passes: true, Named: "a", MayPass: true},
		{Name: "b", Read: "45.5", Rule: "kept exact", Leaves: "45.5", Passes: true, Exact: true, Named: "b", MayPass: true, MayBeExact: true},
		{Name: "c", Read: "5", Rule: "no value below 6, then kept exact", Claim: "Leaves exact.", Passes: true, Exact: false, Named: "c", MayPass: true, MayBeExact: true},
		{Name: "e", Read: "7", Rule: "no rule: does not pass"},
		{Name: "d{user}", Read: "ann", Rule: "no rule: does not pass"},
		{Name: "d{plan=pro}", Read: "3", Rule: "kept exact", Leaves: "3", Passes: true, Exact: true, Named: "d", MayPass: true, MayBeExact: true},
	}, l.fields)
}

func TestThePageSaysWhatANumbersPresenceTells(t *testing.T) {
	l := &ledger{}
	cfg := configured(t, `{storage: s, metrics: {a: {noise: {scale: 2}}, "b.*": {noise: {scale: 2}}}, attributes: {plan: {pseudonym: {every: week}}}}`)
	p, _ := started(t, cfg, disk{}, func(a *anonymizer) { a.ledger = l })
	md := gaugeOf("a", 3)
	rm := md.ResourceMetrics().At(0)
	addGauge(rm, "b.x", 3)
	group := pmetric.NewMetrics()
	addGauge(group.ResourceMetrics().AppendEmpty(), "a", 3).At(0).Attributes().PutStr("plan", "pro")
	ranges := pmetric.NewMetrics()
	unnamed := pmetric.NewMetrics()
	addGauge(unnamed.ResourceMetrics().AppendEmpty(), "a", 3).At(0).Attributes().PutStr("other", "x")
	m := ranges.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("a")
	m.SetEmptyExponentialHistogram().DataPoints().AppendEmpty().SetZeroCount(3)
	var claims []string
	for _, md := range []pmetric.Metrics{md, group, ranges, unnamed} {
		l.fields = nil
		require.NoError(t, p.ConsumeMetrics(t.Context(), md))
		for _, f := range l.fields {
			if strings.HasPrefix(f.Rule, "noise") {
				claims = append(claims, f.Claim)
			}
		}
	}
	require.Len(t, claims, 5)
	assert.Contains(t, claims[0], "ε = 0.5, in all reports together, for ever")
	for i, why := range []string{"the data says which there are", "The name of a group", "the data says which there are", "The name of a group"} {
		assert.NotContains(t, claims[i+1], "ε")
		assert.Contains(t, claims[i+1], why)
	}
	metrics := strings.Join(cfg.Review().Metrics, "\n")
	assert.Contains(t, metrics, "a: noise of scale 2/1, the same for ever, then not below 0. ε = 0.5, in all reports together")
	assert.Contains(t, metrics, "Of groups, also where they leave as one: Growth", "nothing leaves as the total of no row")
	assert.Contains(t, metrics, "b.*: noise of scale 2/1, the same for ever, then not below 0. Growth")
}

func TestLedgerIsBounded(t *testing.T) {
	l := &ledger{}
	p, _ := started(t, configured(t, `{metrics: {a: {keep: true, merge: sum}}, attributes: {"x*": {redact: true}}}`), disk{}, func(a *anonymizer) { a.ledger = l })
	md := gaugeOf("a", slices.Repeat([]any{1}, 1000)...)
	for i, point := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().All() {
		point.Attributes().PutStr(strings.Repeat("y", 1000), strings.Repeat("é", 1000))
		point.Attributes().PutInt("x"+string(rune('a'+i)), 1)
	}
	require.NoError(t, p.ConsumeMetrics(t.Context(), md))
	assert.Len(t, l.fields, maxFields)
	for _, f := range l.fields {
		assert.LessOrEqual(t, len(f.Read), maxFieldText+len("…"))
	}
}

func TestReviewWarns(t *testing.T) {
	for _, c := range []struct{ config, warning string }{
		{`{resource: {host.name: {keep: true}}}`, "resource::host.name: keep on what looks like an identifier"},
		{`{resource: {service.instance.id: {keep: true}}}`, "pseudonymous, not anonymous"},
		{`{attributes: {customer_id: {keep: true, open: true}}}`, "attributes::customer_id: keep on what looks like an identifier"},
		{`{metrics: {users: {bucket: {hysteresis: 0}}}}`, "metrics::users: bucket without hysteresis on a small count"},
		{`{storage: s, metrics: {plan.users: {suppress_below: 6, keep: true, unit: "{user}"}, total: {keep: true, unit: "{user}"}}, attributes: {plan: {keep: true, open: true}}}`, "metrics::total: if this is the total of plan.users"},
		{`{storage: s, metrics: {a: {noise: {sensitivity: 1, epsilon: 0.5}}, b: {noise: {scale: 4}}}}`, "ε = 0.75 over 2 noised numbers"},
		{`{storage: s, metrics: {a: {noise: {scale: 3}}, b: {one_bit: {max: 10}}}}`, "ε = 1.44 over 2 noised numbers and random answers"},
		{`{storage: s, metrics: {a: {round: {to: 10, mode: sticky}}, b: {clamp: {max: 50}, round: {to: 20, mode: sticky}}}}`, "who counts in all of them by one row is seen with a probability of at most 0.2"},
		{`{storage: s, metrics: {a: {clamp: {max: 100}, noise: {scale: 2}}}}`, "metrics::a: clamp before noise"},
		{`{storage: s, metrics: {a: {clamp: {min: 1}, noise: {scale: 2}}}}`, "metrics::a: clamp before noise"},
		{`{metrics: {a: {noise: {scale: 2, fresh: true}}}}`, "costs ε = 0.5 for each report: 26 for 52"},
		{`{metrics: {a: {noise: {scale: 2, fresh: true}}}}`, "who counts in all of them by one row, for each report anew"},
		{`{storage: s, metrics: {a: {noise: {scale: 2}, merge: max}}}`, "who counts in all of them by one row, for each report anew"},
		{`{metrics: {a: {suppress_below: 1, round: {to: 100}}}}`, "metrics::a: suppress_below: 1: of counts it takes 0 alone away"},
		{`{storage: s, metrics: {a: {one_bit: {max: 10}}}}`, "10,000 installations"},
		{`{storage: s, resource: {a: {pseudonym: {every: never}}}}`, "never changes"},
		{`{storage: s, metrics: {a: {clamp: {max: 25}, round: {to: 10, mode: sticky}}}}`, "metrics::a: clamp before sticky rounding"},
		{`{timestamps: {truncate: 1s}}`, "exact times link reports"},
	} {
		assert.Contains(t, strings.Join(configured(t, c.config).Review().Warnings, "\n"), c.warning, c.config)
	}
	assert.Empty(t, configured(t, "{metrics: {a: {round: {to: 100}}}, resource: {service.name: {keep: true}}}").Review().Warnings)

	for _, quiet := range []string{
		`{storage: s, metrics: {shop.users: {suppress_below: 6, keep: true}, shop.orders: {keep: true}}, attributes: {plan: {redact: true}}}`,
		`{storage: s, metrics: {shop.users: {suppress_below: 6, keep: true, unit: "{user}"}, shop.orders: {keep: true, unit: "{order}"}}, attributes: {plan: {redact: true}}}`,
		`{storage: s, metrics: {shop.users: {suppress_below: 6, keep: true, unit: "{user}"}, total: {round: {to: 100}, unit: "{user}"}}, attributes: {plan: {redact: true}}}`,
	} {
		assert.Empty(t, configured(t, quiet).Review().Warnings, "one first word says nothing: %s", quiet)
	}
	unreached := configured(t, "{storage: s, metrics: {a: {clamp: {min: 0}, noise: {scale: 2}}, b: {clamp: {max: 100}, round: {to: 5}}}}")
	assert.NotContains(t, strings.Join(unreached.Review().Warnings, "\n"), "clamp")
	assert.NotContains(t, unreached.Metrics["a"].Chain().Guarantee(rule.Always).String(), "never change")
	cut := configured(t, "{storage: s, metrics: {a: {clamp: {max: 100}, noise: {scale: 2}}}}")
	assert.Contains(t, cut.Metrics["a"].Chain().Guarantee(rule.Always).String(), "between two numbers at most 1 apart that never change")
}

// That the names of groups tell what noise hides is said when groups come, and of none that have none.
func TestNamesOfNoisedGroupsAreWarnedOf(t *testing.T) {
	for rules, warning := range map[string]string{
		`{noise: {sensitivity: 1, epsilon: 0.5}}`:                     "the name of each group that leaves proves a row, whatever the noise: write groups: [...] with the attributes whose lists name all groups, or suppress_below: 28",
		`{noise: {sensitivity: 1, epsilon: 0.5}, suppress_below: 6}`:  "with a probability of δ = 0.0511, of a histogram for each of its buckets: write groups: [...]",
		`{noise: {scale: 2}, bucket: {emit: label}}`:                  "the name of each group that leaves proves a row",
		`{noise: {sensitivity: 1, epsilon: 0.5}, groups: [plan]}`:     "",
		`{noise: {sensitivity: 1, epsilon: 0.5}, suppress_below: 28}`: "",
	} {
		core, logs := observer.New(zap.WarnLevel)
		p, _ := started(t, configured(t, "{storage: s, metrics: {a: "+rules+"}, attributes: {plan: {allow: [free, pro]}}}"), disk{}, func(a *anonymizer) { a.notices.Logger = zap.New(core) })
		require.NoError(t, p.ConsumeMetrics(t.Context(), gaugeOf("a", 100)))
		about := func() int { return logs.FilterMessageSnippet("Privacy review: the name of").Len() }
		assert.Zero(t, about(), "%s: it has no groups", rules)
		for range 2 {
			groups := gaugeOf("a", 100)
			groups.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().At(0).Attributes().PutStr("plan", "free")
			require.NoError(t, p.ConsumeMetrics(t.Context(), groups))
		}
		if warning == "" {
			assert.Zero(t, about(), rules)
			continue
		}
		assert.Equal(t, 1, logs.FilterMessageSnippet(warning).Len(), rules)
	}
}

func TestStartSaysWhatMayLeave(t *testing.T) {
	core, logs := observer.New(zap.InfoLevel)
	started(t, configured(t, `{metrics: {a: {round: {to: 5}}, "b.*": {drop: true}}, resource: {host.name: {keep: true}}}`), disk{}, func(a *anonymizer) { a.notices.Logger = zap.New(core) })
	fields := logs.All()[0].ContextMap()
	assert.Equal(t, []any{"a: rounded to 5, half to even. Hides the number within its cell; in a week in which it crosses an edge, it tells where it stood. No formal claim.", "b.*: dropped"}, fields["metrics"])
	assert.Equal(t, []any{"host.name: kept exact"}, fields["resource"])
	assert.Equal(t, zap.WarnLevel, logs.All()[1].Level)
	assert.Contains(t, logs.All()[1].Message, "Privacy review: resource::host.name")
}
