// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// endedIn are the series that are told without a value.
func endedIn(md pmetric.Metrics) (all []string) {
	for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		for _, p := range pointsOf(m).All() {
			if p.Flags().NoRecordedValue() {
				all = append(all, m.Name()+attributesOf(p))
			}
		}
		if m.Type() == pmetric.MetricTypeHistogram && m.Histogram().DataPoints().At(0).Flags().NoRecordedValue() {
			all = append(all, m.Name())
		}
	}
	slices.Sort(all)
	return all
}

// What is told no more ends at once, not minutes after what took its place is told.
func TestWhatIsToldNoMoreEnds(t *testing.T) {
	r := newRig(t, func(cfg *Config) {
		withMinimum(cfg)
		cfg.Metrics = numberRules{"a": {Bounds: []int64{0, 5}}}
		cfg.Resource = textRules{"v": {}}
	})
	for i := range 12 {
		r.hear(fmt.Sprint(i), "a", 7, "v", fmt.Sprint("5.", i%2))
	}
	assert.Empty(t, endedIn(r.told()))
	for i := range 12 {
		r.hear(fmt.Sprint(i), "v", "5.1")
	}
	assert.Equal(t, []string{"fleet.v.installation.count{v=other}"}, endedIn(r.told()))
	assert.Empty(t, endedIn(r.told()), "once")

	r.at = r.at.Add(2 * r.c.config.Window)
	ended := endedIn(r.told())
	assert.Contains(t, ended, "fleet.a.distribution")
	assert.Contains(t, ended, "fleet.a.sum{}")
	assert.Contains(t, ended, "fleet.v.installation.count{v=5.1}")
	require.NotContains(t, ended, "fleet.installation.minimum{}", "which is always told")
}
