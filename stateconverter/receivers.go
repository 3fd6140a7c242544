// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package stateconverter

import "slices"

// sharedReceivers are the otlp receivers of which a pipeline that is no part of usage
// statistics takes something, and that do not say themselves whom they ask.
func (c *config) sharedReceivers() (ids []string) {
	if len(c.decisions) == 0 {
		return nil
	}
	for _, p := range c.pipelines {
		if c.isUnderConsent(p) {
			continue
		}
		for _, id := range p.Receivers {
			section, _ := c.sections["receivers"][id].(map[string]any)
			if typeOf(id) == "otlp" && section["consent"] == nil && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// isUnderConsent reports whether nothing comes through a pipeline while usage
// statistics are off: one of its processors asks, or all of its exporters do.
func (c *config) isUnderConsent(p pipeline) bool {
	of := func(kind string) func(id string) bool {
		return func(id string) bool { return asks(component{kind, id}, c.sections[kind][id]) }
	}
	exporter := of("exporters")
	return slices.ContainsFunc(p.Processors, of("processors")) ||
		!slices.ContainsFunc(p.Exporters, func(id string) bool { return !exporter(id) })
}
