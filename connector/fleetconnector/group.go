// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"iter"
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

func (g groups) emit(about aggregate, answers iter.Seq[answer], to *snapshot) {
	counted := map[string]int{}
	for a := range answers {
		for _, p := range a.parts {
			counted[p.name]++
		}
	}
	named := to.named(counted, g.limit)
	var totals map[string]*tally
	for { // the others are enough, or none, or join with the least frequent group
		totals = g.totals(answers, named)
		if o := totals[other]; o.installations == 0 || o.installations >= to.min || len(named) == 0 {
			break
		}
		named = named[:len(named)-1]
	}
	if totals[other].installations >= to.min {
		named = append(named, other)
	}
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

// totals are those of each named group and, under other, of the rest, in which an
// installation counts once.
func (g groups) totals(answers iter.Seq[answer], named []string) map[string]*tally {
	totals := map[string]*tally{other: {}}
	for _, name := range named {
		totals[name] = &tally{}
	}
	for a := range answers {
		rest, hasRest := 0.0, false
		for _, p := range a.parts {
			if total, told := totals[p.name]; told && p.name != other {
				total.add(g.reach.cut(p.number))
			} else {
				rest, hasRest = rest+g.reach.cut(p.number), true
			}
		}
		if hasRest {
			totals[other].add(rest)
		}
	}
	return totals
}
