// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var errTag = &source.Error{Reason: "the value has a tag that only its application knows, and may stand for another: point to a plain value"}

// aside are the nodes of a YAML document in which readers differ, and why.
type aside map[*yaml.Node]*source.Error

// set takes what readers differ in out of the tree, some of which would keep the library from reading the rest.
func (a aside) set(node *yaml.Node) {
	if strings.HasPrefix(node.Tag, "!") && !strings.HasPrefix(node.Tag, "!!") {
		a[node] = errTag
	}
	if node.Kind == yaml.MappingNode {
		a.setRepeated(node)
	}
	for _, child := range node.Content {
		a.set(child)
	}
}

// setRepeated leaves of each key that is a scalar of a mapping one, without its value where there are several. Of
// several merges it is not said whose members are nearer: with them the mapping itself is unclear.
func (a aside) setRepeated(mapping *yaml.Node) {
	type name struct {
		kind  yaml.Kind
		value string
	}
	first := map[name]int{}
	var once []*yaml.Node
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		at, met := first[name{key.Kind, key.Value}]
		switch {
		case anchored(key).Kind != yaml.ScalarNode: // the library reads none with it, and no pointer names it
		case !met:
			first[name{key.Kind, key.Value}] = len(once)
			once = append(once, key, value)
		case key.Tag == "!!merge":
			a[mapping] = errTwice
		default:
			nothing := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
			once[at+1], a[nothing] = nothing, errTwice
		}
	}
	mapping.Content = once
}
