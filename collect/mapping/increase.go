// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect"
)

// Totals returns the running totals of a stat's fields of `increase`, null where it leaves one out; nothing where
// it has none. They are a copy.
func (m *Mapping) Totals(stat *collect.Stat) (totals collect.Object) {
	definition, known := m.byName[stat.Name]
	if !known || !definition.increases {
		return nil
	}
	for i := range definition.fields {
		if f := &definition.fields[i]; f.Increase {
			total, _ := stat.Value.Get(f.key)
			totals = append(totals, collect.Member{Key: f.key, Value: total})
		}
	}
	return totals
}

// SetIncrease puts in place of each running total by how much it grew from since, which was accepted last, to
// until. What is not known is null: before the first acceptance, and where a total is smaller than it was,
// because then the counter began anew, and nobody knows what it had counted until it did. These are fallen.
func (m *Mapping) SetIncrease(stat *collect.Stat, since, until collect.Object) (fallen []string) {
	m.eachIncrease(stat, func(member *collect.Member) {
		from, _ := since.Get(member.Key)
		to, _ := until.Get(member.Key)
		grown, fell := increase(from, to)
		if fell {
			fallen = append(fallen, member.Key)
		}
		member.Value = reported(member.Value, grown)
	})
	return fallen
}

// Carry returns the totals to count from once these are accepted: a group that is not reported any more may
// come again, and a total that is too small to be told was told before.
func Carry(since, totals collect.Object) collect.Object {
	carried := make(collect.Object, len(totals))
	for i := range totals {
		before, _ := since.Get(totals[i].Key)
		carried[i] = collect.Member{Key: totals[i].Key, Value: carry(before, totals[i].Value)}
	}
	return carried
}

func carry(before, now collect.Value) collect.Value {
	switch {
	case now.Kind() == collect.KindNull:
		return before
	case before.Kind() != collect.KindObject || now.Kind() != collect.KindObject || isHistogram(now.Object()):
		return now
	}
	groups := append(collect.Object{}, now.Object()...)
	for i, group := range groups {
		if was, known := before.Object().Get(group.Key); known {
			groups[i].Value = carry(was, group.Value)
		}
	}
	for _, group := range before.Object() {
		if _, reported := now.Object().Get(group.Key); !reported && len(groups) < collect.MaxMembers/2 {
			groups = append(groups, group)
		}
	}
	return collect.Group(collect.NewObject(groups...))
}

func (m *Mapping) eachIncrease(stat *collect.Stat, do func(*collect.Member)) {
	definition, known := m.byName[stat.Name]
	if !known || !definition.increases {
		return
	}
	for i := range stat.Value {
		if f, named := definition.field(stat.Value[i].Key); named && f.Increase {
			do(&stat.Value[i])
		}
	}
}

func increase(from, to collect.Value) (grown collect.Value, fell bool) {
	switch {
	case from.Kind() == collect.KindNull || to.Kind() == collect.KindNull:
		return collect.Null(), false
	case from.Kind() == collect.KindObject && to.Kind() == collect.KindObject:
		return increaseOfGroups(from.Object(), to.Object())
	case from.Kind() == collect.KindObject || to.Kind() == collect.KindObject:
		return collect.Null(), false
	case less(to, from):
		return collect.Null(), true
	}
	return minus(to, from), false
}

// increaseOfGroups is that of each group. One that was not reported before was not there before. A histogram
// whose bounds are others than they were is another.
func increaseOfGroups(from, to collect.Object) (grown collect.Value, fell bool) {
	histogram := isHistogram(to)
	if histogram && !sameKeys(from, to) {
		return collect.Null(), false
	}
	groups := make(collect.Object, 0, len(to))
	for _, group := range to {
		was, known := from.Get(group.Key)
		if !known {
			groups = append(groups, group)
			continue
		}
		value, groupFell := increase(was, group.Value)
		if groupFell && histogram {
			return collect.Null(), true
		}
		fell = fell || groupFell
		groups = append(groups, collect.Member{Key: group.Key, Value: value})
	}
	return collect.Group(groups), fell
}

func isHistogram(groups collect.Object) bool {
	_, is := groups.Get(unbounded)
	return is
}

func sameKeys(a, b collect.Object) bool {
	for i := range a {
		if len(a) != len(b) || a[i].Key != b[i].Key {
			return false
		}
	}
	return len(a) == len(b)
}

// reported leaves of what grew only what is reported now: of a total that is too small to be told, or a group
// that is not there, nothing is told.
func reported(now, grown collect.Value) collect.Value {
	switch {
	case now.Kind() == collect.KindNull:
		return now
	case now.Kind() != collect.KindObject || grown.Kind() != collect.KindObject:
		return grown
	}
	groups := collect.Object{}
	for _, group := range grown.Object() {
		if was, known := now.Object().Get(group.Key); known {
			groups = append(groups, collect.Member{Key: group.Key, Value: reported(was, group.Value)})
		}
	}
	return collect.Group(groups)
}

func less(a, b collect.Value) bool {
	if a.Kind() == collect.KindInt && b.Kind() == collect.KindInt {
		return a.Int() < b.Int()
	}
	return number(a) < number(b)
}

func minus(a, b collect.Value) collect.Value {
	if a.Kind() == collect.KindInt && b.Kind() == collect.KindInt {
		return collect.Int(a.Int() - b.Int())
	}
	return collect.Double(number(a) - number(b))
}

func number(v collect.Value) float64 {
	if v.Kind() == collect.KindInt {
		return float64(v.Int())
	}
	return v.Double()
}

var errNoCounter = errors.New("which has no increase: what fell in between would be missing from it; take the number itself")

// increases checks that a metric is a counter.
func increases(parts []pmetric.Metric) error {
	for _, part := range parts {
		switch {
		case part.Type() == pmetric.MetricTypeGauge:
			return fmt.Errorf("is a gauge, %w", errNoCounter)
		case part.Type() == pmetric.MetricTypeSum && !part.Sum().IsMonotonic():
			return fmt.Errorf("is a counter that goes up and down, %w", errNoCounter)
		}
	}
	return nil
}
