// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"go.yaml.in/yaml/v3"
)

// parseYAML reads one document; what is empty is none.
func parseYAML(data []byte) (root any, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var node yaml.Node
	switch err := decoder.Decode(&node); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, err
	}
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
	return literalYAML(root, node.Content[0]), nil
}

// literalYAML gives a tree's numbers and times their literals.
func literalYAML(tree any, node *yaml.Node) any {
	node = anchored(node)
	switch v := tree.(type) {
	case int, int64, uint64, float64, time.Time:
		if node.Kind == yaml.ScalarNode {
			return written{v, node.Value}
		}
	case []any:
		for i := range v {
			v[i] = literalYAML(v[i], node.Content[i])
		}
	case map[string]any:
		nodes := membersYAML(node)
		for name, member := range v {
			if of, found := nodes[name]; found {
				v[name] = literalYAML(member, of)
			}
		}
	case map[any]any:
		nodes := membersYAML(node)
		for name, member := range v {
			if of, found := nodes[fmt.Sprint(name)]; found {
				v[name] = literalYAML(member, of)
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
