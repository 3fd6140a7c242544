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
	ofPath   = regexp.MustCompile(`\b(?:extensions|receivers|processors|connectors|exporters|service)::[^\n]+`)
	variable = regexp.MustCompile(`\$\{env:([A-Za-z_][A-Za-z0-9_]*)`)
)

// Locate says in which file and line the keys stand that an error names, and which environment variables their values
// come from. An error that names none is not located.
func Locate(all []Layer, message string) []string { return LocatePaths(all, pathsIn(message)) }

// LocatePaths says the same of keys that are known.
func LocatePaths(all []Layer, paths [][]string) (found []string) {
	for _, path := range paths {
		if at := locate(all, path); at != "" && !slices.Contains(found, at) {
			found = append(found, at)
		}
	}
	return found
}

// pathsIn are the keys that an error names, each as what it may be: the whole of it need not be a path.
func pathsIn(message string) (paths [][]string) {
	for line := range strings.Lines(message) {
		if m := ofPath.FindString(strings.TrimSpace(line)); m != "" {
			var path []string
			for part := range strings.SplitSeq(m, ": ") {
				path = append(path, strings.Split(part, "::")...)
			}
			paths = append(paths, path)
		}
	}
	return paths
}

// At says in which file and line a key stands; the last that says it, and empty where none does.
func At(all []Layer, key string) string {
	return locate(all, strings.Split(key, confmap.KeyDelimiter))
}

// Place says in which file and line the last layer that has a key writes it, without its name; empty where none does.
func Place(all []Layer, key string) (at string) {
	path := strings.Split(key, confmap.KeyDelimiter)
	for _, layer := range all {
		for e := range layer.Entries() {
			if slices.Equal(e.Path, path) {
				at = fmt.Sprintf("%s:%d", layer.Name, e.Line)
			}
		}
	}
	return at
}

// Written is what the last layer that has a key writes under it, as it stands there; whether it is a text in quotes or
// without, and what a person would call it, which is Keys for a map that has any. All are empty where no layer has it.
func Written(all []Layer, path []string) (value string, isText bool, kind string) {
	for _, layer := range all {
		for e := range layer.Entries() {
			if !slices.Equal(e.Path, path) {
				continue
			}
			value, isText, kind = "", false, Keys
			if text, isLeaf := e.text(); isLeaf {
				value, isText, kind = text, e.Value.Tag == "!!str", kinds[e.Value.Tag]
			}
		}
	}
	return value, isText, kind
}

// YesOrNo is what true and false are.
const YesOrNo = "a yes or no"

// Keys is what stands in the place of a value, as where a text in braces lacks its quotes.
const Keys = "keys"

// kinds are YAML's kinds of values in a person's words.
var kinds = map[string]string{
	"!!str": "a text", "!!int": "a number", "!!float": "a number", "!!bool": YesOrNo, "!!seq": "a list", "!!map": "a map", "!!timestamp": "a time",
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
