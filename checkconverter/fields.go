// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
	"github.com/headcount-otel/headcount/receiver/collectreceiver"
)

// names is a set of metrics or attributes, each with the key of the configuration that makes it.
type names map[string]string

// made is what a pipeline's receivers make. It is open when one of them makes what no configuration tells.
type made struct {
	metrics, attributes, resource names
	// groups are the point attributes of a metric that is read by groups.
	groups map[string][]string
	open   bool
}

const instanceID = "service.instance.id"

func nothingMade() made {
	return made{metrics: names{}, attributes: names{}, resource: names{}, groups: map[string][]string{}}
}

// makes reads from the receivers' sections what they make.
func (c *config) makes(receivers []string) made {
	m := nothingMade()
	for _, id := range receivers {
		switch at := "receivers::" + id; typeOf(id) {
		case "appusage":
			m.addReadings(at, of[appusagereceiver.Config](c.receivers, id))
		case "collect":
			m.addStats(at, of[collectreceiver.Config](c.receivers, id))
		default:
			m.open = true
		}
	}
	return m
}

func (m *made) addReadings(at string, cfg *appusagereceiver.Config) {
	if cfg == nil { // the pipeline names what is not configured, which the Collector refuses
		m.open = true
		return
	}
	m.resource[instanceID] = "" // generated where nothing reads it
	for name := range cfg.Resource {
		m.resource[name] = at + "::resource::" + name
	}
	for name, reading := range cfg.Metrics {
		m.metrics[name] = at + "::metrics::" + name
		if reading.By != "" {
			m.addGroup(name, reading.By, m.metrics[name]+"::by")
		}
	}
	for name, e := range cfg.Events {
		for metric := range e.Metrics {
			m.metrics[metric] = at + "::events::" + name + "::metrics::" + metric
		}
	}
}

func (m *made) addGroup(metric, attribute, from string) {
	m.groups[metric] = append(m.groups[metric], attribute)
	for name := range strings.SplitSeq(attribute, ",") {
		m.attributes[strings.TrimSpace(name)] = from
	}
}

func (m *made) addStats(at string, cfg *collectreceiver.Config) {
	if cfg == nil {
		m.open = true
		return
	}
	m.open = m.open || cfg.Unmapped == mapping.Keep
	m.resource[instanceID] = ""
	for name, stat := range cfg.Stats {
		ofMetrics := false
		for key, origin := range stat.Value {
			from := at + "::stats::" + name + "::value::" + key
			if origin.Metric != "" {
				ofMetrics = true
				m.metrics[origin.Metric] = from
			}
			if origin.By != "" {
				m.addGroup(origin.Metric, origin.By, from+"::by")
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

// unreachableReadings finds what is read and never let through, and what is let through and never read.
func unreachableReadings(c *config) []string {
	var warnings []string
	blocked, passed := names{}, map[string]bool{}
	for _, name := range c.pipelineNames() {
		p := c.pipelines[name]
		flow := c.makes(p.Receivers)
		rules, anonymized := c.rules(p.Processors)
		for _, kind := range []struct {
			made   names
			passes func(string) bool
			key    string
		}{{flow.metrics, rules.passesMetric, "metrics"}, {flow.attributes, rules.passesAttribute, "attributes"}, {flow.resource, rules.passesResource, "resource"}} {
			for field, from := range kind.made {
				if !anonymized || kind.passes(field) {
					passed[from] = true
				} else if kind.key != "attributes" || !rules.mergesAll(field, flow.groups) {
					blocked[from] = fmt.Sprintf("is read, but no rule lets it through: name %s under processors::%s::%s, or remove the reading", field, rules.id, kind.key)
				}
			}
		}
		if anonymized && !flow.open {
			warnings = append(warnings, rules.idle(flow)...)
		}
	}
	for _, from := range slices.Sorted(maps.Keys(blocked)) {
		if from != "" && !passed[from] {
			warnings = append(warnings, from+": "+blocked[from])
		}
	}
	return warnings
}
