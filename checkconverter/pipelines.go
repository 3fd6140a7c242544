// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"slices"

	"github.com/headcount-otel/headcount/exporter/collectexporter"
)

// unmarkedPipelines finds pipelines whose data would reach a collect exporter without the anonymizer's mark.
func unmarkedPipelines(c *config) []string {
	var warnings []string
	for _, name := range c.pipelineNames() {
		p := c.pipelines[name]
		for _, id := range ofType(p.Exporters, "collect") {
			if exporter := of[collectexporter.Config](c.exporters, id); exporter == nil || !exporter.RequireAnonymizer {
				continue
			}
			switch last := lastOf(p.Processors); {
			case len(ofType(p.Processors, "anonymizer")) == 0:
				warnings = append(warnings, fmt.Sprintf("service::pipelines::%s: exporter %s refuses what did not pass the anonymizer: make anonymizer the last of the pipeline's processors", name, id))
			case typeOf(last) != "anonymizer":
				warnings = append(warnings, fmt.Sprintf("service::pipelines::%s: %s comes after the anonymizer, and exporter %s may refuse what it passes on: make anonymizer the last of the processors; batching belongs in exporters::%s::sending_queue", name, last, id, id))
			}
		}
	}
	return warnings
}

// foreignPipelines finds pipelines of another signal that have components of ours, which take metrics alone.
func foreignPipelines(c *config) (errs []string) {
	for _, name := range c.pipelineNames() {
		if p := c.pipelines[name]; typeOf(name) != "metrics" {
			for _, id := range slices.Concat(p.Receivers, p.Processors, p.Exporters) {
				if slices.Contains([]string{"appusage", "collect", "anonymizer", "installation", "fleet"}, typeOf(id)) {
					errs = append(errs, fmt.Sprintf("service::pipelines::%s: %s takes metrics alone: name the pipeline metrics, or metrics/ and a name of yours", name, id))
					break
				}
			}
		}
	}
	return errs
}

func lastOf(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[len(ids)-1]
}
