// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// What one liar says of everything: the fleet's figures are none of it, or as if it had said the most that the rules let out.
func TestOneLiar(t *testing.T) {
	most := int64(100)
	for name, lie := range map[string]float64{
		"the greatest double": math.MaxFloat64, "its negative": -math.MaxFloat64, "beyond the whole numbers": 1 << 54, "believable to nobody": 1 << 53,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(cfg *Config) {
				withMinimum(cfg)
				cfg.Metrics = numberRules{
					"x": {Bounds: []int64{0, 6}}, "clamped": {Clamp: &rule.Clamp{Max: &most}}, "plan": {By: "plan"},
					"clamped.plan": {By: "clamped.plan", Clamp: &rule.Clamp{Max: &most}}, "hist": {Histogram: true},
				}
			})
			grouped := func(md pmetric.Metrics, x float64) pmetric.Metrics {
				for _, name := range []string{"plan", "clamped.plan"} {
					m := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().AppendEmpty()
					m.SetName(name)
					p := m.SetEmptyGauge().DataPoints().AppendEmpty()
					p.Attributes().PutStr(name, "free")
					p.SetDoubleValue(x)
				}
				return md
			}
			for i := range 20 {
				require.NoError(t, r.c.ConsumeMetrics(t.Context(), withHistogram(grouped(reportOf(fmt.Sprint(i), "x", 5, "clamped", 5), 5), "hist", []float64{5}, []uint64{1, 2})))
			}
			require.NoError(t, r.c.ConsumeMetrics(t.Context(), withHistogram(grouped(reportOf("liar", "x", lie, "clamped", lie), lie), "hist", []float64{5}, []uint64{1, math.MaxUint64})))
			told := r.told()
			for m := range metricsIn(told) {
				for _, p := range pointsOf(m).All() {
					x := p.DoubleValue()
					assert.Less(t, math.Abs(x), 100+20*100., "%s %v", m.Name(), x)
				}
				if m.Type() == pmetric.MetricTypeHistogram {
					p := m.Histogram().DataPoints().At(0)
					assert.LessOrEqual(t, p.Count(), uint64(63), m.Name())
					assert.Less(t, math.Abs(p.Sum()), 2000., m.Name())
				}
			}
			for _, figure := range []string{"x.installation.count{}", "clamped.installation.count{}", "plan.installation.count{plan=free}", "clamped.plan.installation.count{clamped.plan=free}"} {
				assert.Contains(t, fmt.Sprint(r.tells()), "fleet."+figure)
			}
			if lie == 1<<53 { // a number, which counts as the most that the rules let out
				assert.Contains(t, r.tells(), "fleet.clamped.sum{} 200 ")
				assert.Contains(t, r.tells(), "fleet.clamped.plan.sum{clamped.plan=free} 200 ")
			}
		})
	}
}

// A sum that is nearly one installation's number tells of one: it is not told, nor is the mean, which is as much.
func TestASumOfOneIsNotTold(t *testing.T) {
	for name, c := range map[string]struct {
		greatest int
		told     bool
	}{
		"nearly all": {1000, false}, "much": {100, true}, "like all": {1, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(cfg *Config) {
				withMinimum(cfg)
				cfg.Metrics = numberRules{"x": {Bounds: []int64{0, 1}}, "plan": {By: "plan"}}
			})
			for i := range 20 {
				x := 1
				if i == 0 {
					x = c.greatest
				}
				require.NoError(t, r.c.ConsumeMetrics(t.Context(), withGroups(reportOf(fmt.Sprint(i), "x", x), "plan", map[string]int{"free": x})))
			}
			told := fmt.Sprint(r.tells())
			assert.Contains(t, told, "fleet.x.installation.count{} 20 ")
			assert.Contains(t, told, "fleet.plan.installation.count{plan=free} 20 ")
			for _, figure := range []string{"fleet.x.sum{}", "fleet.x.mean{}", "fleet.plan.sum{plan=free}", "fleet.plan.mean{plan=free}"} {
				if c.told {
					assert.Contains(t, told, figure)
				} else {
					assert.NotContains(t, told, figure)
				}
			}
			assert.Contains(t, told, "fleet.x.distribution")
			for m := range metricsIn(r.told()) {
				if m.Type() == pmetric.MetricTypeHistogram {
					assert.Equal(t, c.told, m.Histogram().DataPoints().At(0).HasSum())
				}
			}
		})
	}
}
