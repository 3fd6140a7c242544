// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/trust"
)

// Signal is a variable by which somebody may say no, as one of the layers names it.
type Signal struct {
	// Extension is the id of the headcount extension that the layer gives it to.
	Extension string
	// Variable is the environment variable's name.
	Variable string
	// Meaning is how it is read: opt_out, opt_in or mode.
	Meaning string
	// Layer is the name of the layer.
	Layer string
}

// Signals are all that any layer names, whatever the layers after it say. Those that
// are heard everywhere need nobody to name them.
func Signals(all []Layer) (signals []Signal) {
	for _, layer := range all {
		sections := layer.headcounts()
		for _, id := range slices.Sorted(maps.Keys(sections)) {
			environment, _ := sections[id]["environment"].(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(environment)) {
				meaning, _ := environment[name].(string)
				if meaning != "" && meaning != string(trust.Everywhere()[name]) {
					signals = append(signals, Signal{id, name, meaning, layer.Name})
				}
			}
		}
	}
	return signals
}

// Silenced are, by extension in service and variable, the meanings that a layer gave
// and a later one took away: by another list, another id, another meaning, or null.
// What an extension heard that is not in service any more is for all that are, and for
// those that components ask by now which an earlier layer has ask it.
func Silenced(all []Layer, merged *confmap.Conf) map[string]map[string][]string {
	silenced := map[string]map[string][]string{}
	inService := Headcounts(merged)
	for _, signal := range Signals(all) {
		heirs := inService
		if slices.Contains(inService, signal.Extension) {
			heirs = append(successors(all, merged, signal.Extension), signal.Extension)
		}
		for _, id := range heirs {
			said := merged.Get(strings.Join([]string{"extensions", id, "environment", signal.Variable}, confmap.KeyDelimiter))
			if said == signal.Meaning || slices.Contains(silenced[id][signal.Variable], signal.Meaning) {
				continue
			}
			if silenced[id] == nil {
				silenced[id] = map[string][]string{}
			}
			silenced[id][signal.Variable] = append(silenced[id][signal.Variable], signal.Meaning)
		}
	}
	return silenced
}

// successors are the extensions that a component asks in place of the given one.
func successors(all []Layer, merged *confmap.Conf, extension string) (ids []string) {
	inService := Headcounts(merged)
	for _, layer := range all {
		for e := range layer.Entries() {
			if len(e.Path) != 3 || e.Path[2] != "consent" || e.Value.Value != extension {
				continue
			}
			asked, _ := merged.Get(e.Key()).(string)
			if asked != extension && slices.Contains(inService, asked) && !slices.Contains(ids, asked) {
				ids = append(ids, asked)
			}
		}
	}
	return ids
}

// TakenAway warns of what a later layer takes from an earlier one's ways to say no.
func TakenAway(all []Layer, merged *confmap.Conf) (warnings []string) {
	silenced := Silenced(all, merged)
	for _, id := range slices.Sorted(maps.Keys(silenced)) {
		for _, variable := range slices.Sorted(maps.Keys(silenced[id])) {
			for _, meaning := range silenced[id][variable] {
				warnings = append(warnings, fmt.Sprintf("extensions::%s::environment::%s: %s names it (%s), and a later file takes it away or reads it otherwise: it keeps its say, so write %s: %s here too",
					id, variable, firstToName(all, variable, meaning), meaning, variable, meaning))
			}
		}
	}
	return append(warnings, loosened(all, merged)...)
}

func firstToName(all []Layer, variable, meaning string) string {
	for _, signal := range Signals(all) {
		if signal.Variable == variable && signal.Meaning == meaning {
			return signal.Layer
		}
	}
	return ""
}

// headcounts are the sections of the headcount extensions in a layer, by id.
func (l Layer) headcounts() map[string]map[string]any {
	found := map[string]map[string]any{}
	sections, _ := l.extensions.(map[string]any)
	for id, section := range sections {
		if kind, _, _ := strings.Cut(id, "/"); kind == "headcount" {
			found[id], _ = section.(map[string]any)
		}
	}
	return found
}

// Headcounts are the ids of the headcount extensions in service.
func Headcounts(merged *confmap.Conf) (ids []string) {
	started, _ := merged.Get("service::extensions").([]any)
	for _, id := range started {
		if text, ok := id.(string); ok {
			if kind, _, _ := strings.Cut(text, "/"); kind == "headcount" {
				ids = append(ids, text)
			}
		}
	}
	return ids
}
