// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/collectexporter"
)

// statsOf are those that a collect exporter sends.
func (c *config) statsOf(exporter string) mapping.Definitions {
	if cfg := of[collectexporter.Config](c.exporters, exporter); cfg != nil {
		return cfg.Stats
	}
	return nil
}

// statField is one field of a stat, with what the pipeline brings to it.
type statField struct {
	mapping.Origin
	at, key    string
	stat       mapping.Definition
	flow       made
	rules      ruleSet
	anonymized bool
	// gathered: an installation processor comes before the anonymizer.
	gathered bool
}

// eachField asks a check about each field of each stat that leaves a pipeline; what it says comes once.
func (c *config) eachField(check func(statField) string) []string {
	var found []string
	said := map[string]bool{"": true}
	for _, name := range c.pipelineNames() {
		p := c.pipelines[name]
		f := statField{flow: c.makes(p.Receivers)}
		f.rules, f.anonymized = c.rules(p.Processors)
		f.gathered = len(ofType(p.Processors, "installation")) > 0
		for _, id := range ofType(p.Exporters, "collect") {
			stats := c.statsOf(id)
			for _, name := range stats.Names() {
				f.stat = stats[name]
				for _, key := range f.stat.Value.Names() {
					f.key = key
					f.at, f.Origin = fmt.Sprintf("exporters::%s::stats::%s::value::%s", id, name, key), f.stat.Value[key]
					if text := check(f); !said[text] {
						said[text] = true
						found = append(found, text)
					}
				}
			}
		}
	}
	return found
}

// fieldsOfNothing finds fields that no rule lets through or nobody makes.
func fieldsOfNothing(c *config) []string {
	return c.eachField(func(f statField) string {
		kind, name, all, passes := "metric", f.Metric, f.flow.metrics, f.rules.passesMetric
		if f.Resource != "" {
			kind, name, all, passes = "resource attribute", f.Resource, f.flow.resource, f.rules.passesResource
		}
		_, made := all[name]
		switch {
		case f.anonymized && !passes(name):
			return fmt.Sprintf("%s: no rule of processors::%s lets the %s %s through: name it there, or remove the field", f.at, f.rules.id, kind, name)
		case !made && !f.flow.open && !f.Optional:
			return fmt.Sprintf("%s: no receiver of the pipeline makes the %s %s: add its reading, or remove the field", f.at, kind, name)
		}
		return ""
	})
}

// fieldsTwice finds values that stand in one stat under two keys, which is what a misspelt key over a profile makes.
func fieldsTwice(c *config) []string {
	return c.eachField(func(f statField) string {
		for _, other := range f.stat.Value.Names() {
			if other == f.key {
				return "" // said of the later one
			}
			same := f.stat.Value[other]
			if same.Metric == f.Metric && same.Resource == f.Resource && same.By == f.By {
				return fmt.Sprintf("%s: the stat has the same value under %s: correct the key, or remove one of the two", f.at, other)
			}
		}
		return ""
	})
}
