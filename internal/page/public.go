// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/internal/activity"
	"github.com/headcount-otel/headcount/trust"
)

// readings are the last ones as a reader may see them.
func (s *Server) readings(destinations []trust.Destination, trusted bool) []trust.Field {
	fields := s.content.Readings.Sorted()
	if trusted {
		return fields
	}
	return public(fields, destinations)
}

// public are the fields without what the data says: each by a name that the configuration has, once, with
// what its rule does to any value. So nobody sees by them whether a small number was suppressed, a text was
// on its list, or how many groups there are. What no rule names is left out.
func public(fields []trust.Field, destinations []trust.Destination) []trust.Field {
	seen := make([]trust.Field, 0, len(fields))
	for _, f := range fields {
		if f.Named != "" && reported(f.Name, destinations) {
			f.Named, _, _ = strings.Cut(f.Name, "{")
		}
		p := f.Public()
		if p.Name == "" || slices.ContainsFunc(seen, func(other trust.Field) bool { return other.Name == p.Name && other.Rule == p.Rule }) {
			continue
		}
		seen = append(seen, p)
	}
	slices.SortFunc(seen, activity.Order)
	return seen
}

// reported reports whether an exporter's stat names the field, so that its name is no secret of the data.
func reported(name string, destinations []trust.Destination) bool {
	name, _, _ = strings.Cut(name, "{")
	return slices.ContainsFunc(destinations, func(d trust.Destination) bool {
		return slices.ContainsFunc(d.Keys, func(k trust.Key) bool { return k.From == name })
	})
}
