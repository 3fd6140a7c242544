// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

var (
	ofComponent = regexp.MustCompile(`'(\w+)' error reading configuration for "([^"]+)"`)
	invalidKeys = regexp.MustCompile(`(?:'([^']*)' )?has invalid keys: ([^\n]+)`)
	decodes     = regexp.MustCompile(`^'([^']*)' decoding failed`)
	ownUnknown  = regexp.MustCompile(`unknown key "([^"]+)"`)
	ofPath      = regexp.MustCompile(`\b(?:extensions|receivers|processors|connectors|exporters|service)::[^\n]+`)
	variable    = regexp.MustCompile(`\$\{env:([A-Za-z_][A-Za-z0-9_]*)`)
)

// wholeFile is what the Collector calls the top of a configuration.
const wholeFile = "otelcol.configSettings"

// Locate says in which file and line the keys stand that an error of the Collector names, and which environment
// variables their values come from. An error that names none is not located.
func Locate(all []Layer, message string) []string {
	var found []string
	for _, path := range pathsIn(message) {
		if at := locate(all, path); at != "" && !slices.Contains(found, at) {
			found = append(found, at)
		}
	}
	return found
}

// pathsIn are the keys that an error names, each as what it may be: the whole of it need not be a path.
func pathsIn(message string) (paths [][]string) {
	var component, under []string
	for line := range strings.Lines(message) {
		if m := ofComponent.FindStringSubmatch(line); m != nil {
			component, under = m[1:], nil
		} else if m := decodes.FindStringSubmatch(line); m != nil {
			under = slices.Concat(under, fieldPath(m[1]))
		}
		if m := invalidKeys.FindStringSubmatch(line); m != nil {
			if m[1] == wholeFile {
				m[1] = ""
			}
			for key := range strings.SplitSeq(m[2], ", ") {
				paths = append(paths, slices.Concat(component, under, fieldPath(m[1]), []string{strings.TrimSpace(key)}))
			}
		}
		if m := ownUnknown.FindStringSubmatch(line); m != nil && component != nil {
			paths = append(paths, slices.Concat(component, []string{m[1]}))
		}
		if m := ofPath.FindString(line); m != "" {
			var path []string
			for part := range strings.SplitSeq(m, ": ") {
				path = append(path, strings.Split(part, "::")...)
			}
			paths = append(paths, path)
		}
	}
	return paths
}

// fieldPath splits a path as the decoder writes it: metrics[shop.orders].round.
func fieldPath(text string) (path []string) {
	for text != "" {
		name, rest, isEntry := strings.Cut(text, "[")
		path = append(path, strings.FieldsFunc(name, func(r rune) bool { return r == '.' })...)
		if !isEntry {
			break
		}
		key, after, _ := strings.Cut(rest, "]")
		path, text = append(path, key), after
	}
	return path
}

// At says in which file and line a key stands; the last that says it, and empty where none does.
func At(all []Layer, key string) string {
	return locate(all, strings.Split(key, confmap.KeyDelimiter))
}

// locate finds the entry that follows the path furthest down, in the last layer that has it.
func locate(all []Layer, path []string) string {
	best, deepest := "", 1
	for _, layer := range all {
		for e := range layer.Entries() {
			depth := min(len(e.Path), len(path)) // a key may be written as a::b::c
			if depth < deepest || !slices.Equal(e.Path[:depth], path[:depth]) {
				continue
			}
			isBelow := len(e.Path) > depth
			if isBelow && depth == deepest && best != "" {
				continue
			}
			deepest = depth
			best = fmt.Sprintf("%s:%d: %s", layer.Name, e.Line, e.Key())
			if isBelow && layer.Name == "--set" {
				best += ", where each dot begins a new key: a name that has dots is set by --config 'yaml:a::b.c: value'"
			}
			if text, isLeaf := e.text(); isLeaf {
				if m := variable.FindStringSubmatch(text); m != nil {
					best += ", whose value may come from the environment variable " + m[1]
				}
			}
		}
	}
	if deepest < min(2, len(path)) {
		return ""
	}
	return best
}
