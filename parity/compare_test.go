// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package parity

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
)

// scraped are the stats that a scrape can see. A stream leaves no row, and an assistant's run none that tells its keys.
var scraped = []string{"QUERY_RUN", "STARTUP_STATS"}

// differences lists where the distribution's reports are not the app's, key by key.
// A stat that the app did not send this time is not compared.
func differences(app, headcount []report) (found []string, compared tally) {
	compared = tally{}
	theirs, found := byName("the app", app)
	ours, more := byName("headcount", headcount)
	found = append(found, more...)
	for _, name := range scraped {
		want, sent := theirs[name]
		if !sent {
			continue
		}
		compared[name]++
		got, sent := ours[name]
		if !sent {
			found = append(found, name+": headcount did not send it")
			continue
		}
		if want.InstanceID != got.InstanceID {
			found = append(found, fmt.Sprintf("%s: instanceId: the app %s, headcount %s", name, want.InstanceID, got.InstanceID))
		}
		if w, g := day(want.Time), day(got.Time); w != g && w != g-1 { // the app may have reported before midnight
			found = append(found, fmt.Sprintf("%s: time: the app on day %d, headcount at %s, day %d", name, w, got.Time, g))
		}
		keys := maps.Clone(want.Value)
		maps.Copy(keys, got.Value)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			compared["key"]++
			if w, g := token(want, key), token(got, key); w != g {
				found = append(found, fmt.Sprintf("%s: %s: the app %s, headcount %s", name, key, w, g))
			}
		}
	}
	return found, compared
}

// tally counts what was compared: each stat by its name, and all their keys.
type tally map[string]int

func (t tally) add(more tally) {
	for name, n := range more {
		t[name] += n
	}
}

// day is how many days after 1970 a time lies; what is no number lies nowhere.
func day(seconds json.Number) int {
	value, err := seconds.Float64()
	if err != nil {
		return math.MinInt
	}
	return int(value / 86400)
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
