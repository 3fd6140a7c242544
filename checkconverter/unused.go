// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"maps"
	"slices"

	"github.com/headcount-otel/headcount/collect/mapping"
)

// unusedMetrics finds metrics that are read and let through, and that no stat uses. A pipeline in
// which anything but stats may use them, such as an exporter of another type, uses them all.
func unusedMetrics(c *config) []string {
	idle, used := names{}, map[string]bool{}
	for _, name := range c.pipelineNames() {
		p := c.pipelines[name]
		wanted, onlyStats := c.metricsOfStats(p.Exporters)
		rules, anonymized := c.rules(p.Processors)
		for metric, from := range c.makes(p.Receivers).metrics {
			switch {
			case !onlyStats || wanted[metric] || metric == mapping.Report: // which stands for a stat of attributes
				used[from] = true
			case !anonymized || rules.passesMetric(metric): // what no rule lets through is said elsewhere
				idle[from] = metric
			}
		}
	}
	var warnings []string
	for _, from := range slices.Sorted(maps.Keys(idle)) {
		if !used[from] {
			warnings = append(warnings, from+": is read, and no stat uses it: name "+idle[from]+" in a stat of the collect exporter, or remove the reading")
		}
	}
	return warnings
}

// metricsOfStats are those that the collect exporters' stats use; false when the exporters use more than stats say.
func (c *config) metricsOfStats(exporters []string) (map[string]bool, bool) {
	wanted := map[string]bool{}
	ids := ofType(exporters, "collect")
	for _, id := range ids {
		stats := c.statsOf(id)
		if len(stats) == 0 {
			return nil, false
		}
		for _, stat := range stats {
			for _, origin := range stat.Value {
				wanted[origin.Metric] = true
			}
		}
	}
	return wanted, len(ids) == len(exporters)
}
