// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conf

import (
	"maps"

	"go.opentelemetry.io/collector/confmap"
)

// Overlay lays changes over a resolved configuration. Merge alone would put them in the
// place of a section that a file brought as a whole, such as `headcount: ${file:consent.yaml}`.
func Overlay(conf *confmap.Conf, changes map[string]any) error {
	before := underChange(conf, changes)
	if err := conf.Merge(confmap.NewFromStringMap(changes)); err != nil {
		return err
	}
	return conf.Merge(confmap.NewFromStringMap(displaced(before, underChange(conf, changes), changes)))
}

// underChange are the sections at the top that change: to copy all others takes long.
func underChange(conf *confmap.Conf, changes map[string]any) map[string]any {
	sections := map[string]any{}
	for key := range changes {
		sections[key] = conf.Get(key)
	}
	return sections
}

// displaced are the sections on the way of the changes that lost keys by them, each with all of its keys.
func displaced(before, after, changes map[string]any) map[string]any {
	all := map[string]any{}
	for key := range changes {
		change, isSection := changes[key].(map[string]any)
		was, wasSection := before[key].(map[string]any)
		is, _ := after[key].(map[string]any)
		switch {
		case !isSection || !wasSection:
		case !hasKeysOf(is, was):
			all[key] = laidOver(was, change)
		default:
			if below := displaced(was, is, change); len(below) > 0 {
				all[key] = below
			}
		}
	}
	return all
}

func hasKeysOf(section, other map[string]any) bool {
	for key := range other {
		if _, has := section[key]; !has {
			return false
		}
	}
	return true
}

func laidOver(section, changes map[string]any) map[string]any {
	all := maps.Clone(section)
	for key, value := range changes {
		above, isSection := value.(map[string]any)
		below, wasSection := all[key].(map[string]any)
		if isSection && wasSection {
			value = laidOver(below, above)
		}
		all[key] = value
	}
	return all
}
