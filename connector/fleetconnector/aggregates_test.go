// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/conf"
)

type (
	numberRules = conf.Map[Number]
	textRules   = conf.Map[Text]
)

// Each fleet says one thing an installation; told is what follows from it, but for fleet.installation.count.
func TestAggregates(t *testing.T) {
	noFlip := 0.0
	for name, c := range map[string]struct {
		metrics  numberRules
		resource textRules
		said     []any
		told     []string
	}{
		"numbers": {
			metrics: numberRules{"x": {Unit: "{user}"}},
			said:    []any{3, 4.5, 0, -1},
			told:    []string{"fleet.x.installation.count{} 4 {installation}", "fleet.x.mean{} 1.625 {user}", "fleet.x.sum{} 6.5 {user}"},
		},
		"numbers by range": {
			metrics: numberRules{"x": {Bounds: []int64{0, 1, 6}}},
			said:    []any{-5, 0, .99, 1, 5.9, 1000, 1.008e6},
			told: []string{
				"fleet.x.distribution[0 5][2 2 3] 1.009e+06 ", "fleet.x.installation.count{} 7 {installation}", "fleet.x.mean{} 1.441e+05 ", "fleet.x.sum{} 1.009e+06 ",
			},
		},
		"numbers that no count reaches": {
			metrics: numberRules{"x": {}},
			said:    []any{math.MaxFloat64, -math.MaxFloat64, math.MaxInt64, 1<<53 + 2},
			told:    nil,
		},
		"nothing said": {
			metrics:  numberRules{"x": {}, "y": {OneBit: &rule.OneBit{Max: 10}}, "z": {RandomizedResponse: &rule.RandomizedResponse{}}},
			resource: textRules{"a": {}, "b": {RandomizedResponse: &rule.RandomizedResponse{Values: []string{"c"}}}},
			said:     []any{math.NaN(), math.Inf(1), "text", nil},
			told:     nil,
		},
		"one bit": { // p₀ = ¼, no flips: half of the bits is half of the greatest number
			metrics: numberRules{"x": {Unit: "{seat}", OneBit: &rule.OneBit{Max: 1000, Flip: &noFlip}}},
			said:    append(slices.Repeat([]any{1, 0}, 50), 2, .5),
			told: []string{
				"fleet.x.installation.count{} 100 {installation}", "fleet.x.mean_high{} 703.4 {seat}", "fleet.x.mean_low{} 296.6 {seat}", "fleet.x.mean{} 500 {seat}",
			},
		},
		"one bit of too few": {
			metrics: numberRules{"x": {OneBit: &rule.OneBit{Max: 1000, Flip: &noFlip}}},
			said:    []any{1, 0, 0, 1, 2, .5},
			told:    []string{"fleet.x.installation.count{} 4 {installation}"},
		},
		"randomized response": { // p* = .5625, q* = .6875: beyond what is possible, so of another rule
			metrics: numberRules{"x": {RandomizedResponse: &rule.RandomizedResponse{}}},
			said:    append(slices.Repeat([]any{1, 1, 1, 1, 0}, 40), 7),
			told: []string{
				"fleet.x.installation.count{} 200 {installation}",
			},
		},
		"randomized response of a boolean": {
			resource: textRules{"x": {RandomizedResponse: &rule.RandomizedResponse{}}},
			said:     append(slices.Repeat([]any{true, false}, 100), "true", []byte("x")),
			told: []string{
				"fleet.x.installation.count{} 200 {installation}", "fleet.x.share_high{} 0.07073 1", "fleet.x.share_low{} 0 1", "fleet.x.share{} 0 1",
			},
		},
		"randomized response of values": {
			resource: textRules{"x": {RandomizedResponse: &rule.RandomizedResponse{Values: []string{"b", "a"}}}},
			said:     append(slices.Repeat([]any{"a,b", "b", "b,a", ""}, 50), "a,a", "c", "b,", true),
			told: []string{
				"fleet.x.installation.count{} 200 {installation}",
				"fleet.x.share_high{x=a} 0.07073 1", "fleet.x.share_low{x=a} 0 1", "fleet.x.share_low{x=b} 0.9723 1", "fleet.x.share_high{x=b} 1 1",
				"fleet.x.share{x=a} 0 1", "fleet.x.share{x=b} 1 1",
			},
		},
		"values": {
			resource: textRules{"x": {Limit: 2}},
			said:     []any{"5.3", "5.3", "5.2", "5.2", "5.1", "5.0", "other", strings.Repeat("x", maxText+1), []any{"a"}},
			told: []string{
				"fleet.x.installation.count{x=5.2} 2 {installation}", "fleet.x.installation.count{x=5.3} 2 {installation}", "fleet.x.installation.count{x=other} 4 {installation}",
			},
		},
		"what is no text": {
			resource: textRules{"x": {}},
			said:     []any{"\xff", "\xfe", "5.3"},
			told:     []string{"fleet.x.installation.count{x=5.3} 1 {installation}", "fleet.x.installation.count{x=other} 2 {installation}"},
		},
		"values of other types": {
			resource: textRules{"x": {}},
			said:     []any{true, false, true, pcommon.NewValueInt(7), pcommon.NewValueEmpty()},
			told: []string{
				"fleet.x.installation.count{x=7} 1 {installation}", "fleet.x.installation.count{x=false} 1 {installation}", "fleet.x.installation.count{x=true} 2 {installation}",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(cfg *Config) { cfg.Metrics, cfg.Resource = c.metrics, c.resource })
			for i, said := range c.said {
				r.hear(fmt.Sprint("id-", i), "x", said)
			}
			told := r.tells()
			require.NotEmpty(t, told)
			slices.Sort(c.told)
			assert.Equal(t, c.told, without(told, "fleet.installation.count"))
		})
	}
}

func without(lines []string, prefix string) (rest []string) {
	for _, line := range lines {
		if !strings.HasPrefix(line, prefix) {
			rest = append(rest, line)
		}
	}
	return rest
}

// Groups, histograms and several points are no number of a whole installation.
func TestWhatIsNoNumberOfAnInstallation(t *testing.T) {
	for name, shape := range map[string]func(pmetric.Metric){
		"group": func(m pmetric.Metric) {
			m.SetEmptyGauge().DataPoints().AppendEmpty().Attributes().PutStr("plan", "free")
		},
		"points":    func(m pmetric.Metric) { m.SetEmptySum().DataPoints().AppendEmpty(); m.Sum().DataPoints().AppendEmpty() },
		"no point":  func(m pmetric.Metric) { m.SetEmptyGauge() },
		"histogram": func(m pmetric.Metric) { m.SetEmptyHistogram().DataPoints().AppendEmpty() },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(cfg *Config) { cfg.Metrics = numberRules{"x": {}} })
			report := reportOf("id")
			m := report.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().AppendEmpty()
			m.SetName("x")
			shape(m)
			r.hear("id", "x", 5)
			require.NoError(t, r.c.ConsumeMetrics(t.Context(), report))
			assert.Contains(t, r.tells(), "fleet.x.sum{} 5 ", "what was said before stays")
		})
	}
}
