// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/headcount-otel/headcount/trust"
)

// Usage is the name of the one stat that a resource becomes without definitions.
const Usage = "USAGE"

// usage defines the stat of all that the resource holds: metrics and resource
// attributes under their own names, a metric before an attribute of its name.
func (r *resource) usage() definedStat {
	definition := definedStat{name: Usage}
	for name := range r.metrics {
		if name == Report {
			continue
		}
		definition.fields = append(definition.fields, field{key: name, Origin: Origin{Metric: name, Optional: true}, byAll: true})
	}
	for name := range r.attributes.All() {
		if _, taken := r.metrics[name]; !taken && name != InstanceID && name != trust.FailedReadings {
			definition.fields = append(definition.fields, field{key: name, Origin: Origin{Resource: name}})
		}
	}
	slices.SortFunc(definition.fields, func(a, b field) int { return cmp.Compare(a.key, b.key) })
	return definition
}

// joined names a point's group by all its attributes' values, joined by commas
// in the order of the attributes' names.
func joined(attributes pcommon.Map) (string, bool) {
	names := make([]string, 0, attributes.Len())
	for name := range attributes.All() {
		names = append(names, name)
	}
	slices.Sort(names)
	values := make([]string, len(names))
	for i, name := range names {
		value, _ := attributes.Get(name)
		values[i] = value.AsString()
	}
	return strings.Join(values, ","), len(names) > 0
}
