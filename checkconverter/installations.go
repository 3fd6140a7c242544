// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import "fmt"

// namelessInstallations finds pipelines whose reports would have no installation, so that none ever leaves.
func namelessInstallations(c *config) []string {
	var warnings []string
	for _, name := range c.pipelineNames() {
		p := c.pipelines[name]
		rules, anonymized := c.rules(p.Processors)
		exporters := ofType(p.Exporters, "collect")
		if anonymized && len(exporters) > 0 && !rules.passesResource(instanceID) {
			warnings = append(warnings, fmt.Sprintf("processors::%s::resource: no rule lets %s through, and exporter %s sends nothing without it: write %s: {pseudonym: {every: quarter}} with a storage extension, or {keep: true, open: true}",
				rules.id, instanceID, exporters[0], instanceID))
		}
	}
	return warnings
}
