// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"reflect"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
)

// totalsOfSuppressedGroups finds counts of the very rows that another metric counts by groups, of which small
// ones are suppressed: what the groups that leave do not add up to is in those that do not.
func totalsOfSuppressedGroups(c *config) (warnings []string) {
	for rules, cfg := range c.toldTogether() {
		warnings = append(warnings, rules[0].totals(rules[1], cfg)...)
	}
	return warnings
}

func (r ruleSet) totals(totals ruleSet, cfg *appusagereceiver.Config) (warnings []string) {
	for _, groups := range cfg.Metrics.Names() {
		of, _ := r.cfg.MetricRule(groups)
		by := cfg.Metrics[groups]
		if by.By == "" || by.Count == nil || of.Drop || of.SuppressBelow == 0 {
			continue
		}
		for _, total := range cfg.Metrics.Names() {
			entry, ruled := totals.cfg.MetricRule(total)
			all := cfg.Metrics[total]
			if !ruled || all.By != "" || all.Source != by.Source || !reflect.DeepEqual(all.Count, by.Count) || !entry.GivesAway(of.SuppressBelow) {
				continue
			}
			warnings = append(warnings, fmt.Sprintf("processors::%s::metrics::%s: it counts all rows of which %s counts groups, and gives the suppressed ones away: write suppress_below: %d and a coarser rule here, or leave one of the two out",
				totals.id, total, r.named(totals, groups), of.SuppressBelow))
		}
	}
	return warnings
}
