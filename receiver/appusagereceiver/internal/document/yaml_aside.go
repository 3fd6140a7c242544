// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errSwitch = &source.Error{Reason: "it is a boolean to some readers of YAML and a text to others: write `type: bool` or `type: string`"}
	errSixty  = &source.Error{Reason: "it is a number to the base 60 to some readers of YAML and a text to others: write `type: string`, or let the application write it in quotes"}

	switches = regexp.MustCompile(`^(?:[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF)$`)
	sixties  = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$`)
)

// disputedYAML is why readers of version 1.1, which most libraries still are, take a text for something else.
func disputedYAML(text *yaml.Node) *source.Error {
	switch isPlain := text.Kind == yaml.ScalarNode && text.Style == 0 && text.Tag == "!!str"; {
	case isPlain && switches.MatchString(text.Value):
		return errSwitch
	case isPlain && sixties.MatchString(text.Value):
		return errSixty
	default:
		return nil
	}
}

var errTag = &source.Error{Reason: "the value has a tag that only its application knows, or that does not fit, and may stand for another: point to a plain value"}

// aside are the nodes of a YAML document in which readers differ, and why.
type aside map[*yaml.Node]*source.Error

// set takes what readers differ in out of the tree, some of which would keep the library from reading the rest.
func (a aside) set(node *yaml.Node) {
	if strings.HasPrefix(node.Tag, "!") && !strings.HasPrefix(node.Tag, "!!") {
		a[node] = errTag
	}
	var value any
	if node.Kind == yaml.ScalarNode && node.Style&yaml.TaggedStyle != 0 && node.Decode(&value) != nil { // as `!!bool yes`
		a[node], node.Tag = errTag, "!!str"
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
