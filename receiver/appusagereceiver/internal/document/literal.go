// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"regexp"
	"strconv"
	"time"

	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// written is a number, a boolean or a time with the literal that stands for it: 5.10 is the version 5.10 and the number 5.1.
type written struct {
	value   any
	literal string
	// disputed, unless it is nil, is why readers take the literal for different values.
	disputed *source.Error
}

var (
	errOctal = &source.Error{Reason: "the number begins with 0: it is octal to some readers of YAML and decimal to others: let the application write it as a text, and write `type: string`, or without the 0"}

	leadingZero = regexp.MustCompile(`^[-+]?0[0-9_]+$`)
	digits      = regexp.MustCompile(`^[-+]?[0-9_]+$`)
)

// scalar is the value, where all readers take the literal for the same one and it can be said.
func (n written) scalar() (source.Value, error) {
	if n.disputed != nil {
		return nil, n.disputed
	}
	if leadingZero.MatchString(n.literal) {
		return nil, errOctal
	}
	if _, rounded := n.value.(float64); rounded && digits.MatchString(n.literal) {
		return nil, source.ErrRange
	}
	return scalar(n.value)
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
	case int64, float64, time.Time:
		return written{value: v, literal: string(node.Data)}
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
