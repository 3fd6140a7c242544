// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"maps"
	"slices"

	"github.com/headcount-otel/headcount/conf"
)

// unheardFigures finds what a fleet connector is to tell of and no pipeline brings to it.
func unheardFigures(s *site) []string {
	var warnings []string
	for _, id := range ofType(slices.Sorted(maps.Keys(s.Connectors)), "fleet") {
		var fleet struct {
			Metrics  conf.Map[any] `mapstructure:"metrics"`
			Resource conf.Map[any] `mapstructure:"resource"`
		}
		brought, fed := s.bringsTo(id)
		if !fed || brought.open || !decode(s.Connectors[id], &fleet) {
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
func (s *site) bringsTo(id string) (brought made, fed bool) {
	brought = made{metrics: names{}, resource: names{}}
	for _, name := range s.pipelineNames() {
		p := s.Service.Pipelines[name]
		if !slices.Contains(p.Exporters, id) {
			continue
		}
		fed = true
		flow := s.makes(p.Receivers)
		brought.open = brought.open || flow.open
		rules, anonymized := s.rules(p.Processors)
		for metric, from := range flow.metrics {
			if !anonymized || rules.letsMetric(metric) {
				brought.metrics[metric] = from
			}
		}
		for attribute, from := range flow.resource {
			if !anonymized || rules.letsAttribute(attribute) {
				brought.resource[attribute] = from
			}
		}
	}
	return brought, fed
}
