// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/internal/spelling"
	"github.com/headcount-otel/headcount/trust"
)

// reference is a variable that a value takes: ${env:NAME}, ${NAME}, each with a default or without.
var reference = regexp.MustCompile(`\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-[^}]*)?\}`)

// MisspeltVariables finds variables that hardly anybody means: a file that names one beside which ours know another
// that is spelt almost the same, and one that is set, that nothing reads, and beside which a way to say no is.
func MisspeltVariables(all []Layer, environment []string) (warnings []string) {
	known, signals, read := trust.Everywhere(), trust.Everywhere(), map[string]bool{}
	for _, layer := range all {
		for e := range layer.Entries() {
			for _, name := range variablesOf(e) {
				if read[name] = true; layer.Embedded {
					known[name] = ""
				}
			}
			if isSignal(e) {
				signals[e.Path[3]] = ""
			}
		}
	}
	for _, layer := range all {
		for e := range layer.Entries() {
			for _, name := range variablesOf(e) {
				if _, isKnown := known[name]; isKnown || layer.Embedded {
					continue
				}
				if meant := spelling.Slip(name, slices.Sorted(maps.Keys(known))); meant != "" {
					warnings = append(warnings, fmt.Sprintf("%s:%d: %s: the environment variable %s is none that is known, and %s is: if that was meant, correct the name", layer.Name, e.Line, e.Key(), name, meant))
				}
			}
		}
	}
	return append(warnings, unheard(signals, read, environment)...)
}

// unheard warns of variables that are set as if to say no, and that nothing reads.
func unheard(signals map[string]trust.Signal, read map[string]bool, environment []string) (warnings []string) {
	set := map[string]string{}
	for _, variable := range environment {
		if name, value, _ := strings.Cut(variable, "="); value != "" {
			set[name] = value
		}
	}
	candidates := slices.DeleteFunc(slices.Sorted(maps.Keys(signals)), func(name string) bool { return set[name] != "" })
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if _, isSignal := signals[name]; isSignal || read[name] {
			continue
		}
		meant := spelling.Slip(name, candidates)
		if meant == "" {
			meant = akin(name, set[name], candidates)
		}
		if meant != "" {
			warnings = append(warnings, fmt.Sprintf("the environment variable %s is set, and nothing reads it: %s is the one by which usage statistics are turned off", name, meant))
		}
	}
	return warnings
}

// variablesOf are those that an entry names: as a signal, as where a reading or a URL comes from, and within its value.
func variablesOf(e Entry) (names []string) {
	if isSignal(e) {
		return []string{e.Path[3]}
	}
	text, isLeaf := e.text()
	if last := e.Path[len(e.Path)-1]; isLeaf && e.Path[0] == "receivers" && (last == "env" || last == "url_env" || last == "defaults_unless") {
		return []string{text}
	}
	if isLeaf {
		for _, found := range reference.FindAllStringSubmatch(text, -1) {
			names = append(names, found[1])
		}
	}
	return names
}

// alone is a value that is nothing but a variable, without another value for where it is not set.
var alone = regexp.MustCompile(`^\s*\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-)?\}\s*$`)

// unset is the variable that would bring all of the entry's value, and is not set; empty where there is none.
func (e Entry) unset() string {
	text, _ := e.text()
	if found := alone.FindStringSubmatch(text); found != nil && os.Getenv(found[1]) == "" {
		return found[1]
	}
	return ""
}

// isSignal reports whether the entry names a variable as a way to say no.
func isSignal(e Entry) bool {
	return len(e.Path) == 4 && e.Path[0] == "extensions" && e.Path[2] == "environment" && !e.isNull()
}
