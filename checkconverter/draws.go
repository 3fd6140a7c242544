// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
)

// anonymizersTwice finds anonymizers that cannot start: the Collector makes one for each pipeline, and both would
// open the same file.
func anonymizersTwice(c *config) (errs []string) {
	in := map[string][]string{}
	for _, name := range c.pipelineNames() {
		for _, id := range ofType(c.pipelines[name].Processors, "anonymizer") {
			if rules, found := c.rules([]string{id}); !found || rules.cfg.Storage == nil {
				continue
			}
			if in[id] = append(in[id], name); len(in[id]) == 2 {
				errs = append(errs, fmt.Sprintf("service::pipelines::%s: processor %s stands in %s as well, and one storage serves it once: write another, %s/%s, with the same rules and storage",
					name, id, in[id][0], id, strings.ReplaceAll(name, "/", "_")))
			}
		}
	}
	return errs
}

// drawnApart finds numbers for which two anonymizers of one program draw by two secrets.
func drawnApart(c *config) (warnings []string) {
	for a, b := range c.beside(func(string) bool { return true }) {
		if a.id > b.id || a.cfg.Storage == nil || b.cfg.Storage == nil || *a.cfg.Storage == *b.cfg.Storage {
			continue
		}
		for metric := range a.alsoOf(b) {
			one, _ := a.cfg.MetricRule(metric)
			if other, _ := b.cfg.MetricRule(metric); one.Sticky() && other.Sticky() {
				warnings = append(warnings, fmt.Sprintf("processors::%s::storage: for %s is drawn by another secret than in processors::%s: two draws of one number let an observer average, and each costs its ε; write storage: %s",
					b.id, metric, a.id, a.cfg.Storage))
			}
		}
	}
	return warnings
}

// arrivesBesideDraws finds numbers that an application sends and that one anonymizer hides by a draw, of which another
// one tells more than a bound allows. Of what is read here, the readings say more: toldBesideDraws.
func arrivesBesideDraws(c *config) (warnings []string) {
	for told, draws := range c.beside(func(receiver string) bool { return typeOf(receiver) != "appusage" }) {
		for metric := range told.alsoOf(draws) {
			if one := (appusagereceiver.Metric{}); !told.bounded(metric, one) && draws.bounded(metric, one) {
				warnings = append(warnings, fmt.Sprintf("processors::%s::metrics::%s: no bound holds for what it tells of the number that the rule of processors::%s hides by a draw: write a rule that draws here too, or leave one of the two out",
					told.id, metric, draws.id))
			}
		}
	}
	return warnings
}

// beside are the rules of any two pipelines that report what one such receiver brings, in either order.
func (c *config) beside(such func(receiver string) bool) iter.Seq2[ruleSet, ruleSet] {
	return func(yield func(a, b ruleSet) bool) {
		for _, one := range c.pipelineNames() {
			for _, other := range c.pipelineNames() {
				a, b, both := c.reportBoth(c.pipelines[one], c.pipelines[other])
				shared := slices.ContainsFunc(c.pipelines[one].Receivers, func(id string) bool {
					return such(id) && slices.Contains(c.pipelines[other].Receivers, id)
				})
				if both && shared && a.id != b.id && !yield(a, b) {
					return
				}
			}
		}
	}
}

// alsoOf are the names of rules, patterns too, of what both let through.
func (r ruleSet) alsoOf(other ruleSet) iter.Seq[string] {
	return func(yield func(string) bool) {
		names := slices.Concat(r.cfg.Metrics.Names(), other.cfg.Metrics.Names())
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			if r.passesMetric(name) && other.passesMetric(name) && !yield(name) {
				return
			}
		}
	}
}
