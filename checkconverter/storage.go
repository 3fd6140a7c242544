// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/headcount-otel/headcount"
)

// lonelyStorages finds a headcount extension whose storage nothing else uses, while others use another one: the
// record of a choice then lies apart from what the choice is about, and one of them can be lost without the other.
func lonelyStorages(c *config) []string {
	users := map[string][]string{}
	for _, kind := range c.sections() {
		for _, id := range kind.ids() {
			for _, named := range references(reflect.ValueOf(kind.configs[id]), nil) {
				if strings.HasSuffix(named.key, "storage") {
					users[named.extension] = append(users[named.extension], kind.name+"::"+id)
				}
			}
		}
	}
	var warnings []string
	for _, id := range c.started {
		cfg := of[headcount.Config](c.extensions, id)
		if cfg == nil || cfg.Storage == nil || len(users) < 2 {
			continue
		}
		if own := cfg.Storage.String(); len(users[own]) == 1 {
			others := slices.DeleteFunc(slices.Sorted(maps.Keys(users)), func(id string) bool { return id == own || id == "headcount" })
			if len(others) > 0 {
				warnings = append(warnings, fmt.Sprintf("extensions::%s::storage: %s is shared with nobody: a choice is kept beside what it is about: write storage: %s", id, own, others[0]))
			}
		}
	}
	return warnings
}
