// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"fmt"
	"os"

	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/internal/layers"
)

// silencedSignals is a config converter that keeps each variable's say which one of the files
// gave it, and a mode that a profile after it would open: merged, they do not show
// what a later one took away. It reads the files anew at each reload.
type silencedSignals struct {
	settings  confmap.ResolverSettings
	locations []string // of all layers, once the command line is read
	all       []layers.Layer
}

func (s *silencedSignals) factory() confmap.ConverterFactory {
	return confmap.NewConverterFactory(func(confmap.ConverterSettings) confmap.Converter { return s })
}

// locating has each converter that can say where a key stands know it.
func (s *silencedSignals) locating(factories []confmap.ConverterFactory) []confmap.ConverterFactory {
	located := make([]confmap.ConverterFactory, len(factories))
	for i, factory := range factories {
		located[i] = confmap.NewConverterFactory(func(settings confmap.ConverterSettings) confmap.Converter {
			made := factory.Create(settings)
			if locates, can := made.(interface {
				Locate(at func(key string) string)
			}); can {
				locates.Locate(func(key string) string { return layers.Place(s.all, key) })
			}
			return made
		})
	}
	return located
}

// Convert implements confmap.Converter.
func (s *silencedSignals) Convert(ctx context.Context, merged *confmap.Conf) error {
	all, err := layers.Read(s.locations)
	if err != nil {
		return err
	}
	s.all = all
	layers.Expand(ctx, all, s.settings)
	for _, warning := range layers.TakenAway(all, merged) {
		fmt.Fprintln(os.Stderr, "warning:", warning)
	}
	extensions := map[string]any{}
	for id, silenced := range layers.Silenced(all, merged) {
		extensions[id] = map[string]any{"silenced": silenced}
	}
	for id, mode := range layers.Modes(all, merged) {
		section, _ := extensions[id].(map[string]any)
		if section == nil {
			section = map[string]any{}
		}
		section["mode"] = mode
		extensions[id] = section
	}
	if len(extensions) == 0 {
		return nil
	}
	return conf.Overlay(merged, map[string]any{"extensions": extensions})
}
