// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"errors"
	"fmt"
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
	names  []string
	groups map[string][]string
}

// listGroups combines the values that the attributes' lists allow.
func (cfg *Config) listGroups(attributes []string) groupList {
	list := groupList{names: attributes, groups: map[string][]string{}}
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
		list.groups[strings.Join(values, "\x00")] = values
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
	return key, listed && attributes.Len() == len(l.names)
}

// fillGroups drops the points of groups that the rule does not list, and adds a 0 for each
// listed group that no point brings.
func fillGroups(w *batch, all pmetric.NumberDataPointSlice) {
	list, listed := w.listed[w.chain]
	if !listed {
		return
	}
	seen := map[string]bool{}
	leaves, newest := pcommon.Timestamp(0), pcommon.Timestamp(0)
	for i := range w.states {
		m := &w.states[i]
		newest, leaves = max(newest, m.time), max(leaves, m.leaves)
		key, ok := list.key(all.At(i).Attributes())
		seen[key] = true
		if !ok && m.outcome == rule.Passes {
			m.outcome = rule.NotListed
		}
	}
	if len(w.states) == 0 {
		newest = pcommon.NewTimestampFromTime(w.memory.now())
		w.grid.cut(newest)
		leaves = w.grid.truncated
	}
	w.smooth = false
	for key, values := range list.groups {
		if seen[key] {
			continue
		}
		p := all.AppendEmpty()
		for i, name := range list.names {
			p.Attributes().PutStr(name, values[i])
		}
		p.SetTimestamp(leaves)
		p.SetIntValue(0)
		w.states = append(w.states, pointState{time: newest, leaves: leaves, texts: int32(len(w.texts)), out: uint64(len(w.states))})
	}
}
