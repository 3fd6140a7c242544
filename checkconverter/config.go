// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount"
	"github.com/headcount-otel/headcount/anonymizer"
	"github.com/headcount-otel/headcount/connector/fleetconnector"
	"github.com/headcount-otel/headcount/exporter/collectexporter"
	"github.com/headcount-otel/headcount/processor/installationprocessor"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
	"github.com/headcount-otel/headcount/receiver/collectreceiver"
)

// config is a whole configuration, as far as the checks look.
type config struct {
	extensions, receivers, processors, connectors, exporters section

	// environment is what each headcount extension writes of variables, null among it.
	environment map[string]map[string]any
	// written is each section of ours as its files have it, by its path, before it is decoded.
	written   map[string]any
	started   []string
	pipelines map[string]pipeline
}

// section is one kind of component: each by its id, with its configuration where the component is one of ours.
type section struct {
	name    string
	configs map[string]component.Config
}

type pipeline struct {
	Receivers  []string `mapstructure:"receivers"`
	Processors []string `mapstructure:"processors"`
	Exporters  []string `mapstructure:"exporters"`
}

// readConfig decodes the configuration as the Collector will: into the components' own structs, over their own
// defaults, so that no shape that a component accepts is a shape that a check does not see. Its error is one
// that the Collector is about to report itself.
func readConfig(conf *confmap.Conf) (*config, error) {
	var service struct {
		Extensions []string            `mapstructure:"extensions"`
		Pipelines  map[string]pipeline `mapstructure:"pipelines"`
	}
	under, err := conf.Sub("service")
	if err != nil {
		return nil, err
	}
	if err := under.Unmarshal(&service, confmap.WithIgnoreUnused()); err != nil {
		return nil, err
	}
	c := &config{started: service.Extensions, pipelines: service.Pipelines, environment: map[string]map[string]any{}, written: map[string]any{}}
	for _, part := range []struct {
		into *section
		name string
		ours map[string]component.Factory
	}{
		{&c.extensions, "extensions", map[string]component.Factory{"headcount": headcount.NewFactory()}},
		{&c.receivers, "receivers", map[string]component.Factory{"appusage": appusagereceiver.NewFactory(), "collect": collectreceiver.NewFactory()}},
		{&c.processors, "processors", map[string]component.Factory{"anonymizer": anonymizer.NewFactory(), "installation": installationprocessor.NewFactory()}},
		{&c.connectors, "connectors", map[string]component.Factory{"fleet": fleetconnector.NewFactory()}},
		{&c.exporters, "exporters", map[string]component.Factory{"collect": collectexporter.NewFactory()}},
	} {
		if *part.into, err = c.readSection(conf, part.name, part.ours); err != nil {
			return nil, err
		}
	}
	for id := range c.extensions.configs {
		if of[headcount.Config](c.extensions, id) != nil {
			extension, _ := c.written["extensions::"+id].(map[string]any)
			c.environment[id], _ = extension["environment"].(map[string]any)
		}
	}
	return c, nil
}

func (c *config) readSection(conf *confmap.Conf, name string, ours map[string]component.Factory) (section, error) {
	found := section{name: name, configs: map[string]component.Config{}}
	all, err := conf.Sub(name)
	if err != nil {
		return found, err
	}
	written, _ := conf.Get(name).(map[string]any)
	for id := range written {
		found.configs[id] = nil
		factory, isOurs := ours[typeOf(id)]
		if !isOurs {
			continue
		}
		own, err := all.Sub(id)
		if err != nil {
			return found, err
		}
		cfg := factory.CreateDefaultConfig()
		if err := own.Unmarshal(&cfg); err != nil {
			return found, err
		}
		found.configs[id] = cfg
		c.written[name+"::"+id] = written[id]
	}
	return found, nil
}

func (s section) ids() []string { return slices.Sorted(maps.Keys(s.configs)) }

// of is the configuration of a component of ours; nil for one of another type, or one that is not configured.
func of[C any](s section, id string) *C {
	cfg, _ := s.configs[id].(*C)
	return cfg
}

func (c *config) sections() []section {
	return []section{c.extensions, c.receivers, c.processors, c.connectors, c.exporters}
}

// running are the ids in service of one kind of component.
func (c *config) running(kind string) (ids []string) {
	if kind == "extensions" {
		return c.started
	}
	for _, name := range c.pipelineNames() {
		p := c.pipelines[name]
		for own, inPipeline := range map[string][]string{"receivers": p.Receivers, "processors": p.Processors, "exporters": p.Exporters} {
			if own == kind || kind == "connectors" && own != "processors" {
				ids = append(ids, inPipeline...)
			}
		}
	}
	return ids
}

// inService reports whether a component of a kind runs.
func (c *config) inService(kind, id string) bool { return slices.Contains(c.running(kind), id) }

func (c *config) pipelineNames() []string { return slices.Sorted(maps.Keys(c.pipelines)) }

// typeOf is a component id's type: collect of collect/makers.
func typeOf(id string) string {
	kind, _, _ := strings.Cut(id, "/")
	return kind
}

func ofType(ids []string, kind string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return typeOf(id) != kind })
}
