// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

// floored joins neighbouring buckets until each holds no installation or at least
// least of them. uppers are the buckets' upper ends but the last one's, counts what
// is told of them. It reports false where no bucket can be told.
func floored(uppers []float64, installations, counts []int, least int) ([]float64, []int, bool) {
	var ends []float64
	var joined, people []int
	open, openPeople := 0, 0
	for at, n := range installations {
		open, openPeople = open+counts[at], openPeople+n
		if openPeople != 0 && openPeople < least {
			continue
		}
		joined, people = append(joined, open), append(people, openPeople)
		if open, openPeople = 0, 0; at < len(uppers) {
			ends = append(ends, uppers[at])
		}
	}
	if openPeople == 0 {
		return ends, joined, true
	}
	// What is left at the upper end joins the last bucket that has enough.
	for len(joined) > 0 && openPeople < least {
		last := len(joined) - 1
		open, openPeople = open+joined[last], openPeople+people[last]
		joined, people, ends = joined[:last], people[:last], ends[:last]
	}
	return ends, append(joined, open), openPeople >= least
}
