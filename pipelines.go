// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"context"
	"fmt"
	"slices"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/extension/extensioncapabilities"

	"github.com/headcount-otel/headcount/trust"
)

var _ extensioncapabilities.ConfigSnapshotWatcher = (*headcount)(nil)

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

// NotifyConfigSnapshot implements extensioncapabilities.ConfigSnapshotWatcher: it
// comes before any component of a pipeline starts.
func (h *headcount) NotifyConfigSnapshot(_ context.Context, snapshot extensioncapabilities.ConfigSnapshot) error {
	var err error
	h.inService, err = membersOf(snapshot.Effective())
	return err
}

// membersOf finds the components of the pipelines in service that have to ask for consent.
func membersOf(effective *confmap.Conf) ([]trust.Member, error) {
	if effective == nil {
		return nil, nil
	}
	var site struct {
		Service struct {
			Pipelines map[string]map[string][]component.ID `mapstructure:"pipelines"`
		} `mapstructure:"service"`
	}
	if err := effective.Unmarshal(&site, confmap.WithIgnoreUnused()); err != nil {
		return nil, fmt.Errorf("the pipelines in service cannot be read: %w", err)
	}
	var members []trust.Member
	for _, pipeline := range site.Service.Pipelines {
		for _, role := range asking {
			for _, id := range pipeline[role.key] {
				member := trust.Member{Kind: role.kind, ID: id}
				if slices.Contains(role.types, id.Type().String()) && !slices.Contains(members, member) {
					members = append(members, member)
				}
			}
		}
	}
	return members, nil
}
