// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"strings"
)

// stoppedTimes finds times that the anonymizer makes the same all day before a store that takes neither what is hours old nor a second value of a time.
func stoppedTimes(c *config) []string {
	var warnings []string
	for _, name := range c.pipelineNames() {
		p := c.pipelines[name]
		rules, anonymized := c.rules(p.Processors)
		stores := ofType(p.Exporters, "prometheusremotewrite")
		if anonymized && len(stores) > 0 && rules.cfg.Timestamps.Truncate > 0 {
			warnings = append(warnings, fmt.Sprintf("processors::%s::timestamps: times are cut to %v, and the store behind %s takes neither what is hours old nor a second value of a time: write truncate: 0s in an anonymizer for this pipeline",
				rules.id, rules.cfg.Timestamps.Truncate, stores[0]))
		}
	}
	return warnings
}

// labelledInstallations finds reports that reach Prometheus with the id of the installation that sent them.
func labelledInstallations(c *config) []string {
	var warnings []string
	for _, name := range c.pipelineNames() {
		p := c.pipelines[name]
		receivers := ofType(p.Receivers, "collect")
		rules, anonymized := c.rules(p.Processors)
		if len(receivers) == 0 || anonymized && !rules.passesResource(instanceID) {
			continue
		}
		for _, id := range p.Exporters {
			if strings.HasPrefix(typeOf(id), "prometheus") {
				warnings = append(warnings, fmt.Sprintf("service::pipelines::%s: receiver %s goes straight into %s, which labels every series with the installation's id: put the fleet connector between them, or an anonymizer that does not name %s",
					name, receivers[0], id, instanceID))
			}
		}
	}
	return warnings
}
