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
func idleComponents(s *site) []string {
	var warnings []string
	for _, kind := range s.sections() {
		place := "service::pipelines"
		if kind.name == "extensions" {
			if place = "service::extensions"; len(ofType(s.started, "headcount")) == 0 {
				continue // nobody is asked at all, which is said elsewhere
			}
		}
		for _, id := range kind.ids() {
			says, _ := s.written[kind.name+"::"+id].(map[string]any)
			if len(says) == 0 || s.inService(kind.name, id) { // a null says nothing
				continue
			}
			remedy := "add it there, or remove it"
			if others := ofType(s.running(kind.name), typeOf(id)); len(others) > 0 {
				slices.Sort(others)
				remedy = fmt.Sprintf("write its keys under %s::%s, which does; or %s", kind.name, strings.Join(slices.Compact(others), " or "), remedy)
			}
			warnings = append(warnings, fmt.Sprintf("%s::%s: does not stand in %s, so nothing of what it says holds: %s", kind.name, id, place, remedy))
		}
	}
	return warnings
}
