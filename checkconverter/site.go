// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

// site is a whole configuration, as far as the checks look.
type site struct {
	Extensions map[string]any `mapstructure:"extensions"`
	Receivers  map[string]any `mapstructure:"receivers"`
	Processors map[string]any `mapstructure:"processors"`
	Connectors map[string]any `mapstructure:"connectors"`
	Exporters  map[string]any `mapstructure:"exporters"`
	Service    struct {
		Extensions []string            `mapstructure:"extensions"`
		Pipelines  map[string]pipeline `mapstructure:"pipelines"`
	} `mapstructure:"service"`
}

type pipeline struct {
	Receivers  []string `mapstructure:"receivers"`
	Processors []string `mapstructure:"processors"`
	Exporters  []string `mapstructure:"exporters"`
}

func (s *site) pipelineNames() []string { return slices.Sorted(maps.Keys(s.Service.Pipelines)) }

// typeOf is a component id's type: collect of collect/makers.
func typeOf(id string) string {
	kind, _, _ := strings.Cut(id, "/")
	return kind
}

func ofType(ids []string, kind string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return typeOf(id) != kind })
}

// decode reads a component's section as far as into has fields.
func decode(section, into any) bool {
	raw, _ := section.(map[string]any)
	return confmap.NewFromStringMap(raw).Unmarshal(into, confmap.WithIgnoreUnused()) == nil
}
