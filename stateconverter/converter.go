// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package stateconverter is a config converter for what has to be known before
// any component exists. It tells each headcount extension the folder in which its
// storage lies, and, while consent is off, takes storage that would only serve
// what is off out of service: a file storage makes its folder when it is created,
// before anybody can be asked. It leaves an otlp receiver that serves others as well
// to them.
package stateconverter // import "github.com/headcount-otel/headcount/stateconverter"

import (
	"context"
	"maps"
	"os"

	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/trust"
)

// NewFactory makes the factory of the converter.
func NewFactory() confmap.ConverterFactory {
	return confmap.NewConverterFactory(func(confmap.ConverterSettings) confmap.Converter { return converter{os.Getenv} })
}

type converter struct {
	getenv func(string) string
}

// Convert implements confmap.Converter. What it cannot read it leaves alone: the Collector is about to say it.
func (c converter) Convert(_ context.Context, site *confmap.Conf) error {
	s, ok := read(site, c.getenv)
	if !ok {
		return nil
	}
	changes := map[string]any{}
	for id, directory := range s.directories() {
		changes["extensions"] = merged(changes["extensions"], id, map[string]any{"directory": directory})
	}
	for id, folders := range s.beside() {
		changes["extensions"] = merged(changes["extensions"], id, map[string]any{"beside": folders})
	}
	for _, id := range s.sharedReceivers() {
		changes["receivers"] = merged(changes["receivers"], id, map[string]any{"consent": trust.Nobody.String()})
	}
	if needed := s.neededExtensions(); len(needed) < len(s.started) {
		changes["service"] = map[string]any{"extensions": needed}
	}
	return conf.Overlay(site, changes)
}

func merged(section any, id string, more map[string]any) map[string]any {
	all, ok := section.(map[string]any)
	if !ok {
		all = map[string]any{}
	}
	one, ok := all[id].(map[string]any)
	if !ok {
		one = map[string]any{}
	}
	maps.Copy(one, more)
	all[id] = one
	return all
}
