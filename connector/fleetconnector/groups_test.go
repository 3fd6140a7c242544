// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

func oneBitOf(most int64) *rule.OneBit { return &rule.OneBit{Max: most} }

// withGroups adds a gauge of groups by an attribute of its own name.
func withGroups(md pmetric.Metrics, name string, groups map[string]int) pmetric.Metrics {
	m := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().AppendEmpty()
	m.SetName(name)
	points := m.SetEmptyGauge().DataPoints()
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		p := points.AppendEmpty()
		p.Attributes().PutStr(name, group)
		p.SetIntValue(int64(groups[group]))
	}
	return md
}

func withHistogram(md pmetric.Metrics, name string, bounds []float64, counts []uint64) pmetric.Metrics {
	m := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().AppendEmpty()
	m.SetName(name)
	p := m.SetEmptyHistogram().DataPoints().AppendEmpty()
	p.ExplicitBounds().FromRaw(bounds)
	p.BucketCounts().FromRaw(counts)
	return md
}

func TestGroups(t *testing.T) {
	r := newRig(t, func(cfg *Config) { cfg.Metrics = numberRules{"plan": {Unit: "{user}", By: "plan", Limit: 2}} })
	for i, groups := range []map[string]int{
		{"free": 20, "pro": 5},
		{"free": 10, "pro": 3, "team": 7},
		{"free": 3, "school": 1, "team": 2},
	} {
		require.NoError(t, r.c.ConsumeMetrics(t.Context(), withGroups(reportOf(fmt.Sprint(i)), "plan", groups)))
	}
	assert.Equal(t, []string{
		"fleet.installation.count{} 3 {installation}",
		"fleet.plan.installation.count{plan=free} 3 {installation}", "fleet.plan.installation.count{plan=other} 2 {installation}", "fleet.plan.installation.count{plan=pro} 2 {installation}",
		"fleet.plan.mean{plan=free} 11 {user}", "fleet.plan.mean{plan=other} 5 {user}", "fleet.plan.mean{plan=pro} 4 {user}",
		"fleet.plan.sum{plan=free} 33 {user}", "fleet.plan.sum{plan=other} 10 {user}", "fleet.plan.sum{plan=pro} 8 {user}",
	}, r.tells(), "an installation with two other groups counts once")

	require.NoError(t, r.c.ConsumeMetrics(t.Context(), withGroups(reportOf("0"), "plan", map[string]int{"free": 1})))
	assert.Contains(t, r.tells(), "fleet.plan.sum{plan=free} 14 {user}", "a report replaces all groups of the one before")
}

// What a sender writes into one value is no second one, and no group of another's name.
func TestAGroupsNameHoldsOneValueForEachAttribute(t *testing.T) {
	r := newRig(t, func(cfg *Config) { cfg.Metrics = numberRules{"plan": {By: "plan"}} })
	require.NoError(t, r.c.ConsumeMetrics(t.Context(), withGroups(reportOf("0"), "plan", map[string]int{"free": 20, "free\x00": 3})))
	told := r.tells()
	assert.Contains(t, told, "fleet.plan.sum{plan=free} 20 ")
	assert.Contains(t, told, "fleet.plan.sum{plan=other} 3 ")
}

// The bits of a random rule say something of each group by itself, and nothing when they are added up.
func TestRandomAnswersByGroup(t *testing.T) {
	entry := Number{Unit: "{seat}", By: "plan", OneBit: &rule.OneBit{Max: 100, Flip: new(float64)}}
	asked := Number{By: "beta", RandomizedResponse: &rule.RandomizedResponse{F: .1, P: .1, Q: .9}}
	r := newRig(t, func(cfg *Config) {
		withMinimum(cfg)
		cfg.Metrics = numberRules{"plan": entry, "beta": asked}
	})
	const installations = 200
	for i := range installations {
		bit := (i%8 + 3) / 8                                     // of eight the last three
		answers := map[string]int{"free": bit, "other": 1 - bit} // 75 ones of 200, and 125 of those that the profile calls so
		if i < 5 {
			answers["rare"] = 1
		}
		require.NoError(t, r.c.ConsumeMetrics(t.Context(), withGroups(withGroups(reportOf(fmt.Sprint(i)), "plan", answers), "beta", answers)))
	}
	means, err := entry.OneBit.Mechanism()
	require.NoError(t, err)
	shares, err := asked.RandomizedResponse.Mechanism()
	require.NoError(t, err)
	told := r.tells()
	for group, ones := range map[string]int{"free": 75, "other": 125} {
		mean, share := means.EstimateMean(ones, installations), shares.EstimateShare(ones, installations)
		assert.Contains(t, told, fmt.Sprintf("fleet.plan.installation.count{plan=%s} 200 {installation}", group))
		assert.Contains(t, told, fmt.Sprintf("fleet.plan.mean{plan=%s} %.4g {seat}", group, mean.Value))
		assert.Contains(t, told, fmt.Sprintf("fleet.plan.mean_low{plan=%s} %.4g {seat}", group, mean.Low))
		assert.Contains(t, told, fmt.Sprintf("fleet.plan.mean_high{plan=%s} %.4g {seat}", group, mean.High))
		assert.Contains(t, told, fmt.Sprintf("fleet.beta.share{beta=%s} %.4g 1", group, max(share.Value, 0)))
	}
	for _, line := range told {
		assert.NotContains(t, line, "rare")
		assert.NotContains(t, line, ".sum")
	}
}

// What is no bit of a group is none of an answer: a number, and two bits of one group.
func TestWhatIsNoAnswerOfAGroup(t *testing.T) {
	r := newRig(t, func(cfg *Config) { cfg.Metrics = numberRules{"plan": {By: "plan", OneBit: oneBitOf(100)}} })
	long := strings.Repeat("a", maxText+1)
	require.NoError(t, r.c.ConsumeMetrics(t.Context(), withGroups(reportOf("0"), "plan", map[string]int{"free": 7})))
	require.NoError(t, r.c.ConsumeMetrics(t.Context(), withGroups(reportOf("1"), "plan", map[string]int{"pro": 1, long: 1, long + "b": 0})))
	told := strings.Join(r.tells(), "\n")
	assert.NotContains(t, told, "plan=free")
	assert.NotContains(t, told, "plan=other")
	assert.Contains(t, told, "fleet.plan.installation.count{plan=pro} 1 ")
}

// A rare group is never told alone, nor by what is missing, nor by a sum that is nearly its own.
func TestRareGroups(t *testing.T) {
	r := newRig(t, func(cfg *Config) { withMinimum(cfg); cfg.Metrics = numberRules{"plan": {By: "plan"}} })
	for i := range 30 {
		groups := map[string]int{"free": 2}
		if i < 12 {
			groups["pro"] = 5
		}
		if i == 0 {
			groups["acme-corp"] = 900
		}
		require.NoError(t, r.c.ConsumeMetrics(t.Context(), withGroups(reportOf(fmt.Sprint(i)), "plan", groups)))
	}
	assert.Equal(t, []string{
		"fleet.installation.count{} 30 {installation}",
		"fleet.plan.installation.count{plan=free} 30 {installation}", "fleet.plan.installation.count{plan=other} 12 {installation}",
		"fleet.plan.mean{plan=free} 2 ", "fleet.plan.sum{plan=free} 60 ",
	}, r.tells())
}

func TestHistogramsAddUp(t *testing.T) {
	r := newRig(t, func(cfg *Config) { cfg.Metrics = numberRules{"h": {Unit: "ms", Histogram: true}} })
	for i, counts := range [][]uint64{{1, 2, 0}, {0, 5, 4}, {3, 3, 3}} {
		require.NoError(t, r.c.ConsumeMetrics(t.Context(), withHistogram(reportOf(fmt.Sprint(i)), "h", []float64{5, 10}, counts)))
	}
	require.NoError(t, r.c.ConsumeMetrics(t.Context(), withHistogram(reportOf("other bounds"), "h", []float64{7}, []uint64{1, 1})))
	assert.Equal(t, []string{
		"fleet.h.distribution[5 10][4 10 7] 0 ms", "fleet.h.installation.count{} 3 {installation}", "fleet.installation.count{} 4 {installation}",
	}, r.tells())
}

func TestWhatIsNoGroup(t *testing.T) {
	for name, change := range map[string]func(pmetric.NumberDataPoint){
		"another attribute": func(p pmetric.NumberDataPoint) { p.Attributes().PutStr("colour", "red") },
		"two attributes": func(p pmetric.NumberDataPoint) {
			p.Attributes().PutStr("plan", "a")
			p.Attributes().PutStr("colour", "red")
		},
		"none": func(pmetric.NumberDataPoint) {},
	} {
		t.Run(name, func(t *testing.T) {
			md := withGroups(reportOf("a"), "plan", nil)
			p := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().AppendEmpty()
			p.SetIntValue(3)
			change(p)
			_, fits := groups{by: []string{"plan"}}.observe(observation{metric: md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0), ofMetric: true})
			assert.False(t, fits)
		})
	}
	a, fits := groups{by: []string{"plan"}}.observe(observation{metric: pmetric.NewMetric(), ofMetric: true})
	assert.False(t, fits)
	assert.Equal(t, answer{kind: aGroup}, a)
	_, fits = histograms{}.observe(observation{metric: pmetric.NewMetric(), ofMetric: true, value: pcommon.NewValueInt(1)})
	assert.False(t, fits)
}

// Groups by two attributes are told by both.
func TestGroupsByTwo(t *testing.T) {
	r := newRig(t, func(cfg *Config) { cfg.Metrics = numberRules{"users": {By: "plan, region", Limit: 1}} })
	for i, region := range []string{"eu", "eu", strings.Repeat("x", 80), "a,b"} {
		report := reportOf(fmt.Sprint(i))
		m := report.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().AppendEmpty()
		m.SetName("users")
		p := m.SetEmptyGauge().DataPoints().AppendEmpty()
		p.SetIntValue(5)
		p.Attributes().PutStr("region", region)
		p.Attributes().PutStr("plan", "pro")
		require.NoError(t, r.c.ConsumeMetrics(t.Context(), report))
	}
	require.NoError(t, r.c.ConsumeMetrics(t.Context(), withGroups(reportOf("one attribute"), "users", map[string]int{"pro": 1})))
	assert.Contains(t, r.tells(), "fleet.users.sum{plan=pro,region=eu} 10 ")
	assert.Contains(t, r.tells(), "fleet.users.sum{plan=other,region=other} 10 ")
}
