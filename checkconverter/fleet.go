// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"maps"
	"slices"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/connector/fleetconnector"
)

// unheardFigures finds what a fleet connector is to tell of and no pipeline brings to it.
func unheardFigures(c *config) []string {
	var warnings []string
	for _, id := range c.connectors.ids() {
		fleet := of[fleetconnector.Config](c.connectors, id)
		brought, fed := c.bringsTo(id)
		if fleet == nil || !fed || brought.open {
			continue
		}
		for _, part := range []struct {
			key, kind string
			wanted    []string
			brought   names
		}{{"metrics", "metric", fleet.Metrics.Names(), brought.metrics}, {"resource", "resource attribute", fleet.Resource.Names(), brought.resource}} {
			for _, name := range part.wanted {
				if _, heard := part.brought[name]; !heard {
					warnings = append(warnings, fmt.Sprintf("connectors::%s::%s::%s: no pipeline brings this %s to the connector: add it to the receiver's stats, or remove the entry", id, part.key, name, part.kind))
				}
			}
		}
	}
	return warnings
}

// bringsTo is what all pipelines that end in the connector bring, and whether there is one.
func (c *config) bringsTo(id string) (brought made, fed bool) {
	brought = nothingMade()
	for _, name := range c.pipelineNames() {
		p := c.pipelines[name]
		if !slices.Contains(p.Exporters, id) {
			continue
		}
		fed = true
		flow := c.makes(p.Receivers)
		brought.open = brought.open || flow.open
		rules, anonymized := c.rules(p.Processors)
		for metric, from := range flow.metrics {
			if !anonymized || rules.passesMetric(metric) {
				brought.metrics[metric] = from
				brought.groups[metric] = append(brought.groups[metric], flow.groups[metric]...)
			}
		}
		for attribute, from := range flow.resource {
			if !anonymized || rules.passesResource(attribute) {
				brought.resource[attribute] = from
			}
		}
	}
	return brought, fed
}

// untoldFields finds what a pipeline brings to a fleet connector alone, and of which the fleet tells nothing.
func untoldFields(c *config) []string {
	var warnings []string
	for _, id := range c.connectors.ids() {
		fleet := of[fleetconnector.Config](c.connectors, id)
		brought, fed := c.bringsTo(id)
		if fleet == nil || !fed || c.goesOn(id) {
			continue
		}
		for _, part := range []struct {
			key     string
			told    []string
			brought names
		}{{"metrics", fleet.Metrics.Names(), brought.metrics}, {"resource", fleet.Resource.Names(), brought.resource}} {
			for _, name := range slices.Sorted(maps.Keys(part.brought)) {
				if from := part.brought[name]; from != "" && name != mapping.Report && !slices.Contains(part.told, name) {
					warnings = append(warnings, fmt.Sprintf("%s: the fleet tells nothing of %s: name it under connectors::%s::%s, or remove the field", from, name, id, part.key))
				}
			}
		}
	}
	return warnings
}

// untoldGroups finds numbers that come by group where the fleet tells of them by another attribute, or of none.
func untoldGroups(c *config) []string {
	var warnings []string
	for _, id := range c.connectors.ids() {
		fleet := of[fleetconnector.Config](c.connectors, id)
		brought, fed := c.bringsTo(id)
		if fleet == nil || !fed {
			continue
		}
		for _, name := range fleet.Metrics.Names() {
			by := fleet.Metrics[name].By
			if groups := brought.groups[name]; len(groups) > 0 && !slices.Contains(groups, by) {
				warnings = append(warnings, fmt.Sprintf("connectors::%s::metrics::%s: the numbers come by %s, and the fleet tells none of them: write by: %s", id, name, groups[0], groups[0]))
			} else if by != "" && len(groups) == 0 && !brought.open && brought.metrics[name] != "" {
				warnings = append(warnings, fmt.Sprintf("connectors::%s::metrics::%s::by: %s is brought without groups: add by: %s to the receiver's stats, or remove the key", id, name, name, by))
			}
		}
	}
	return warnings
}

// goesOn reports whether what is brought to the connector goes to something else as well.
func (c *config) goesOn(id string) bool {
	for _, p := range c.pipelines {
		if slices.Contains(p.Exporters, id) && len(p.Exporters) > 1 {
			return true
		}
	}
	return false
}
