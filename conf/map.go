// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conf

import (
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

// Map is a configuration map, keyed by name. Merged from several files, an
// entry that the last file sets to null is gone; without Map it would become
// an empty entry. V is a struct, not a pointer to one: confmap fills those in
// before it asks.
type Map[V any] map[string]V

// Unmarshal implements confmap.Unmarshaler.
func (m *Map[V]) Unmarshal(conf *confmap.Conf) error {
	for _, key := range conf.AllKeys() { // what an entry holds has longer keys
		if !strings.Contains(key, confmap.KeyDelimiter) && conf.Get(key) == nil {
			conf.Delete(key)
			delete(*m, key)
		}
	}
	return conf.Unmarshal((*map[string]V)(m))
}

// Names returns the keys in order.
func (m Map[V]) Names() []string { return slices.Sorted(maps.Keys(m)) }
