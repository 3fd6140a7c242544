// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount"
	"github.com/headcount-otel/headcount/trust"
)

// unaskedComponents finds components that read or send beside a headcount extension, and do not say whether they
// ask it. What lies between them has nothing to do where these are silent.
func unaskedComponents(s *site) []string {
	extension := slices.IndexFunc(s.started, func(id string) bool { return of[headcount.Config](s.extensions, id) != nil })
	if extension < 0 {
		return nil
	}
	var warnings []string
	for _, kind := range []section{s.receivers, s.exporters} {
		for _, id := range kind.ids() {
			if asks, has := consentOf(kind.configs[id]); has && !asks && s.runs(id) {
				warnings = append(warnings, fmt.Sprintf("%s::%s::consent: missing beside extensions::%s: write consent: %s, or consent: none for what is no part of what was asked",
					kind.name, id, s.started[extension], s.started[extension]))
			}
		}
	}
	return warnings
}

// consentOf reads whether a configuration has the key, and whether it is written.
func consentOf(cfg component.Config) (asks, has bool) {
	v := reflect.ValueOf(cfg)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return false, false
	}
	consent := v.Elem().FieldByName("Consent")
	if !consent.IsValid() {
		return false, false
	}
	return !consent.IsZero(), true
}

// runs reports whether a pipeline has the component.
func (s *site) runs(id string) bool {
	for _, p := range s.pipelines {
		if slices.Contains(p.Receivers, id) || slices.Contains(p.Processors, id) || slices.Contains(p.Exporters, id) {
			return true
		}
	}
	return false
}

// silencedSignals finds files that would take a variable's say away.
func silencedSignals(s *site) []string {
	var warnings []string
	for _, id := range slices.Sorted(maps.Keys(s.environment)) {
		written := s.environment[id]
		for _, name := range slices.Sorted(maps.Keys(written)) {
			key := fmt.Sprintf("extensions::%s::environment::%s", id, name)
			meaning, always := trust.Everywhere()[name]
			switch {
			case written[name] == nil:
				warnings = append(warnings, key+": null would take away a way to say no: a file may add variables, not remove them; remove the entry")
			case always && written[name] != string(meaning):
				warnings = append(warnings, fmt.Sprintf("%s: %v is not what everybody means by it: write %s, or remove the entry", key, written[name], meaning))
			}
		}
	}
	return warnings
}
