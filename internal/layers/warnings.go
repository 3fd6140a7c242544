// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/internal/spelling"
)

// said is what a layer says under a key.
type said struct {
	entry Entry
	layer Layer
}

// reading is what the layers so far say, and what of it was said in vain.
type reading struct {
	before   map[string]said
	removed  map[string]said // by a null
	warnings []string
	repeated int // entries of the layer that change nothing
}

// Warnings finds what a layer says in vain: a null for what is not there, a value that is there already, and
// one that a later profile takes back.
func Warnings(all []Layer) []string {
	r := reading{before: map[string]said{}, removed: map[string]said{}}
	for i, layer := range all {
		r.repeated = 0
		if layer.blank {
			r.warn("%s: holds nothing, so it changes nothing", layer.Name)
		}
		for e := range layer.Entries() {
			if !layer.Embedded {
				r.emptied(e, layer)
			}
			if e.Path[0] == "service" && len(e.Path) > 1 {
				r.keep(e, layer)
			}
			if !ofOurs(e.Path) {
				continue
			}
			if !layer.Embedded {
				r.eights(e, layer)
			}
			if i > 0 {
				r.compare(e, layer)
			}
			r.keep(e, layer)
		}
		if r.repeated > shown {
			r.warn("%s: %d more of its entries change nothing", layer.Name, r.repeated-shown)
		}
	}
	return r.warnings
}

func (r *reading) warn(format string, args ...any) {
	r.warnings = append(r.warnings, fmt.Sprintf(format, args...))
}

// compare finds what an entry, or an earlier one under its key, says in vain.
func (r *reading) compare(e Entry, layer Layer) {
	key := e.Key()
	at := fmt.Sprintf("%s:%d: %s", layer.Name, e.Line, key)
	earlier, there := r.before[key]
	lost, wasRemoved := r.removed[key]
	switch {
	case len(e.Path) == 2: // of which emptied tells
	case e.isNull() && !there && !isCondition(e):
		r.warn("%s: null takes nothing away, because no file before this one has such an entry%s: correct the name, or remove the line", at, r.likely(key))
	case there && !layer.Embedded && e.isEmpty():
		r.warn("%s: {} changes nothing of what %s says in line %d: write null to take it away, or name what is to change", at, earlier.layer.Name, earlier.entry.Line)
	case there && !layer.Embedded && sameText(e, earlier.entry):
		if r.repeated++; r.repeated <= shown {
			r.warn("%s: changes nothing: %s says the same in line %d; write another value, or remove the line", at, earlier.layer.Name, earlier.entry.Line)
		}
	case !there && !layer.Embedded && isNoRule(e) && r.layerOf(parentOf(key)) != "":
		r.warn("%s: says nothing, because a rule takes effect by being there: write null in place of it all to have it not leave, or remove the line", at)
	case there && takesBack(layer, e) && !earlier.layer.Embedded && differs(e, earlier.entry):
		r.takenBack(earlier, layer)
	case wasRemoved && takesBack(layer, e) && !lost.layer.Embedded && !e.isNull():
		r.takenBack(lost, layer)
	}
}

// emptied finds an entry that takes away all that an earlier layer says under its key: a section or a component that
// is followed by nothing, and what a variable brings that is not set.
func (r *reading) emptied(e Entry, layer Layer) {
	isSection, isComponent := len(e.Path) == 1 && slices.Contains(groups, e.Path[0]), len(e.Path) == 2 && ofOurs(e.Path)
	at, lost := fmt.Sprintf("%s:%d: %s", layer.Name, e.Line, e.Key()), ""
	if name := r.layerOf(e.Key()); name != "" {
		lost = fmt.Sprintf(", which takes away all that %s says of it", name)
	}
	switch variable := e.unset(); {
	case variable != "" && (isComponent || lost != "" && (isSection || ofOurs(e.Path))):
		r.warn("%s: is empty, because the environment variable %s is not set%s: set it, or remove the line", at, variable, lost)
	case e.isNull() && lost != "" && (isSection || isComponent && !layer.replaces(e.Path)):
		r.warn("%s: is empty%s: is what follows indented too little?", at, lost)
	case e.isEmpty() && lost != "" && (isSection || isComponent || e.Path[0] == "service"):
		r.warn("%s: {} changes nothing of what %s says of it: write null to take it away, or name what is to change", at, r.layerOf(e.Key()))
	}
}

func (r *reading) takenBack(s said, by Layer) {
	r.warn("%s:%d: %s: has no effect: %s comes later and says otherwise; name %s after it", s.layer.Name, s.entry.Line, s.entry.Key(), by.Name, s.layer.Name)
}

func (r *reading) keep(e Entry, layer Layer) {
	key := e.Key()
	if e.isNull() {
		r.forget(key)
		r.removed[key] = said{e, layer}
	} else {
		delete(r.removed, key)
		r.before[key] = said{e, layer}
	}
}

// replaces reports whether the layer has another component of the same type, as one that stands in for this one.
func (l Layer) replaces(component []string) bool {
	kind, _, _ := strings.Cut(component[1], "/")
	for e := range l.Entries() {
		if len(e.Path) == 2 && e.Path[0] == component[0] && e.Path[1] != component[1] {
			if other, _, _ := strings.Cut(e.Path[1], "/"); other == kind {
				return true
			}
		}
	}
	return false
}

// layerOf is the name of a layer that says something under the key.
func (r *reading) layerOf(key string) string {
	for other, s := range r.before {
		if strings.HasPrefix(other, key+"::") {
			return s.layer.Name
		}
	}
	return ""
}

// shown is how many entries that change nothing are named one by one.
const shown = 3

// ofOurs reports whether the path is a component of ours, or lies within it.
func ofOurs(path []string) bool {
	if len(path) < 2 || !slices.Contains(groups, path[0]) {
		return false
	}
	kind, _, _ := strings.Cut(path[1], "/")
	return slices.Contains([]string{"headcount", "appusage", "collect", "installation", "anonymizer", "fleet"}, kind)
}

// takesBack reports whether what the layer says is no overlay's purpose: a profile says everything anew, an
// overlay of ours may only have other rules in mind, and a maker's own file may share its plumbing with others.
func takesBack(l Layer, e Entry) bool {
	switch {
	case isMode(e):
		return false
	case l.Embedded:
		return l.Whole || e.Path[0] == "processors" && len(e.Path) > 3
	}
	return l.Profile && (e.Path[0] == "processors" || e.Path[0] == "exporters" && len(e.Path) > 2 && e.Path[2] == "stats")
}

// isCondition reports whether the entry is one of a reading's `where`, in which null stands for NULL.
func isCondition(e Entry) bool {
	return e.Path[0] == "receivers" && len(e.Path) > 5 && slices.Contains(e.Path[4:len(e.Path)-1], "where")
}

// isNoRule reports whether the entry turns off what no rule before it says: `keep: false` is none that lets less pass.
func isNoRule(e Entry) bool {
	text, isLeaf := e.text()
	if !isLeaf || e.Path[0] != "processors" || len(e.Path) != 5 {
		return false
	}
	switch e.Path[4] {
	case "keep", "drop", "redact":
		return text == "false"
	case "suppress_below":
		return text == "0"
	default:
		return false
	}
}

func parentOf(key string) string {
	parent, _ := cut(key)
	return parent
}

// isMode reports whether the entry is the mode of a headcount extension, of which loosened tells.
func isMode(e Entry) bool {
	return len(e.Path) == 3 && e.Path[0] == "extensions" && e.Path[2] == "mode"
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

func (r *reading) forget(key string) {
	for other := range r.before {
		if other == key || strings.HasPrefix(other, key+"::") {
			delete(r.before, other)
		}
	}
}

// likely names the entry that was probably meant.
func (r *reading) likely(key string) string {
	parent, name := cut(key)
	var beside []string
	for other := range r.before {
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
