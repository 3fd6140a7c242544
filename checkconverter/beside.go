// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"reflect"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
)

// toldBesideDraws finds numbers of the rows of which another metric hides single ones by a draw, as noise does,
// where no bound holds for the first: who counts in both is not hidden.
func toldBesideDraws(c *config) (warnings []string) {
	for rules, cfg := range c.toldTogether() {
		warnings = append(warnings, rules[0].besideDraws(rules[1], cfg)...)
	}
	return warnings
}

func (r ruleSet) besideDraws(draws ruleSet, cfg *appusagereceiver.Config) (warnings []string) {
	for _, told := range cfg.Metrics.Names() {
		if !r.passesMetric(told) || r.bounded(told, cfg.Metrics[told]) {
			continue
		}
		for _, drawn := range cfg.Metrics.Names() {
			if rows, same := sameRows(cfg.Metrics[told].Reading, cfg.Metrics[drawn].Reading); same && draws.passesMetric(drawn) && draws.bounded(drawn, cfg.Metrics[drawn]) {
				warnings = append(warnings, fmt.Sprintf("processors::%s::metrics::%s: no bound holds for what it tells of %s, of which the rule of %s hides single ones by a draw: who counts in both is not hidden; write a rule that draws here too, or leave one of the two out",
					r.id, told, rows, draws.named(r, drawn)))
				break
			}
		}
	}
	return warnings
}

// named is a metric as a text about other rules calls it.
func (r ruleSet) named(other ruleSet, metric string) string {
	if r.id == other.id {
		return metric
	}
	return fmt.Sprintf("processors::%s::metrics::%s", r.id, metric)
}

// bounded reports whether something is proven of the rule for a metric.
func (r ruleSet) bounded(name string, metric appusagereceiver.Metric) bool {
	entry, _ := r.cfg.MetricRule(name)
	presence := rule.Always
	if metric.By != "" {
		presence = rule.WithRows
	}
	return len(entry.Chain().Guarantee(presence).Bounds) > 0
}

// sameRows reports whether two readings may count the same rows, and calls these by their table.
func sameRows(a, b appusagereceiver.Reading) (name string, same bool) {
	if a.Source == "" || a.Source != b.Source {
		return "", false
	}
	if table := tableOf(a); table != "" {
		return "the rows of " + table, table == tableOf(b)
	}
	return "its source", reflect.DeepEqual(a, b)
}

// tableOf is the table that a reading counts in; empty where it names none.
func tableOf(r appusagereceiver.Reading) string {
	switch {
	case r.Count != nil:
		return r.Count.Table
	case r.CountPer != nil:
		return r.CountPer.Table
	}
	for _, column := range []*appusagereceiver.Column{r.CountDistinct, r.Sum, r.Min, r.Max, r.Pick} {
		if column != nil {
			return column.Table
		}
	}
	return ""
}
