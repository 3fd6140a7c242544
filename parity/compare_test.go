// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package parity

import (
	"fmt"
	"maps"
	"slices"
)

// scraped are the stats that a scrape can see. A stream leaves no row, and an assistant's run none that tells its keys.
var scraped = []string{"QUERY_RUN", "STARTUP_STATS"}

// differences lists where the distribution's reports are not the app's, key by key.
// A stat that the app did not send this time is not compared.
func differences(app, headcount []report) []string {
	theirs, found := byName("the app", app)
	ours, more := byName("headcount", headcount)
	found = append(found, more...)
	for _, name := range scraped {
		want, sent := theirs[name]
		if !sent {
			continue
		}
		got, sent := ours[name]
		if !sent {
			found = append(found, name+": headcount did not send it")
			continue
		}
		if want.InstanceID != got.InstanceID {
			found = append(found, fmt.Sprintf("%s: instanceId: the app %s, headcount %s", name, want.InstanceID, got.InstanceID))
		}
		keys := maps.Clone(want.Value)
		maps.Copy(keys, got.Value)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			if w, g := token(want, key), token(got, key); w != g {
				found = append(found, fmt.Sprintf("%s: %s: the app %s, headcount %s", name, key, w, g))
			}
		}
	}
	return found
}

func token(r report, key string) string {
	if value, ok := r.Value[key]; ok {
		return string(value)
	}
	return "has no such key"
}

func byName(sender string, reports []report) (map[string]report, []string) {
	named := map[string]report{}
	var found []string
	for _, r := range reports {
		if _, twice := named[r.Name]; twice {
			found = append(found, fmt.Sprintf("%s: %s sent it twice", r.Name, sender))
		}
		named[r.Name] = r
	}
	return named, found
}
