// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"errors"
	"fmt"
	"hash/maphash"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// A database gives no row for an empty group, so that the name of a group proves a row. A
// rule that lists its groups reports all of them, whichever have rows, and no others.

// maxGroups bounds how many groups one rule may list.
const maxGroups = 1000

// groupList are all groups of a rule, by what tells them apart.
type groupList struct {
	names    []string
	groups   map[string][]string
	order    []string // of the groups' keys
	position map[string]int
}

// listGroups combines the values that the attributes' lists allow.
func (cfg *Config) listGroups(attributes []string) groupList {
	list := groupList{names: attributes, groups: map[string][]string{}, position: map[string]int{}}
	combinations := [][]string{nil}
	for _, name := range attributes {
		r, _ := cfg.AttributeRule(name)
		values := r.Allow
		if r.Other != "" {
			values = append(values[:len(values):len(values)], r.Other)
		}
		var longer [][]string
		for _, before := range combinations {
			for _, v := range values {
				longer = append(longer, append(before[:len(before):len(before)], v))
			}
		}
		if combinations = longer; len(combinations) > maxGroups {
			break
		}
	}
	for _, values := range combinations {
		key := strings.Join(values, "\x00")
		list.groups[key], list.position[key] = values, len(list.order)
		list.order = append(list.order, key)
	}
	return list
}

// checkGroups: what is listed can be filled in only where each attribute has a list.
func (cfg *Config) checkGroups() error {
	var errs []error
	for _, name := range cfg.Metrics.Names() {
		groups := cfg.Metrics[name].Groups
		for _, attribute := range groups {
			if r, named := cfg.AttributeRule(attribute); !named || r.Drop || r.Allow == nil {
				errs = append(errs, fmt.Errorf("metrics::%s::groups: %s has no list: write allow: [...] in attributes::%s", name, attribute, attribute))
			}
		}
		if len(errs) == 0 && len(groups) > 0 && len(cfg.listGroups(groups).groups) > maxGroups {
			errs = append(errs, fmt.Errorf("metrics::%s::groups: more than %d groups: shorten the lists", name, maxGroups))
		}
	}
	return errors.Join(errs...)
}

// key is the group of these attributes, and whether the list has it.
func (l groupList) key(attributes pcommon.Map) (key string, listed bool) {
	values := make([]string, len(l.names))
	for i, name := range l.names {
		v, met := attributes.Get(name)
		if !met {
			return "", false
		}
		values[i] = v.AsString()
	}
	key = strings.Join(values, "\x00")
	_, listed = l.groups[key]
	return key, listed
}

// put writes a group's attributes, whatever their order and types were.
func (l groupList) put(attributes pcommon.Map, key string) {
	attributes.Clear()
	for i, value := range l.groups[key] {
		attributes.PutStr(l.names[i], value)
	}
}

// sort puts the points into the list's order.
func (l groupList) sort(all pmetric.NumberDataPointSlice) {
	all.Sort(func(a, b pmetric.NumberDataPoint) bool {
		first, _ := l.key(a.Attributes())
		second, _ := l.key(b.Attributes())
		return l.position[first] < l.position[second]
	})
}

// fillGroups drops the points of groups that the rule does not list, and adds a 0 for each
// listed group that no point brings, or only points without a number: of rows that hold nothing to add up, or of
// a series that ended. All leave alike and with the time of their arrival, so that which
// of them had a row cannot be told by a point's time, attributes or type, nor by whether any came at all.
func fillGroups(w *batch, all pmetric.NumberDataPointSlice) {
	list, listed := w.listed[w.chain]
	if !listed {
		return
	}
	w.smooth = false
	w.found[len(w.found)-1] = true
	time, leaves := w.arrival()
	seen := make(map[string]bool, len(list.groups))
	for i := range w.states {
		m, p := &w.states[i], all.At(i)
		key, ok := list.key(p.Attributes())
		if !ok || p.Attributes().Len() != len(list.names) {
			if m.outcome == rule.Passes {
				m.outcome = rule.NotListed
			}
			continue
		}
		switch {
		case m.absent:
			m.outcome, m.merged = superseded, true // by the 0, or by what else there is of the group
			continue
		case m.outcome != rule.Passes: // what cannot be known is no value, and no 0 either
			w.drop(aValue, m.outcome)
			m.outcome, m.absent = rule.Passes, true
		}
		seen[key] = true
		list.put(p.Attributes(), key)
		p.SetTimestamp(leaves)
		m.leaves, m.out = leaves, maphash.String(hashSeed, key)
	}
	for _, key := range list.order {
		if seen[key] {
			continue
		}
		p := all.AppendEmpty()
		list.put(p.Attributes(), key)
		p.SetTimestamp(leaves)
		p.SetIntValue(0)
		w.states = append(w.states, pointState{grouped: true, time: time, leaves: leaves, texts: int32(len(w.texts)), out: maphash.String(hashSeed, key)})
	}
}

// arrival is now, as it is and as it leaves. The points' own times would tell which groups have any.
func (w *batch) arrival() (time, leaves pcommon.Timestamp) {
	time = pcommon.NewTimestampFromTime(w.memory.now())
	w.grid.cut(time)
	return time, w.grid.truncated
}
