// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/otelcol"
)

// Program is one of the two distributions.
type Program struct {
	Name, Whose, Build, Manifest string
	// Has are the types of its components, by their group.
	Has map[string][]string
}

// Programs are the two distributions. A test of each compares it with what is built.
var Programs = []Program{
	{
		Name: "headcount", Whose: "the operator's program", Build: "make build", Manifest: "builder-config.yaml",
		Has: map[string][]string{
			"connectors": {"fleet"},
			"exporters":  {"collect", "debug", "nop", "otlp_http", "otlphttp"},
			"extensions": {"file_storage", "headcount", "health_check"},
			"processors": {"anonymizer", "batch", "installation", "memory_limiter"},
			"receivers":  {"appusage", "collect", "otlp"},
		},
	},
	{
		Name: "headcount-makers", Whose: "the makers' program", Build: "make makers", Manifest: "builder-config-makers.yaml",
		Has: map[string][]string{
			"connectors": {"fleet"},
			"exporters":  {"clickhouse", "debug", "kafka", "nop", "otlp_http", "otlphttp", "prometheus"},
			"extensions": {"file_storage", "health_check", "zpages"},
			"processors": {"anonymizer", "batch", "memory_limiter"},
			"receivers":  {"collect", "kafka", "otlp"},
		},
	},
}

// lacks tells whether only the other program has a type.
func (p Program) lacks(other Program, group, kind string) bool {
	return slices.Contains(other.Has[group], kind) && !slices.Contains(p.Has[group], kind)
}

// withOtherProgram lets a configuration that needs the other program say so, before the Collector calls its
// components unknown.
func withOtherProgram(set otelcol.CollectorSettings) otelcol.CollectorSettings {
	resolver := &set.ConfigProviderSettings.ResolverSettings
	resolver.ConverterFactories = append(slices.Clone(resolver.ConverterFactories),
		confmap.NewConverterFactory(func(confmap.ConverterSettings) confmap.Converter { return otherProgram(set.BuildInfo.Command) }))
	return set
}

// otherProgram is the name of this program.
type otherProgram string

// Convert implements confmap.Converter. What only the other program has is an error where it is used; where no
// pipeline uses it, it is left out, as the Collector leaves out what is not used.
func (name otherProgram) Convert(_ context.Context, conf *confmap.Conf) error {
	at := slices.IndexFunc(Programs, func(p Program) bool { return p.Name == string(name) })
	if at < 0 {
		return nil // a Collector of somebody's own
	}
	this, other := Programs[at], Programs[1-at]
	used := usedIn(conf)
	var errs error
	for _, group := range slices.Sorted(maps.Keys(other.Has)) {
		components, _ := conf.Get(group).(map[string]any)
		for _, id := range slices.Sorted(maps.Keys(components)) {
			kind, _, _ := strings.Cut(id, "/")
			switch {
			case !this.lacks(other, group, strings.TrimSpace(kind)):
			case used[id]:
				errs = errors.Join(errs, fmt.Errorf("%s::%s: this is %s, %s, which has no such %s; %s, %s, has it: \"%s\" builds _build/%s from %s",
					group, id, this.Name, this.Whose, strings.TrimSuffix(group, "s"), other.Name, other.Whose, other.Build, other.Name, other.Manifest))
			default:
				conf.Delete(group + confmap.KeyDelimiter + id)
			}
		}
	}
	return errs
}

// usedIn are the ids that the service names.
func usedIn(conf *confmap.Conf) map[string]bool {
	var service struct {
		Extensions []string `mapstructure:"extensions"`
		Pipelines  map[string]struct {
			Receivers  []string `mapstructure:"receivers"`
			Processors []string `mapstructure:"processors"`
			Exporters  []string `mapstructure:"exporters"`
		} `mapstructure:"pipelines"`
	}
	used := map[string]bool{}
	part, err := conf.Sub("service")
	if err != nil || part.Unmarshal(&service, confmap.WithIgnoreUnused()) != nil {
		return used // the Collector is about to say it
	}
	for _, id := range service.Extensions {
		used[id] = true
	}
	for _, pipeline := range service.Pipelines {
		for _, id := range slices.Concat(pipeline.Receivers, pipeline.Processors, pipeline.Exporters) {
			used[id] = true
		}
	}
	return used
}

// Types are those of a distribution, by their group.
func Types(factories otelcol.Factories) map[string][]string {
	return map[string][]string{
		"extensions": names(factories.Extensions),
		"receivers":  names(factories.Receivers),
		"processors": names(factories.Processors),
		"exporters":  names(factories.Exporters),
		"connectors": names(factories.Connectors),
	}
}

func names[F component.Factory](factories map[component.Type]F) []string {
	var all []string
	for kind := range factories {
		all = append(all, kind.String())
	}
	slices.Sort(all)
	return all
}
