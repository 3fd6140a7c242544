// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// misshapen refuses a layer in which a text or a list stands where sections, components or their keys belong. Merged,
// it would take away what is below it, and `headcount: off` its own wish.
func (l Layer) misshapen() error {
	if what := notKeys(l.root); what != "" {
		return fmt.Errorf("%s: line %d: is %s, and no configuration: write sections with their keys, such as extensions: {headcount: {mode: off}}", l.Name, l.root.Line, what)
	}
	for e := range l.Entries() {
		if len(e.Path) > 2 || e.Path[0] != "service" && !slices.Contains(groups, e.Path[0]) || e.Path[0] == "service" && len(e.Path) > 1 {
			continue
		}
		if what := notKeys(e.Value); what != "" {
			if ofOurs(e.Path) && len(e.Value.Value) > 0 { // none of ours would hold a secret here
				what = fmt.Sprintf("%q, %s,", e.Value.Value, what)
			}
			return fmt.Errorf("%s:%d: %s: is %s where keys belong: %s", l.Name, e.Line, e.Key(), what, e.remedy())
		}
	}
	return nil
}

// misspelled refuses a layer in which a::b may be lost beside a: {b: …}. At the top, the Collector takes one of the two
// with all that is below it, and drops the other. Further below it takes, at each start, either of a::b and what this
// or another layer says under a: {b: …}, be it `mode: off`.
func (l Layer) misspelled() error {
	lines := map[string]int{}
	for e := range l.Entries() {
		key := e.Key()
		if e.joined {
			return fmt.Errorf("%s:%d: %s: below the top, keys that :: joins are lost by chance where another place says the same: write each in a line of its own", l.Name, e.Line, key)
		}
		if e.inherited {
			continue
		}
		if line, twice := lines[key]; twice {
			return fmt.Errorf("%s:%d: %s: stands in line %d too, in another spelling, and only one of the two would count: write all that is below it in one place", l.Name, e.Line, key, line)
		}
		lines[key] = e.Line
	}
	return nil
}

// groups are the sections that hold components.
var groups = []string{"extensions", "receivers", "processors", "connectors", "exporters"}

// notKeys says what stands in the place of keys; empty for keys, for nothing, and for what another place brings.
func notKeys(node *yaml.Node) string {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch {
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.Kind == yaml.ScalarNode && !isNull(node) && !strings.Contains(node.Value, "${"):
		return "a single value"
	default:
		return ""
	}
}

// remedy is what to write in place of an entry that holds no keys.
func (e Entry) remedy() string {
	first, _, hasColon := strings.Cut(e.Value.Value, ":")
	switch {
	case e.Value.Kind == yaml.SequenceNode:
		return "write them without dashes"
	case hasColon && isWord(first) && e.Value.Style == 0:
		return fmt.Sprintf("write a blank after the colon of %s", first)
	case len(e.Path) == 2 && strings.HasPrefix(e.Path[1], "headcount"):
		return "write them below it, such as mode: off"
	case len(e.Path) == 2 && !ofOurs(e.Path):
		return "write them below it, or, where it is a key of what stands above it, indent it further"
	default:
		return "write them below it, or null to take it away"
	}
}

func isWord(text string) bool {
	return text != "" && strings.IndexFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) }) < 0
}
