// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"slices"
	"strings"
)

// idleComponents finds components of ours that are configured and run nowhere: the Collector says nothing of them,
// and what was written there to send less has no effect.
func idleComponents(c *config) []string {
	var warnings []string
	for _, kind := range c.sections() {
		place := "service::pipelines"
		if kind.name == "extensions" {
			if place = "service::extensions"; len(ofType(c.started, "headcount")) == 0 {
				continue // nobody is asked at all, which is said elsewhere
			}
		}
		for _, id := range kind.ids() {
			says, _ := c.written[kind.name+"::"+id].(map[string]any)
			if len(says) == 0 || c.inService(kind.name, id) { // a null says nothing
				continue
			}
			remedy := "add it there, or remove it"
			if others := ofType(c.running(kind.name), typeOf(id)); len(others) > 0 {
				slices.Sort(others)
				remedy = fmt.Sprintf("write its keys under %s::%s, which does; or %s", kind.name, strings.Join(slices.Compact(others), " or "), remedy)
			}
			warnings = append(warnings, fmt.Sprintf("%s::%s: does not stand in %s, so nothing of what it says holds: %s", kind.name, id, place, remedy))
		}
	}
	return warnings
}
