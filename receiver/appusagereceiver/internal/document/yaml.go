// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"go.yaml.in/yaml/v3"
)

// versionYAML is the line before a document that says its version, of which the library knows only the first.
var versionYAML = regexp.MustCompile(`^((?:[#%].*\n|\s*\n)*%YAML[ \t]+1\.)[0-9]+`)

// parseYAML reads one document; what is empty is none.
func parseYAML(data []byte) (root any, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(versionYAML.ReplaceAll(data, []byte("${1}1"))))
	var node yaml.Node
	switch err := decoder.Decode(&node); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, err
	}
	disputed := aside{}
	disputed.set(&node)
	if err := node.Decode(&root); err != nil {
		return nil, err
	}
	var next yaml.Node
	switch err := decoder.Decode(&next); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return nil, err
	case len(next.Content) == 1 && next.Content[0].Tag == "!!null":
	default:
		return nil, errors.New("more than one document")
	}
	return disputed.literal(root, node.Content[0]), nil
}

// literal gives a tree's numbers, booleans and times their literals.
func (a aside) literal(tree any, node *yaml.Node) any {
	node = anchored(node)
	if reason := a[node]; reason != nil {
		return unclear{reason}
	}
	switch v := tree.(type) {
	case int, int64, uint64, float64, bool, time.Time:
		if node.Kind == yaml.ScalarNode {
			return written{value: v, literal: node.Value}
		}
	case string:
		if reason := disputedYAML(node); reason != nil {
			return written{v, node.Value, reason}
		}
	case []any:
		for i := range v {
			v[i] = a.literal(v[i], node.Content[i])
		}
	case map[string]any:
		nodes := membersYAML(node)
		for name, member := range v {
			if of, found := nodes[name]; found {
				v[name] = a.literal(member, of)
			}
		}
	case map[any]any:
		nodes := membersYAML(node)
		for name, member := range v {
			if of, found := nodes[fmt.Sprint(name)]; found {
				v[name] = a.literal(member, of)
			}
		}
	}
	return tree
}

// membersYAML are the members of a mapping, those that it merges in included.
func membersYAML(node *yaml.Node) map[string]*yaml.Node {
	members := map[string]*yaml.Node{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := anchored(node.Content[i]), anchored(node.Content[i+1])
		switch {
		case name.Tag != "!!merge":
			members[name.Value] = value
		case value.Kind == yaml.SequenceNode:
			merged = append(merged, value.Content...)
		default:
			merged = append(merged, value)
		}
	}
	for _, from := range merged {
		for name, value := range membersYAML(anchored(from)) {
			if _, nearer := members[name]; !nearer {
				members[name] = value
			}
		}
	}
	return members
}

// anchored is the node that an alias stands for.
func anchored(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}
