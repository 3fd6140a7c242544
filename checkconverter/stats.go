// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"

	"github.com/headcount-otel/headcount/collect/mapping"
)

func statsOf(section any) (stats mapping.Definitions, unmapped string, ok bool) {
	var s struct {
		Stats    mapping.Definitions `mapstructure:"stats"`
		Unmapped string              `mapstructure:"unmapped"`
	}
	ok = decode(section, &s)
	return s.Stats, s.Unmapped, ok
}

// unmade finds the fields of a collect exporter's stats that no rule lets through or nobody makes.
func (s *site) unmade(id string, flow made, rules ruleSet, anonymized bool) []string {
	var warnings []string
	stats, _, _ := statsOf(s.Exporters[id])
	for _, name := range stats.Names() {
		for _, key := range stats[name].Value.Names() {
			at := fmt.Sprintf("exporters::%s::stats::%s::value::%s", id, name, key)
			origin := stats[name].Value[key]
			kind, field, all, lets := "metric", origin.Metric, flow.metrics, rules.letsMetric
			if origin.Resource != "" {
				kind, field, all, lets = "resource attribute", origin.Resource, flow.resource, rules.letsAttribute
			}
			_, exists := all[field]
			switch {
			case field == "":
			case anonymized && !lets(field):
				warnings = append(warnings, fmt.Sprintf("%s: no rule of processors::%s lets the %s %s through: name it there, or remove the field", at, rules.id, kind, field))
			case !exists && !flow.open && !origin.Optional:
				warnings = append(warnings, fmt.Sprintf("%s: no receiver of the pipeline makes the %s %s: add its reading, or remove the field", at, kind, field))
			}
		}
	}
	return warnings
}
