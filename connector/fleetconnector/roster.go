// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"slices"
	"time"
)

// roster holds which values of one aggregate are told by name, and when each last
// was. A place that became free is given away only when the window has passed since:
// so no more names are told within a window than there are places, whatever comes.
type roster map[string]seconds

// choose returns the values that are told by name, the most frequent first: of the
// limit most frequent ones with enough installations those that have a place.
func (r roster) choose(counted map[string]int, limit, least int, window time.Duration, now seconds) []string {
	ranked := slices.DeleteFunc(byFrequency(counted), func(text string) bool { return text == other || counted[text] < least })
	ranked = ranked[:min(len(ranked), limit)]
	for text, last := range r {
		if !last.within(window, now) && !slices.Contains(ranked, text) {
			delete(r, text)
		}
	}
	var named []string
	for _, text := range ranked {
		if _, has := r[text]; !has && len(r) >= limit {
			continue
		}
		r[text] = now
		named = append(named, text)
	}
	return named
}
