// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package makersconverter is a config converter that makes the makers' side of an
// application from its profile, where app:makers asks for it.
package makersconverter // import "github.com/headcount-otel/headcount/makersconverter"

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

// marker is the top-level key by which app:makers asks for the makers' side.
const marker = "makers"

// pipelines are those of app:makers; the profile's own are removed.
var pipelines = []string{"metrics/reports", "metrics/fleet"}

// groups are the parts of a configuration that hold components.
var groups = []string{"receivers", "processors", "exporters", "connectors", "extensions"}

// NewFactory makes the factory of the converter.
func NewFactory() confmap.ConverterFactory {
	return confmap.NewConverterFactory(func(confmap.ConverterSettings) confmap.Converter { return converter{} })
}

type converter struct{}

// section is a part of a configuration.
type section = map[string]any

// Convert implements confmap.Converter. Without the marker it changes nothing.
func (converter) Convert(_ context.Context, conf *confmap.Conf) error {
	if !conf.IsSet(marker) {
		return nil
	}
	all := conf.ToStringMap()
	delete(all, marker)
	app, err := appOf(all)
	if err != nil {
		return err
	}
	receiver := under(under(all, "receivers"), "collect")
	for _, key := range []string{"ledger", "max_installations"} { // of a relay, not of the makers
		delete(receiver, key)
	}
	receiver["stats"] = app.stats
	fleet := under(under(all, "connectors"), "fleet")
	app.describe(fleet)
	keepMakers(all)
	*conf = *confmap.NewFromStringMap(all)
	return nil
}

var errNoProfile = errors.New("app:makers: no profile comes before it whose collect exporter has stats: write --config PROFILE --config app:makers")

// under is a part of a part, made where there is none.
func under(of section, key string) section {
	if part, ok := of[key].(section); ok {
		return part
	}
	part := section{}
	of[key] = part
	return part
}

// typed are the components of a type, in the order of their ids.
func typed(of section, kind string) (found []section) {
	for _, id := range slices.Sorted(maps.Keys(of)) {
		if name, _, _ := strings.Cut(id, "/"); name == kind {
			if part, ok := of[id].(section); ok {
				found = append(found, part)
			}
		}
	}
	return found
}

// keepMakers removes what none of the makers' pipelines uses: the profile's own side
// would want its database and its consent.
func keepMakers(all section) {
	service := under(all, "service")
	every := under(service, "pipelines")
	used := map[string]map[string]bool{}
	use := func(ids any, groups ...string) {
		list, _ := ids.([]any)
		for _, id := range list {
			for _, group := range groups {
				if text, ok := id.(string); ok {
					used[group][text] = true
				}
			}
		}
	}
	for _, group := range groups {
		used[group] = map[string]bool{}
	}
	for name := range every {
		if !slices.Contains(pipelines, name) {
			delete(every, name)
			continue
		}
		pipeline := under(every, name)
		use(pipeline["receivers"], "receivers", "connectors")
		use(pipeline["processors"], "processors")
		use(pipeline["exporters"], "exporters", "connectors")
	}
	use(service["extensions"], "extensions")
	for _, group := range groups {
		maps.DeleteFunc(under(all, group), func(id string, _ any) bool { return !used[group][id] })
	}
}
