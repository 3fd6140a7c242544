// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/headcount-otel/headcount/anonymizer"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
)

// ruleSet is what a pipeline's anonymizer lets through.
type ruleSet struct {
	id  string
	cfg *anonymizer.Config
}

// rules reads the section of the pipeline's anonymizer; of several the last one decides.
func (c *config) rules(processors []string) (ruleSet, bool) {
	id := lastOf(ofType(processors, "anonymizer"))
	if id == "" {
		return ruleSet{}, false
	}
	cfg := of[anonymizer.Config](c.processors, id)
	return ruleSet{id, cfg}, cfg != nil
}

// toldTogether are the appusage receivers whose readings anonymizers treat, each with the rules of two of them of which
// the makers see what both let out: one and the same of a pipeline, or those of two pipelines that report.
func (c *config) toldTogether() iter.Seq2[[2]ruleSet, *appusagereceiver.Config] {
	return func(yield func([2]ruleSet, *appusagereceiver.Config) bool) {
		for _, one := range c.pipelineNames() {
			for _, other := range c.pipelineNames() {
				for both, cfg := range c.treatedBy(c.pipelines[one], c.pipelines[other]) {
					if (one == other || both[0].id != both[1].id) && !yield(both, cfg) {
						return
					}
				}
			}
		}
	}
}

// treatedBy are the receivers that two pipelines which report have in common, or one with itself, with their rules.
func (c *config) treatedBy(one, other pipeline) iter.Seq2[[2]ruleSet, *appusagereceiver.Config] {
	return func(yield func([2]ruleSet, *appusagereceiver.Config) bool) {
		a, b, both := c.reportBoth(one, other)
		if !both {
			return
		}
		for _, id := range ofType(one.Receivers, "appusage") {
			if cfg := of[appusagereceiver.Config](c.receivers, id); cfg != nil && slices.Contains(other.Receivers, id) && !yield([2]ruleSet{a, b}, cfg) {
				return
			}
		}
	}
}

// reportBoth are the rules of two pipelines that report, or of one with itself.
func (c *config) reportBoth(one, other pipeline) (a, b ruleSet, both bool) {
	a, first := c.rules(one.Processors)
	b, second := c.rules(other.Processors)
	report := len(ofType(one.Exporters, "collect")) > 0 && len(ofType(other.Exporters, "collect")) > 0
	return a, b, first && second && (a.id == b.id || report)
}

func (r ruleSet) passesMetric(name string) bool    { return r.cfg.PassesMetric(name) }
func (r ruleSet) passesResource(name string) bool  { return r.cfg.PassesResource(name) }
func (r ruleSet) passesAttribute(name string) bool { return r.cfg.PassesAttribute(name) }

// merges reports whether the points of a metric become one where their attributes are dropped.
func (r ruleSet) merges(metric string) bool {
	rule, found := r.cfg.MetricRule(metric)
	return found && rule.Merge != ""
}

// distorts reports whether the difference of two numbers that leave says little of how much was added between.
func (r ruleSet) distorts(metric string) bool {
	rule, _ := r.cfg.MetricRule(metric)
	return rule.Noise != nil || rule.Clamp != nil || rule.Bucket != nil || rule.OneBit != nil || rule.RandomizedResponse != nil
}

// mergesAll reports whether each metric that has groups of the attribute merges them.
func (r ruleSet) mergesAll(attribute string, groups map[string][]string) bool {
	for metric, by := range groups {
		if slices.Contains(by, attribute) && !r.merges(metric) {
			return false
		}
	}
	return true
}

// idle finds the rules that nothing of what is made can meet.
func (r ruleSet) idle(flow made) []string {
	var warnings []string
	for _, part := range []struct {
		key   string
		rules []string
		made  names
	}{{"metrics", r.cfg.Metrics.Names(), flow.metrics}, {"attributes", r.cfg.Attributes.Names(), flow.attributes}, {"resource", r.cfg.Resource.Names(), flow.resource}} {
		for _, pattern := range part.rules {
			at := fmt.Sprintf("processors::%s::%s::%s: ", r.id, part.key, pattern)
			matched := met(pattern, part.made)
			isOfAnother := func(name string) bool { return name != pattern && slices.Contains(part.rules, name) }
			switch left := slices.DeleteFunc(slices.Clone(matched), isOfAnother); {
			case len(matched) == 0:
				warnings = append(warnings, at+"a rule for what no receiver of the pipeline makes: correct the name, or remove the rule")
			case len(left) == 0:
				warnings = append(warnings, at+"holds for nothing, because each name that it matches, such as "+matched[0]+", has a rule of its own: write it there, or remove it")
			}
		}
	}
	return warnings
}

// met are the names that a rule's name matches, in order.
func met(pattern string, made names) (found []string) {
	for _, name := range slices.Sorted(maps.Keys(made)) {
		if anonymizer.Matches(pattern, name) {
			found = append(found, name)
		}
	}
	return found
}
