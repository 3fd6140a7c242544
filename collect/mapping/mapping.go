// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"slices"
	"sync"
)

// InstanceID is the resource attribute that names the installation.
const InstanceID = "service.instance.id"

// Mapping turns metrics into stats and stats into metrics, by one `stats:` block.
// It is safe for concurrent use.
type Mapping struct {
	stats  []definedStat
	byName map[string]*definedStat
	// rooms are for what one resource holds.
	rooms sync.Pool
}

type definedStat struct {
	name   string
	fields []field
	// increases: a field of it does.
	increases bool
}

// field is one key of a stat's value; fields stand in the order of their keys.
type field struct {
	key string
	Origin
	// byAll groups a metric's points by all their attributes, where they have any.
	byAll bool
	// repeats is true where an earlier field, or instanceId, says the same.
	repeats bool
}

// New makes the mapping that validated definitions describe.
func New(definitions Definitions) *Mapping {
	m := &Mapping{byName: make(map[string]*definedStat, len(definitions))}
	for _, name := range definitions.Names() {
		stat := definedStat{name: name}
		seen := map[Origin]bool{{Resource: InstanceID}: true}
		for _, key := range definitions[name].Value.Names() {
			origin := definitions[name].Value[key]
			same := Origin{Metric: origin.Metric, Resource: origin.Resource}
			stat.fields = append(stat.fields, field{key: key, Origin: origin, repeats: seen[same]})
			seen[same] = true
			stat.increases = stat.increases || origin.Increase
		}
		m.stats = append(m.stats, stat)
	}
	for i := range m.stats {
		m.byName[m.stats[i].name] = &m.stats[i]
	}
	return m
}

func (s *definedStat) field(key string) (*field, bool) {
	at, found := slices.BinarySearchFunc(s.fields, key, func(f field, key string) int { return cmp.Compare(f.key, key) })
	if !found {
		return nil, false
	}
	return &s.fields[at], true
}
