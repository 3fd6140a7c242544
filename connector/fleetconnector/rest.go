// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"bytes"
	"iter"
	"slices"
	"sync"
	"time"
)

// What is told of a part of the fleet tells, by subtraction, of the rest: thirty installations of which
// twenty-eight say something are two that do not. So the rest of a part is nobody, or enough: where it would be of
// fewer than the minimum, others are left out of the part with it.

// whole is the fleet that is told as a number, beside which each part of it is told.
type whole struct {
	count int
	least int
	has   func(place) bool
	// lot are those that are left out first, in the order of their identities: nobody can foretell it, and it
	// stays, so that no two tellings differ by who was left out.
	lot func() []place
}

// wholeOf is the fleet as it is now.
func wholeOf(i *installations, least int, window time.Duration, now seconds) whole {
	has := func(at place) bool { return seconds(i.row(at)[seenWord]).within(window, now) }
	count, _ := i.count(window, now)
	return whole{count, least, has, sync.OnceValue(func() []place { return i.first(2*least, has) })}
}

// first are the places of the first n of these installations, in the order of their identities.
func (i *installations) first(n int, of func(place) bool) []place {
	type named struct {
		who identity
		at  place
	}
	var all []named
	cut := func() {
		slices.SortFunc(all, func(a, b named) int { return bytes.Compare(a.who[:], b.who[:]) })
		all = all[:min(len(all), n)]
	}
	for who, at := range i.places {
		if !of(at) {
			continue
		}
		if all = append(all, named{who, at}); len(all) == 2*n {
			cut()
		}
	}
	cut()
	places := make([]place, len(all))
	for at, each := range all {
		places[at] = each.at
	}
	return places
}

// enough is the size of a part of the fleet, or less, so that the rest is nobody or enough.
func (w whole) enough(part int) int { return part - w.lacking(part) }

// few reports whether a part of this size and the whole differ by few.
func (w whole) few(part int) bool {
	return part != w.count && part > w.count-w.least && part < w.count+w.least
}

// lacking is how many have to be left out of a part of this size.
func (w whole) lacking(part int) int {
	if part < w.count && w.few(part) {
		return part - (w.count - w.least)
	}
	return 0
}

// leftOut are the members of a part that do not count. Those who do not belong to the whole, because they were
// not seen for so long, are a rest too.
func (w whole) leftOut(members iter.Seq[place]) map[place]bool {
	left := map[place]bool{}
	inside := 0
	for at := range members {
		if w.has(at) {
			inside++
		} else if len(left) < w.least {
			left[at] = true
		}
	}
	if len(left) >= w.least {
		clear(left)
	}
	lacking := w.lacking(inside)
	if lacking == 0 {
		return left
	}
	drawn := map[place]bool{}
	for _, at := range w.lot() {
		drawn[at] = false
	}
	for at := range members {
		if _, of := drawn[at]; of {
			drawn[at] = true
		}
	}
	for _, at := range w.lot() {
		if drawn[at] && lacking > 0 {
			left[at] = true
			lacking--
		}
	}
	return left
}

// spared are the answers of those who are not left out.
func spared(all answers, left map[place]bool) answers {
	if len(left) == 0 {
		return all
	}
	return func(yield func(place, answer) bool) {
		for at, a := range all {
			if !left[at] && !yield(at, a) {
				return
			}
		}
	}
}

// leftOutOf are those who are left out of each of several parts.
func (s *snapshot) leftOutOf(parts map[string][]place) map[string]map[place]bool {
	all := map[string]map[place]bool{}
	for name, members := range parts {
		if left := s.beside.leftOut(slices.Values(members)); len(left) > 0 {
			all[name] = left
		}
	}
	return all
}
