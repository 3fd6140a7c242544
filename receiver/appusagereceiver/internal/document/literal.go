// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"regexp"
	"strconv"

	"github.com/pelletier/go-toml/v2/unstable"
	"go.yaml.in/yaml/v3"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// number is one with the literal that stands for it: 5.10 is the version 5.10 and the number 5.1.
type number struct {
	value   any
	literal string
}

var (
	errOctal = &source.Error{Reason: "the number begins with 0: it is octal to some readers of YAML and decimal to others: let the application write it as a text, and write `type: string`, or without the 0"}

	leadingZero = regexp.MustCompile(`^[-+]?0[0-9_]+$`)
	digits      = regexp.MustCompile(`^[-+]?[0-9_]+$`)
)

// scalar is the number, where all readers take the literal for the same one and it can be said.
func (n number) scalar() (source.Value, error) {
	if leadingZero.MatchString(n.literal) {
		return nil, errOctal
	}
	if _, rounded := n.value.(float64); rounded && digits.MatchString(n.literal) {
		return nil, source.ErrRange
	}
	return scalar(n.value)
}

// literalYAML gives a tree's numbers their literals. Where an alias or a merge stands, they keep none.
func literalYAML(root any, data []byte) any {
	var node yaml.Node
	if yaml.Unmarshal(data, &node) != nil || len(node.Content) != 1 {
		return root
	}
	return annotateYAML(root, node.Content[0])
}

func annotateYAML(tree any, node *yaml.Node) any {
	switch v := tree.(type) {
	case int, int64, uint64, float64:
		if node.Kind == yaml.ScalarNode {
			return number{v, node.Value}
		}
	case []any:
		if node.Kind == yaml.SequenceNode && len(node.Content) == len(v) {
			for i := range v {
				v[i] = annotateYAML(v[i], node.Content[i])
			}
		}
	case map[string]any:
		if node.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(node.Content); i += 2 {
				if member, found := v[node.Content[i].Value]; found && node.Content[i].Tag != "!!merge" {
					v[node.Content[i].Value] = annotateYAML(member, node.Content[i+1])
				}
			}
		}
	}
	return tree
}

// literalTOML gives a table's numbers their literals.
func literalTOML(root map[string]any, data []byte) map[string]any {
	parser := unstable.Parser{}
	parser.Reset(data)
	table := any(root)
	elements := map[string]int{}
	for parser.NextExpression() {
		switch line := parser.Expression(); line.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = tableTOML(root, line, elements)
		case unstable.KeyValue:
			annotateTOML(table, line)
		}
	}
	return root
}

// tableTOML finds the table that a header begins; elements count those of arrays of tables.
func tableTOML(root map[string]any, header *unstable.Node, elements map[string]int) any {
	var at any = root
	path := ""
	keys := header.Key()
	for keys.Next() {
		part := string(keys.Node().Data)
		path += "/" + strconv.Quote(part)
		object, _ := at.(map[string]any)
		at = object[part]
		if array, isArray := at.([]any); isArray && len(array) > 0 {
			if keys.IsLast() && header.Kind == unstable.ArrayTable {
				elements[path]++
			}
			at = array[min(max(elements[path]-1, 0), len(array)-1)]
			path += "/" + strconv.Itoa(elements[path])
		}
	}
	return at
}

func annotateTOML(table any, line *unstable.Node) {
	keys := line.Key()
	for keys.Next() {
		object, isObject := table.(map[string]any)
		if !isObject {
			return
		}
		part := string(keys.Node().Data)
		if keys.IsLast() {
			if value, found := object[part]; found {
				object[part] = literalNode(value, line.Value())
			}
			return
		}
		table = object[part]
	}
}

func literalNode(value any, node *unstable.Node) any {
	switch v := value.(type) {
	case int64, float64:
		return number{v, string(node.Data)}
	case []any:
		i := 0
		for children := node.Children(); children.Next() && i < len(v); i++ {
			v[i] = literalNode(v[i], children.Node())
		}
	case map[string]any:
		for children := node.Children(); children.Next(); {
			if children.Node().Kind == unstable.KeyValue {
				annotateTOML(v, children.Node())
			}
		}
	}
	return value
}
