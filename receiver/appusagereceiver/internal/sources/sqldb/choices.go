// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// choice is one value of an enumeration, as types write them: 'it”s'.
var choice = regexp.MustCompile(`'((?:[^']|'')*)'`)

// isChoice reports that the column's type lists what it can hold: an enumeration, or a set of such values.
func (c column) isChoice() bool { return isType(c.typeName, "ENUM", "SET") }

// choices are the values that the type lists.
func (c column) choices() (values []string) {
	for _, found := range choice.FindAllStringSubmatch(c.typeName, -1) {
		values = append(values, strings.ReplaceAll(found[1], "''", "'"))
	}
	return values
}

// admits refuses a text that is none of the column's choices: no row would meet it, whatever was meant.
func (c column) admits(name, text string) error {
	if !c.isChoice() || c.canHold(text) {
		return nil
	}
	return refused(fmt.Sprintf("where::%s: the column can never hold %q: write one of %s", name, text, few(c.choices())))
}

// canHold reports whether a text is one of the choices, or of a set several, in the type's order. The column's collation
// stands behind the type; an empty text is what MySQL makes of a value that is no choice.
func (c column) canHold(text string) bool {
	same := func(a, b string) bool { return a == b }
	if strings.HasSuffix(c.typeName, "_ci") {
		same = strings.EqualFold
	}
	parts, rest := []string{text}, c.choices()
	switch {
	case text == "":
		return true
	case isType(c.typeName, "SET"):
		parts = strings.Split(text, ",")
	}
	for _, part := range parts {
		at := slices.IndexFunc(rest, func(listed string) bool { return same(listed, part) })
		if at < 0 {
			return false
		}
		rest = rest[at+1:]
	}
	return true
}

// few are the first of many values, for a message.
func few(values []string) string {
	if most := 30; len(values) > most {
		values = append(values[:most:most], "…")
	}
	return strings.Join(values, ", ")
}
