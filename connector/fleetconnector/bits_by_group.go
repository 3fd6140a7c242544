// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"iter"
	"slices"
)

// bitsByGroup are the bits of a random rule for the groups of a number: what is behind those of each group is estimated
// by itself. Several groups' bits of one installation are no bit of a larger group, so that groups which are
// not told by name are not told together either.
type bitsByGroup struct {
	groups
	of estimator
}

// observe reads one bit for each group. Where two points are of one group, none of them is its bit.
func (b bitsByGroup) observe(said observation) (answer, bool) {
	a, ok := b.groups.observe(said)
	points := map[string]int{}
	for _, p := range pointsOf(said.metric).All() {
		name, _ := b.nameOf(p.Attributes())
		points[name]++
	}
	if !ok || len(points) > maxGroups {
		return answer{}, false
	}
	single := a.parts[:0]
	for _, p := range a.parts {
		switch {
		case points[p.name] > 1:
		case p.number != 0 && p.number != 1:
			return answer{}, false
		default:
			single = append(single, p)
		}
	}
	a.parts = single
	return a, true
}

func (b bitsByGroup) emit(about aggregate, answers iter.Seq[answer], to *snapshot) {
	counted, ones := map[string]int{}, map[string]int{}
	for a := range answers {
		for _, p := range a.parts {
			counted[p.name]++
			ones[p.name] += int(p.number)
		}
	}
	named := to.named(counted, b.limit)
	if to.tells(counted[other]) && counted[other] > 0 { // a group that the installations call so
		named = append(named, other)
	}
	if len(named) == 0 {
		return
	}
	counts := to.installations(about)
	for _, name := range named {
		b.label(counts.count(counted[name]), name)
	}
	saying := slices.DeleteFunc(named, func(name string) bool {
		e, most := b.of.estimate(ones[name], counted[name])
		return !e.Says(most)
	})
	if len(saying) == 0 {
		return
	}
	estimates := b.of.series(about, " that have the group", to)
	for _, name := range saying {
		for _, attributes := range estimates.add(b.of.estimate(ones[name], counted[name])) {
			b.label(attributes, name)
		}
	}
}
