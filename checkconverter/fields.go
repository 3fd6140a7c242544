// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"maps"
	"slices"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/conf"
)

// names is a set of metrics or resource attributes, each with the key of the configuration that makes it.
type names map[string]string

// made is what a pipeline's receivers make. It is open when one of them makes what no configuration tells.
type made struct {
	metrics, resource names
	open              bool
}

const instanceID = "service.instance.id"

// makes reads from the receivers' sections what they make.
func (s *site) makes(receivers []string) made {
	m := made{metrics: names{}, resource: names{}}
	for _, id := range receivers {
		switch at := "receivers::" + id; typeOf(id) {
		case "appusage":
			m.addReadings(at, s.Receivers[id])
		case "collect":
			m.addStats(at, s.Receivers[id])
		default:
			m.open = true
		}
	}
	return m
}

func (m *made) addReadings(at string, section any) {
	type event struct {
		Metrics conf.Map[any] `mapstructure:"metrics"`
	}
	var r struct {
		Resource conf.Map[any]   `mapstructure:"resource"`
		Metrics  conf.Map[any]   `mapstructure:"metrics"`
		Events   conf.Map[event] `mapstructure:"events"`
	}
	if !decode(section, &r) {
		m.open = true
		return
	}
	m.resource[instanceID] = "" // generated where nothing reads it
	for name := range r.Resource {
		m.resource[name] = at + "::resource::" + name
	}
	for name := range r.Metrics {
		m.metrics[name] = at + "::metrics::" + name
	}
	for name, e := range r.Events {
		for metric := range e.Metrics {
			m.metrics[metric] = at + "::events::" + name + "::metrics::" + metric
		}
	}
}

func (m *made) addStats(at string, section any) {
	stats, unmapped, ok := statsOf(section)
	if !ok || unmapped == "keep" {
		m.open = true
	}
	m.resource[instanceID] = ""
	for name, stat := range stats {
		ofMetrics := false
		for key, origin := range stat.Value {
			from := at + "::stats::" + name + "::value::" + key
			if origin.Metric != "" {
				ofMetrics = true
				m.metrics[origin.Metric] = from
			}
			if origin.Resource != "" {
				m.resource[origin.Resource] = from
			}
		}
		if !ofMetrics { // a stat of attributes alone comes with a metric of its own
			m.metrics[mapping.Report] = at + "::stats::" + name
		}
	}
}

// unreachableFields finds what is read and never let through, what is let through and never read,
// and stats of what never arrives.
func unreachableFields(s *site) []string {
	var warnings []string
	blocked, passed := names{}, map[string]bool{}
	for _, name := range s.pipelineNames() {
		p := s.Service.Pipelines[name]
		flow := s.makes(p.Receivers)
		rules, anonymized := s.rules(p.Processors)
		for _, kind := range []struct {
			made names
			lets func(string) bool
			key  string
		}{{flow.metrics, rules.letsMetric, "metrics"}, {flow.resource, rules.letsAttribute, "resource"}} {
			for field, from := range kind.made {
				if anonymized && !kind.lets(field) {
					blocked[from] = fmt.Sprintf("is read, but no rule lets it through: name %s under processors::%s::%s, or remove the reading", field, rules.id, kind.key)
				} else {
					passed[from] = true
				}
			}
		}
		if anonymized && !flow.open {
			warnings = append(warnings, rules.idle(flow)...)
		}
		for _, id := range ofType(p.Exporters, "collect") {
			warnings = append(warnings, s.unmade(id, flow, rules, anonymized)...)
		}
	}
	for _, from := range slices.Sorted(maps.Keys(blocked)) {
		if from != "" && !passed[from] {
			warnings = append(warnings, from+": "+blocked[from])
		}
	}
	return warnings
}
