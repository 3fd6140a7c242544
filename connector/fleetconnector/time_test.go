// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

func madeAt(md pmetric.Metrics, at time.Time) pmetric.Metrics {
	for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		for _, p := range pointsOf(m).All() {
			p.SetTimestamp(pcommon.NewTimestampFromTime(at))
		}
	}
	return md
}

// In whatever order reports come, and however often, the newest by its own time decides.
func TestReportsOwnTimeDecides(t *testing.T) {
	var first []string
	for run := range 5 {
		r := newRig(t, func(cfg *Config) { cfg.Metrics, cfg.Resource = numberRules{"x": {}, "y": {}}, textRules{"v": {}} })
		var all []pmetric.Metrics
		for i := range 50 {
			for day := range 4 {
				md := reportOf(fmt.Sprint(i), "x", i+day*1000, "v", fmt.Sprint("5.", day))
				if day == 3 {
					md = reportOf(fmt.Sprint(i), "y", i) // x and v were last said on the third day
				}
				all = append(all, madeAt(md, r.at.Add(time.Duration(day-4)*24*time.Hour)))
			}
		}
		all = append(all, all[:100]...) // read again after a crash
		rand.New(rand.NewPCG(uint64(run), 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, md := range all {
			require.NoError(t, r.c.ConsumeMetrics(t.Context(), md))
		}
		told := r.tells()
		assert.Contains(t, told, "fleet.x.sum{} 1.012e+05 ")
		assert.Contains(t, told, "fleet.v.installation.count{v=5.2} 50 {installation}")
		if first == nil {
			first = told
		}
		assert.Equal(t, first, told)
	}
}

// A report from a time that nobody can be in counts as of its arrival, and does not outlast those that follow.
func TestReportsFromTheFuture(t *testing.T) {
	r := newRig(t, func(cfg *Config) { cfg.Metrics = numberRules{"x": {}} })
	require.NoError(t, r.c.ConsumeMetrics(t.Context(), madeAt(reportOf("a", "x", 1), r.at.Add(80*365*24*time.Hour))))
	r.at = r.at.Add(time.Hour)
	r.hear("a", "x", 2)
	assert.Contains(t, r.tells(), "fleet.x.sum{} 2 ")
}

// A wall clock that jumps ahead of the window, and is set right again, costs nothing.
func TestClockJump(t *testing.T) {
	r := newRig(t, func(cfg *Config) { cfg.Window, cfg.Metrics = 48*time.Hour, numberRules{"x": {}} })
	for i := range 20 {
		r.hear(fmt.Sprint(i), "x", 1)
	}
	const jump = 365 * 24 * time.Hour
	r.at, r.jump = r.at.Add(jump), jump
	for range 3 {
		r.at = r.at.Add(time.Hour)
		assert.Empty(t, r.tells(), "nothing is told of a time so long ago")
	}
	r.at, r.jump = r.at.Add(-jump), 0
	assert.Contains(t, r.tells(), "fleet.installation.count{} 20 {installation}", "and nothing is forgotten")

	r.at = r.at.Add(49 * time.Hour)
	assert.Empty(t, r.tells())
	assert.Empty(t, r.c.fleet.places, "what really left is forgotten")
}
