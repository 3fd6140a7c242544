// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
)

// unusedSources finds sources that no reading names, such as one that was to stand over a profile's and is misspelt.
func unusedSources(c *config) []string {
	var warnings []string
	for _, id := range c.receivers.ids() {
		cfg := of[appusagereceiver.Config](c.receivers, id)
		if cfg == nil {
			continue
		}
		used := map[string]bool{cfg.Leader: true}
		for _, reading := range cfg.Resource {
			used[reading.Source] = true
		}
		for _, metric := range cfg.Metrics {
			used[metric.Source] = true
		}
		for _, event := range cfg.Events {
			used[event.Source] = true
		}
		for _, mismatch := range cfg.Mismatches {
			used[mismatch.Source] = true
		}
		if cfg.AppReport != nil {
			used[cfg.AppReport.Source] = true
		}
		for _, name := range cfg.Sources.Names() {
			if !used[name] {
				warnings = append(warnings, fmt.Sprintf("receivers::%s::sources::%s: no reading names this source: correct the name, or remove it", id, name))
			}
		}
	}
	return warnings
}
