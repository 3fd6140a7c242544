// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/trust"
)

// made is what one stat is made of, and what its reader looks for first: what the rules change.
type made struct {
	Stat        string // empty where no exporter says which stats there are
	Description string // in the profile's words
	Changed     []rowView
	Exact       []rowView // leave as they are
}

// rowView is one field under the key that it has in the stat's JSON.
type rowView struct {
	fieldReport
	Key         string
	Description string // in the profile's words
}

// compose puts each field under the stats that it stands in. What stands in none is the rest.
func compose(fields []trust.Field, destinations []trust.Destination, trusted bool) (stats []made, rest []fieldReport) {
	used := map[string]bool{}
	for _, d := range destinations {
		for _, stat := range d.Stats {
			if slices.ContainsFunc(stats, func(m made) bool { return m.Stat == stat }) {
				continue // another exporter sends it as well
			}
			stats = append(stats, makeOf(stat, d.Keys, fields, used, trusted))
			stats[len(stats)-1].Description = d.Descriptions[stat]
		}
	}
	if len(destinations) == 0 {
		stats = append(stats, makeOf("", nil, fields, used, trusted))
	}
	for _, f := range fields {
		if !used[f.Name] {
			rest = append(rest, reportOfField(f, trusted))
		}
	}
	return stats, rest
}

func makeOf(stat string, keys []trust.Key, fields []trust.Field, used map[string]bool, trusted bool) made {
	m := made{Stat: stat}
	add := func(key trust.Key, f trust.Field) {
		used[f.Name] = true
		row := rowView{reportOfField(f, trusted), key.Name, key.Description}
		if f.Exact {
			m.Exact = append(m.Exact, row)
		} else {
			m.Changed = append(m.Changed, row)
		}
	}
	keys = slices.DeleteFunc(slices.Clone(keys), func(k trust.Key) bool { return k.Stat != stat })
	for _, f := range fields {
		if !f.Passes {
			continue
		}
		name, _, _ := strings.Cut(f.Name, "{") // of a group
		for _, k := range keys {
			if k.From == name {
				add(k, f)
			}
		}
		if len(keys) == 0 {
			add(trust.Key{}, f)
		}
	}
	return m
}
