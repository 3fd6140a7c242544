// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// maxGroups bounds the groups of one installation; what is beyond is one group, other.
const maxGroups = 100

// groups are told each: in sum, on average and by number of installations.
type groups struct {
	unit  string
	reach reach
	by    []string
	limit int
}

// between stands between a group's values where it has several, and in no value.
const between = "\x00"

// nameOf is the group's name: the values of the attributes that tell groups apart, and
// of no others. Where one of them cannot be told, neither can the group.
func (g groups) nameOf(attributes pcommon.Map) (string, bool) {
	values := make([]string, len(g.by))
	for at, by := range g.by {
		value, named := attributes.Get(by)
		if !named {
			return "", false
		}
		values[at] = nameable(value.AsString())
	}
	if slices.Contains(values, other) {
		return other, attributes.Len() == len(g.by)
	}
	return strings.Join(values, between), attributes.Len() == len(g.by)
}

// label writes the group's name into the attributes that tell groups apart.
func (g groups) label(attributes pcommon.Map, name string) {
	values := strings.Split(name, between)
	for at, by := range g.by {
		value := other
		if name != other {
			value = values[at]
		}
		attributes.PutStr(by, value)
	}
}

func (groups) kind() answerKind { return aGroup }

// observe reads one number for each group. A group without a
// recorded value (suppressed) is none.
func (g groups) observe(said observation) (answer, bool) {
	a := answer{kind: aGroup}
	at := map[string]int{}
	for _, p := range pointsOf(said.metric).All() {
		value := valueOf(p)
		if p.Attributes().Len() == 0 && pointsOf(said.metric).Len() == 1 && value.AsRaw() == nil {
			return answer{}, true // the whole is taken back
		}
		group, named := g.nameOf(p.Attributes())
		read, ok := numberIn(value)
		if !named || !ok {
			return answer{}, false
		}
		if read.kind == nothing {
			continue
		}
		if _, met := at[group]; !met && len(a.parts) >= maxGroups {
			group = other
		}
		if index, met := at[group]; met {
			a.parts[index].number += read.number
			continue
		}
		at[group] = len(a.parts)
		a.parts = append(a.parts, part{group, read.number})
	}
	return a, len(a.parts) > 0 || pointsOf(said.metric).Len() > 0
}

func (g groups) emit(about aggregate, all answers, to *snapshot) {
	counted := map[string]int{}
	for _, a := range all {
		for _, p := range a.parts {
			counted[p.name]++
		}
	}
	named, totals := g.enough(to.named(counted, g.limit), all, to)
	if len(named) == 0 {
		return
	}
	sums := to.upDownCounter(about.name+".sum", g.unit, "Sum over the installations, by group. "+about.description)
	means := to.gauge(about.name+".mean", g.unit, "Mean of the installations that have the group. "+about.description)
	counts := to.installations(about)
	for _, name := range named {
		if to.tellsSum(*totals[name]) {
			g.label(sums.number(totals[name].sum), name)
			g.label(means.number(totals[name].mean()), name)
		}
		g.label(counts.count(totals[name].installations), name)
	}
}

// enough leaves of the named groups those that are of enough installations, and adds other where the rest is: too
// few others join with the least frequent group.
func (g groups) enough(named []string, all answers, to *snapshot) ([]string, map[string]*tally) {
	for {
		totals := g.totals(all, named, to)
		few := slices.IndexFunc(named, func(name string) bool { return !to.tells(totals[name].installations) })
		switch others := totals[other].installations; {
		case few >= 0:
			named = slices.Delete(named, few, few+1)
		case others > 0 && !to.tells(others) && len(named) > 0:
			named = named[:len(named)-1]
		case others > 0 && to.tells(others):
			return append(named, other), totals
		default:
			return named, totals
		}
	}
}

// totals are those of each named group and, under other, of the rest, in which an
// installation counts once.
func (g groups) totals(all answers, named []string, to *snapshot) map[string]*tally {
	totals, members := map[string]*tally{other: {}}, map[string][]place{}
	for _, name := range named {
		totals[name] = &tally{}
	}
	each := func(of answer, do func(name string, number float64)) {
		rest, hasRest := 0.0, false
		for _, p := range of.parts {
			if _, told := totals[p.name]; told && p.name != other {
				do(p.name, g.reach.cut(p.number))
			} else {
				rest, hasRest = rest+g.reach.cut(p.number), true
			}
		}
		if hasRest {
			do(other, rest)
		}
	}
	for at, a := range all {
		each(a, func(name string, _ float64) { members[name] = append(members[name], at) })
	}
	left := to.leftOutOf(members)
	for at, a := range all {
		each(a, func(name string, number float64) {
			if !left[name][at] {
				totals[name].add(number)
			}
		})
	}
	return totals
}
