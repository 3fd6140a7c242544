// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configoptional"
)

// What was told under a smaller minimum is shown no more below a greater one, and the rest still is.
func TestARaisedMinimumHoldsForThePast(t *testing.T) {
	shop := func(minimum int) func(*Config) {
		return func(cfg *Config) {
			cfg.MinInstallations, cfg.Page = minimum, configoptional.Some(Page{Directory: t.TempDir()})
			cfg.Metrics = numberRules{"x": {Bounds: []int64{0, 1, 6}}, "few": {}, "plan": {By: "plan"}, "bit": {OneBit: oneBitOf(10)}, "sizes": {Histogram: true}}
			cfg.Resource = textRules{"v": {}, "rare": {}}
			if minimum == 1 {
				cfg.Resource["removed"] = Text{}
			}
		}
	}
	folder := t.TempDir()
	trial := func(minimum int) {
		life(t, folder, shop(minimum), func(r *rig) {
			r.at = r.at.Add(-48 * time.Hour)
			for i := range 2000 {
				said := []any{"x", 3, "bit", i % 2, "v", []string{"5.3", "5.2"}[i%2], "removed", "yes"}
				if i < 3 {
					said = []any{"x", 0, "v", "5.3-acme", "few", 7, "rare", "acme"}
				}
				groups := map[string]int{"free": 2}
				if i == 0 {
					groups["acme"] = 9
				}
				report := withGroups(reportOf(fmt.Sprint(i), said...), "plan", groups)
				require.NoError(t, r.c.ConsumeMetrics(t.Context(), withHistogram(report, "sizes", []float64{1}, []uint64{1, 2})))
			}
			r.told()
			r.at = r.at.Add(48 * time.Hour)
		})
	}
	shownAt := func(minimum int) (before day) {
		life(t, folder, shop(minimum), func(r *rig) {
			var s shown
			require.NoError(t, json.Unmarshal(r.c.page.files["figures.json"], &s))
			require.NotEmpty(t, s.Days)
			before = s.Days[0]
		})
		return before
	}

	trial(1)
	assert.Contains(t, shownAt(1).Points, point{"fleet.v.installation.count", "5.3-acme", 3}, "a trial shows each")
	past := shownAt(10)
	named := map[string]float64{}
	for _, p := range past.Points {
		assert.NotContains(t, p.Name, "removed", "what the configuration does not name is not shown")
		assert.NotContains(t, p.Label, "acme")
		named[p.Name+" "+p.Label] = p.Value
	}
	assert.Equal(t, 2000., named["fleet.installation.count "])
	assert.Equal(t, 999., named["fleet.v.installation.count 5.2"])
	assert.Equal(t, 1001., named["fleet.v.installation.count other"], "rare values take the least frequent one with them")
	assert.Equal(t, 2000., named["fleet.plan.installation.count free"])
	assert.Equal(t, 1997., named["fleet.bit.installation.count "])
	assert.Contains(t, named, "fleet.bit.mean_low ", "an estimate stands beside its count")
	for _, none := range []string{"fleet.few.installation.count ", "fleet.few.mean ", "fleet.few.sum ", "fleet.x.sum ", "fleet.x.mean ", "fleet.x.distribution up to 0", "fleet.sizes.distribution up to 1", "fleet.rare.installation.count other"} {
		assert.NotContains(t, named, none)
	}
	assert.Contains(t, shownAt(1).Points, point{"fleet.v.installation.count", "5.3-acme", 3}, "nothing is lost of what was told")

	folder = t.TempDir()
	trial(2)
	clear(named)
	for _, p := range shownAt(10).Points {
		named[p.Name] = p.Value
	}
	assert.Contains(t, named, "fleet.x.mean", "the count beside it is of enough, and it was never one installation's")
	assert.NotContains(t, named, "fleet.x.distribution", "of how many a range is, nothing says")
	assert.NotContains(t, named, "fleet.few.mean")
}
