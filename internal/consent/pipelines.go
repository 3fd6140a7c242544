// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import (
	"fmt"
	"slices"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/trust"
)

// asking are the component types that ask for consent, by their key in a pipeline.
var asking = []struct {
	key   string
	kind  component.Kind
	types []string
}{
	{"receivers", component.KindReceiver, []string{"appusage", "collect"}},
	{"processors", component.KindProcessor, []string{"anonymizer", "installation"}},
	{"exporters", component.KindExporter, []string{"collect"}},
}

// Asks reports whether components of this type ask for consent, by their section: "receivers", "appusage".
func Asks(section, kind string) bool {
	for _, role := range asking {
		if role.key == section {
			return slices.Contains(role.types, kind)
		}
	}
	return false
}

// MembersOf finds the components of the pipelines in service that have to ask for
// consent, and beside them the receivers and exporters that are not ours and no connectors.
func MembersOf(effective *confmap.Conf) (members, others []trust.Member, err error) {
	if effective == nil {
		return nil, nil, nil
	}
	var site struct {
		Connectors map[component.ID]any `mapstructure:"connectors"`
		Service    struct {
			Pipelines map[string]map[string][]component.ID `mapstructure:"pipelines"`
		} `mapstructure:"service"`
	}
	if err := effective.Unmarshal(&site, confmap.WithIgnoreUnused()); err != nil {
		return nil, nil, fmt.Errorf("the pipelines in service cannot be read: %w", err)
	}
	for _, pipeline := range site.Service.Pipelines {
		ours, beside := split(pipeline)
		members = addNew(members, ours)
		if len(ours) > 0 {
			others = addNew(others, slices.DeleteFunc(beside, func(m trust.Member) bool { _, joins := site.Connectors[m.ID]; return joins }))
		}
	}
	return members, others, nil
}

// split tells a pipeline's components that have to ask from its other receivers and exporters.
func split(pipeline map[string][]component.ID) (ours, others []trust.Member) {
	for _, role := range asking {
		for _, id := range pipeline[role.key] {
			member := trust.Member{Kind: role.kind, ID: id}
			switch {
			case slices.Contains(role.types, id.Type().String()):
				ours = append(ours, member)
			case role.kind != component.KindProcessor:
				others = append(others, member)
			}
		}
	}
	return ours, others
}

func addNew(all, more []trust.Member) []trust.Member {
	for _, member := range more {
		if !slices.Contains(all, member) {
			all = append(all, member)
		}
	}
	return all
}
