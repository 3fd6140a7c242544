// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"iter"
)

// maxGroups bounds the groups of one installation; what is beyond is one group, other.
const maxGroups = 100

// groups are told each: in sum, on average and by number of installations.
type groups struct {
	unit  string
	by    string
	limit int
}

func (groups) kind() answerKind { return aGroup }

// observe reads one number for each value of the attribute. A group without a
// recorded value (suppressed) is none.
func (g groups) observe(said observation) (answer, bool) {
	a := answer{kind: aGroup}
	at := map[string]int{}
	for _, p := range pointsOf(said.metric).All() {
		value := valueOf(p)
		if p.Attributes().Len() == 0 && pointsOf(said.metric).Len() == 1 && value.AsRaw() == nil {
			return answer{}, true // the whole is taken back
		}
		name, named := p.Attributes().Get(g.by)
		read, ok := numberIn(value)
		if !named || p.Attributes().Len() != 1 || !ok {
			return answer{}, false
		}
		if read.kind == nothing {
			continue
		}
		group := nameable(name.AsString())
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
		sums.number(totals[name].sum).PutStr(g.by, name)
		means.number(totals[name].mean()).PutStr(g.by, name)
		counts.count(totals[name].installations).PutStr(g.by, name)
	}
}

// totals are those of each named group and, under other, of the rest, in which an
// installation counts once.
func (groups) totals(answers iter.Seq[answer], named []string) map[string]*tally {
	totals := map[string]*tally{other: {}}
	for _, name := range named {
		totals[name] = &tally{}
	}
	for a := range answers {
		rest, hasRest := 0.0, false
		for _, p := range a.parts {
			if total, told := totals[p.name]; told && p.name != other {
				total.add(p.number)
			} else {
				rest, hasRest = rest+p.number, true
			}
		}
		if hasRest {
			totals[other].add(rest)
		}
	}
	return totals
}
