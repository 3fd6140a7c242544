// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// least is the tests' min_installations.
const least = 10

func withMinimum(cfg *Config) { cfg.MinInstallations, cfg.Refresh = least, 24*time.Hour }

// Nothing is told of fewer installations than the minimum: no sum, no value, no range, no group.
func TestNothingIsToldOfFewInstallations(t *testing.T) {
	r := newRig(t, func(cfg *Config) {
		withMinimum(cfg)
		cfg.Metrics = numberRules{"x": {Bounds: []int64{0, 1, 6}}, "bit": {OneBit: oneBitOf(10)}, "plan": {By: "plan"}, "hist": {Histogram: true}}
		cfg.Resource = textRules{"v": {}}
	})
	for i := range least - 1 {
		require.NoError(t, r.c.ConsumeMetrics(t.Context(), withGroups(reportOf(fmt.Sprint(i), "x", 3, "bit", 1, "v", "5.3.1-acme-corp-internal"), "plan", map[string]int{"free": 2})))
	}
	assert.Empty(t, r.tells())
	md := r.told()
	assert.Equal(t, 1, md.DataPointCount(), "the minimum itself is told, so that nobody wonders")
	assert.Equal(t, "fleet.installation.minimum", md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Name())
}

func TestRareValuesAreAmongTheOthers(t *testing.T) {
	for name, c := range map[string]struct {
		counts map[string]int
		told   []string
	}{
		"a rare value takes the least frequent one with it": {map[string]int{"5.3": 30, "5.2": 12, "5.1-acme": 1}, []string{"5.3=30", "other=13"}},
		"enough others":   {map[string]int{"5.3": 30, "5.2": 12, "a": 6, "b": 4}, []string{"5.2=12", "5.3=30", "other=10"}},
		"no others":       {map[string]int{"5.3": 30, "5.2": 12}, []string{"5.2=12", "5.3=30"}},
		"nothing but one": {map[string]int{"5.3": 12, "a": 1}, []string{"other=13"}},
		"all rare":        {map[string]int{"a": 9, "b": 9}, []string{"other=18"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(cfg *Config) { withMinimum(cfg); cfg.Resource = textRules{"v": {}} })
			for text, count := range c.counts {
				for i := range count {
					r.hear(fmt.Sprint(text, i), "v", text)
				}
			}
			var told []string
			for _, line := range r.tells() {
				if rest, ok := strings.CutPrefix(line, "fleet.v.installation.count{v="); ok {
					value, count, _ := strings.Cut(rest, "} ")
					told = append(told, value+"="+strings.Fields(count)[0])
				}
			}
			assert.Equal(t, c.told, told)
		})
	}
}

// Whatever the counts are, each bucket that is told holds none or enough, nothing is lost, and the ends stay in order.
func TestFlooredBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.IntRange(0, 15), 1, 8).Draw(t, "counts")
		uppers := make([]float64, len(counts)-1)
		total := 0
		for at, n := range counts {
			if total += n; at < len(uppers) {
				uppers[at] = float64(at)
			}
		}
		ends, joined, told := floored(uppers, counts, counts, least)
		require.Equal(t, total == 0 || total >= least, told)
		if !told {
			return
		}
		require.Len(t, joined, len(ends)+1)
		require.True(t, slices.IsSorted(ends))
		sum := 0
		for at, n := range joined {
			sum += n
			require.True(t, n == 0 || n >= least, "%v of %v", joined, counts)
			if at < len(ends) { // cumulated, each end says what it said before
				before := 0
				for _, m := range counts[:int(ends[at])+1] {
					before += m
				}
				require.Equal(t, before, sum)
			}
		}
		require.Equal(t, total, sum)
	})
}

// One report moves nothing: a figure changes with the coarse clock, or after enough installations.
func TestFiguresStandStill(t *testing.T) {
	folder := t.TempDir()
	configure := func(cfg *Config) {
		withMinimum(cfg)
		cfg.Metrics, cfg.Resource = numberRules{"x": {}, "y": {}}, textRules{"v": {}}
	}
	var before []string
	var at time.Time
	life(t, folder, configure, func(r *rig) {
		for i := range 20 {
			r.hear(fmt.Sprint(i), "x", 1, "v", "5.3")
		}
		before = r.tells()
		require.Contains(t, before, "fleet.x.sum{} 20 ")
		for range 50 {
			r.hear("0", "x", 100, "v", "5.3") // one installation, however often
		}
		for i := range least - 2 {
			r.hear(fmt.Sprint("new ", i), "x", 1, "v", "5.3")
		}
		r.at = r.at.Add(23 * time.Hour)
		assert.Equal(t, before, r.tells())
		at = r.at
	})
	life(t, folder, configure, func(r *rig) {
		r.at = at
		assert.Equal(t, before, r.tells(), "a restart tells nothing new either")
		r.at = r.at.Add(time.Hour)
		assert.Contains(t, r.tells(), "fleet.x.sum{} 127 ", "the coarse clock")
		for i := range least {
			r.hear(fmt.Sprint(i), "x", 2)
		}
		assert.Contains(t, r.tells(), "fleet.x.sum{} 38 ", "enough installations")
	})
}

// A value keeps its place, and a free one is given away only after the window: over time
// as at once, no more values are told by name than the limit.
func TestNamesOverTime(t *testing.T) {
	const limit = 5
	r := newRig(t, func(cfg *Config) {
		cfg.Window, cfg.Resource = 240*time.Hour, textRules{"v": {Limit: limit}}
	})
	start := r.at
	lastTold := map[string]time.Time{}
	for day := range 60 {
		r.at = start.Add(time.Duration(day) * 24 * time.Hour)
		for i := range 40 {
			r.hear(fmt.Sprint("installation ", i), "v", fmt.Sprint("nightly-", day, "-", i%8))
		}
		for _, line := range r.tells() {
			if strings.HasPrefix(line, "fleet.v.installation.count{v=nightly") {
				lastTold[line[:strings.Index(line, "}")]] = r.at
			}
		}
		within := 0
		for _, at := range lastTold {
			if r.at.Sub(at) < 240*time.Hour {
				within++
			}
		}
		assert.LessOrEqual(t, within, limit)
	}
	assert.Greater(t, len(lastTold), limit, "places are given away in the end")
}

func TestReturningInstallations(t *testing.T) {
	r := newRig(t, func(cfg *Config) { cfg.Metrics = numberRules{"x": {}} })
	returning := func() (count int) {
		for _, m := range r.told().ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
			if m.Name() == "fleet.installation.returning.count" {
				count = int(m.Sum().DataPoints().At(0).IntValue())
			}
		}
		return count
	}
	for i := range 500 {
		r.hear(fmt.Sprint("invented ", i), "x", 1)
		r.hear(fmt.Sprint("invented ", i), "x", 1)
	}
	for i := range 3 {
		r.hear(fmt.Sprint("real ", i), "x", 1)
	}
	assert.Zero(t, returning(), "the stats of one scrape are one report")
	r.at = r.at.Add(2 * time.Hour)
	for i := range 3 {
		r.hear(fmt.Sprint("real ", i), "x", 1)
	}
	assert.Equal(t, 3, returning())
}
