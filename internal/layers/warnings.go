// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/internal/spelling"
)

// said is what the layers so far say under a key.
type said struct {
	entry Entry
	layer Layer
}

// Warnings finds what a layer says in vain: a null for what is not there, a value that is there already, and
// one that a later profile takes back.
func Warnings(all []Layer) []string {
	var warnings []string
	before := map[string]said{}
	for i, layer := range all {
		repeated := 0
		for e := range layer.Entries() {
			if !ofOurs(e.Path) {
				continue
			}
			key := e.Key()
			earlier, there := before[key]
			switch at := fmt.Sprintf("%s:%d: %s", layer.Name, e.Line, key); {
			case i == 0:
			case e.isNull() && !there:
				if len(e.Path) > 2 {
					warnings = append(warnings, at+": null takes nothing away, because no file before this one has such an entry"+likely(key, before)+": correct the name, or remove the line")
				}
			case there && !layer.Embedded && sameText(e, earlier.entry):
				if repeated++; repeated <= shown {
					warnings = append(warnings, fmt.Sprintf("%s: changes nothing: %s says the same in line %d; write another value, or remove the line", at, earlier.layer.Name, earlier.entry.Line))
				}
			case there && takesBack(layer, e) && !earlier.layer.Embedded && differs(e, earlier.entry):
				warnings = append(warnings, fmt.Sprintf("%s:%d: %s: has no effect: %s comes later and says otherwise; name %s after it", earlier.layer.Name, earlier.entry.Line, key, layer.Name, earlier.layer.Name))
			}
			if e.isNull() {
				forget(before, key)
			} else {
				before[key] = said{e, layer}
			}
		}
		if repeated > shown {
			warnings = append(warnings, fmt.Sprintf("%s: %d more of its entries change nothing", layer.Name, repeated-shown))
		}
	}
	return warnings
}

// shown is how many entries that change nothing are named one by one.
const shown = 3

// ofOurs reports whether the path lies within a component of ours.
func ofOurs(path []string) bool {
	if len(path) < 3 || !slices.Contains([]string{"extensions", "receivers", "processors", "connectors", "exporters"}, path[0]) {
		return false
	}
	kind, _, _ := strings.Cut(path[1], "/")
	return slices.Contains([]string{"headcount", "appusage", "collect", "installation", "anonymizer", "fleet"}, kind)
}

// takesBack reports whether what the layer says is no overlay's purpose: a whole profile says everything anew,
// an overlay may only have other rules in mind.
func takesBack(l Layer, e Entry) bool {
	return l.Embedded && (l.Whole || e.Path[0] == "processors")
}

func sameText(a, b Entry) bool {
	one, leaf := a.text()
	other, leafToo := b.text()
	return leaf && leafToo && one == other && a.isNull() == b.isNull()
}

func differs(a, b Entry) bool {
	_, leaf := a.text()
	_, leafToo := b.text()
	return leaf && leafToo && !sameText(a, b)
}

func forget(before map[string]said, key string) {
	for other := range before {
		if other == key || strings.HasPrefix(other, key+"::") {
			delete(before, other)
		}
	}
}

// likely names the entry that was probably meant.
func likely(key string, before map[string]said) string {
	parent, name := cut(key)
	var beside []string
	for other := range before {
		if otherParent, otherName := cut(other); otherParent == parent {
			beside = append(beside, otherName)
		}
	}
	if meant := spelling.Nearest(name, beside); meant != "" {
		return " (there is " + meant + ")"
	}
	return ""
}

func cut(key string) (parent, name string) {
	at := strings.LastIndex(key, "::")
	return key[:at], key[at+2:]
}
