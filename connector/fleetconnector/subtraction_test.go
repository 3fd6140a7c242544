// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// countedIn are the counts of installations that are told, by metric and label.
func countedIn(md pmetric.Metrics) map[string]int {
	counts := map[string]int{}
	for m := range metricsIn(md) {
		for _, p := range pointsOf(m).All() {
			if strings.HasSuffix(m.Name(), ".count") && !p.Flags().NoRecordedValue() {
				counts[strings.TrimSuffix(m.Name()+" "+labelOf(p.Attributes()), " ")] = int(p.IntValue())
			}
		}
		if m.Type() == pmetric.MetricTypeHistogram && !m.Histogram().DataPoints().At(0).Flags().NoRecordedValue() && m.Name() != "fleet.hist.distribution" {
			counts[m.Name()] = int(m.Histogram().DataPoints().At(0).Count())
		}
	}
	return counts
}

// hiddenIn computes, by subtraction, how many installations each figure is not of, each group and the values together.
func hiddenIn(counts map[string]int) map[string]int {
	hidden, all := map[string]int{}, counts["fleet.installation.count"]
	for name, n := range counts {
		if figure, _, valued := strings.Cut(name, " "); valued && !strings.Contains(name, "fleet.plan") {
			hidden[figure] += n
		} else {
			hidden[name] += n
		}
	}
	if all > 0 {
		for name, n := range hidden {
			hidden[name] = all - n
		}
	}
	return hidden
}

// The fleet's count less what is told of a figure is that of those who do not say it: none, or as many as for all that is told.
func TestNothingIsToldBySubtraction(t *testing.T) {
	for seed := range uint64(8) {
		refresh := 24 * time.Hour
		if seed%2 == 0 {
			refresh = time.Nanosecond
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 20)) //nolint:gosec // the same each time
			r := newRig(t, func(cfg *Config) {
				withMinimum(cfg)
				cfg.Refresh, cfg.Window = refresh, 96*time.Hour
				cfg.Metrics = numberRules{
					"x": {Bounds: []int64{0, 1, 6}}, "bit": {OneBit: oneBitOf(10)}, "plan": {By: "plan"}, "plans": {By: "plans", OneBit: oneBitOf(10)},
					"hist": {Histogram: true}, "daily": {Window: 24 * time.Hour},
				}
				cfg.Resource = textRules{"v": {}}
			})
			told := 0
			for i := range 60 {
				r.at = r.at.Add(time.Second)
				if i%12 == 0 {
					r.at = r.at.Add(30 * time.Hour)
				}
				seldom := func() bool { return random.IntN(12) > 0 }
				said := []any{"daily", 1}
				if seldom() {
					said = append(said, "x", random.IntN(9))
				}
				if seldom() {
					said = append(said, "v", fmt.Sprint("5.", random.IntN(3)))
				}
				if seldom() {
					said = append(said, "bit", random.IntN(2))
				}
				report, groups, bits := reportOf(fmt.Sprint(i), said...), map[string]int{}, map[string]int{}
				for _, plan := range []string{"free", "pro", "school"} {
					if random.IntN(30) > 0 && (plan != "school" || random.IntN(2) > 0) {
						groups[plan], bits[plan] = random.IntN(5), random.IntN(2)
					}
				}
				report = withGroups(withGroups(report, "plan", groups), "plans", bits)
				if seldom() {
					report = withHistogram(report, "hist", []float64{5}, []uint64{1, 2})
				}
				require.NoError(t, r.c.ConsumeMetrics(t.Context(), report))
				counts := countedIn(r.told())
				for name, hidden := range hiddenIn(counts) {
					if name != "fleet.installation.count" {
						assert.True(t, hidden == 0 || hidden >= least, "%d of %d are not in %s", hidden, counts["fleet.installation.count"], name)
						told++
					}
				}
			}
			assert.Positive(t, told)
		})
	}
}

// Who was not seen for so long that the fleet's count is without them is no few either.
func TestFewWhoAreCountedLonger(t *testing.T) {
	r := newRig(t, func(cfg *Config) {
		withMinimum(cfg)
		cfg.Window, cfg.Metrics = 24*time.Hour, numberRules{"x": {Window: 240 * time.Hour}}
	})
	for i := range 30 {
		if i == 3 {
			r.at = r.at.Add(48 * time.Hour)
		}
		r.hear(fmt.Sprint(i), "x", 1)
	}
	counts := countedIn(r.told())
	assert.Equal(t, 27, counts["fleet.installation.count"])
	assert.Equal(t, 27, counts["fleet.x.installation.count"])
}

// A figure that stands still beside a fleet that is told anew tells of few as well.
func TestFiguresThatStandStillTellNothingBySubtraction(t *testing.T) {
	r := newRig(t, func(cfg *Config) {
		withMinimum(cfg)
		cfg.Metrics, cfg.Resource = numberRules{"x": {}}, textRules{"v": {}}
	})
	for i := range 30 {
		r.hear(fmt.Sprint(i), "x", 1, "v", fmt.Sprint("5.", i%2))
	}
	assert.Equal(t, 30, countedIn(r.told())["fleet.x.installation.count"])
	for i := range 10 {
		if i < 7 {
			r.hear(fmt.Sprint(i), "x", 1, "v", fmt.Sprint("5.", i%2))
		} else {
			r.hear(fmt.Sprint("silent ", i))
		}
	}
	told := r.told()
	counts := countedIn(told)
	assert.Equal(t, 33, counts["fleet.installation.count"])
	assert.NotContains(t, counts, "fleet.x.installation.count")
	assert.NotContains(t, counts, "fleet.v.installation.count 5.0")
	assert.Contains(t, endedIn(told), "fleet.x.sum{}")
	for i := range 10 {
		r.hear(fmt.Sprint(i), "x", 1, "v", "5.0")
	}
	assert.Equal(t, 23, countedIn(r.told())["fleet.x.installation.count"])
}

// Who is left out is always the same: also after a restart, so that no two tellings differ by one of them.
func TestWhoIsLeftOutStays(t *testing.T) {
	folder := t.TempDir()
	configure := func(cfg *Config) {
		withMinimum(cfg)
		cfg.Refresh, cfg.Metrics = time.Nanosecond, numberRules{"x": {}}
	}
	var before []string
	life(t, folder, configure, func(r *rig) {
		for i := range 40 {
			if i < 38 {
				r.hear(fmt.Sprint(i), "x", 1<<min(i, 30))
			} else {
				r.hear(fmt.Sprint(i), "y", 1)
			}
		}
		before = r.tells()
		require.Contains(t, before, "fleet.x.installation.count{} 30 {installation}")
		assert.Equal(t, before, r.tells())
	})
	life(t, folder, configure, func(r *rig) { assert.Equal(t, before, r.tells()) })
}
