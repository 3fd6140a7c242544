// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var octal = regexp.MustCompile(`^[-+]?0[0-7_]+$`)

// eights warns of numbers that begin with a zero: this program's YAML counts them in eights, and newer YAML in tens.
func (r *reading) eights(e Entry, layer Layer) {
	for _, node := range append([]*yaml.Node{e.Value}, e.Value.Content...) {
		if e.Value.Kind == yaml.MappingNode || node.Kind != yaml.ScalarNode || node.Tag != "!!int" || !octal.MatchString(node.Value) {
			continue
		}
		var number int64
		inTens, _ := strconv.ParseInt(strings.ReplaceAll(node.Value, "_", ""), 10, 64)
		if node.Decode(&number) == nil && number != inTens {
			r.warn("%s:%d: %s: %s is read as %d, because a number that begins with a zero counts in eights: write it without the zero, or, if it is a text, in quotes", layer.Name, node.Line, e.Key(), node.Value, number)
		}
	}
}
