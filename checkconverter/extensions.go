// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"maps"
	"slices"
)

// ours are the component types whose keys name extensions.
var ours = []string{"appusage", "anonymizer", "collect", "fleet", "headcount"}

// references are the keys by which our components name an extension.
type references struct {
	Consent      string `mapstructure:"consent"`
	Ledger       string `mapstructure:"ledger"`
	Storage      string `mapstructure:"storage"`
	SendingQueue struct {
		Storage string `mapstructure:"storage"`
	} `mapstructure:"sending_queue"`
}

// unknownExtensions finds extensions that a component asks for and that are not there, or not started.
func unknownExtensions(s *site) []string {
	var warnings []string
	for _, group := range []struct {
		name     string
		sections map[string]any
	}{{"extensions", s.Extensions}, {"receivers", s.Receivers}, {"processors", s.Processors}, {"connectors", s.Connectors}, {"exporters", s.Exporters}} {
		for _, id := range slices.Sorted(maps.Keys(group.sections)) {
			var r references
			if !slices.Contains(ours, typeOf(id)) || !decode(group.sections[id], &r) {
				continue
			}
			for _, key := range []struct{ name, asked string }{
				{"consent", r.Consent}, {"ledger", r.Ledger}, {"storage", r.Storage}, {"sending_queue::storage", r.SendingQueue.Storage},
			} {
				if problem := s.missing(key.asked); problem != "" {
					warnings = append(warnings, fmt.Sprintf("%s::%s::%s: %s", group.name, id, key.name, problem))
				}
			}
		}
	}
	return warnings
}

func (s *site) missing(id string) string {
	if id == "" {
		return ""
	}
	if _, configured := s.Extensions[id]; !configured {
		return fmt.Sprintf("%q is not configured: add it under extensions and to service::extensions, or write one of %q", id, slices.Sorted(maps.Keys(s.Extensions)))
	}
	if !slices.Contains(s.Service.Extensions, id) {
		return fmt.Sprintf("%q is configured, but not started: add it to service::extensions", id)
	}
	return ""
}
