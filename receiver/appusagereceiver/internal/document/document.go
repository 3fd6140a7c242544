// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package document reads single figures out of documents such as JSON, YAML, TOML and dotenv,
// by JSON Pointer (RFC 6901).
package document // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"

import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"

// maxDepth is how deep arrays and objects may nest.
const maxDepth = 100

var errDepth = &source.Error{Reason: "it nests deeper than 100 levels", SessionLost: true}

// Document is a parsed document.
type Document struct {
	root any
	page Page
}

// Parse reads a document. No error of it repeats anything of the document.
func Parse(format Format, data []byte) (Document, error) {
	root, err := parse(format, data)
	if err != nil {
		return Document{}, err
	}
	if deeper(root, maxDepth) {
		return Document{}, errDepth
	}
	return Document{root: root}, nil
}

func deeper(node any, levels int) bool {
	if levels < 0 {
		return true
	}
	switch v := node.(type) {
	case map[string]any:
		for _, member := range v {
			if deeper(member, levels-1) {
				return true
			}
		}
	case map[any]any:
		for _, member := range v {
			if deeper(member, levels-1) {
				return true
			}
		}
	case []any:
		for _, member := range v {
			if deeper(member, levels-1) {
				return true
			}
		}
	}
	return false
}

// Members are the documents in the array of this name, or the only one that stands in its place; false when there is none.
func (d Document) Members(name string) ([]Document, bool) {
	object, _ := d.root.(map[string]any)
	switch v := object[name].(type) {
	case []any:
		members := make([]Document, len(v))
		for i, member := range v {
			members[i] = Document{root: member}
		}
		return members, true
	case map[string]any:
		return []Document{{root: v}}, true
	default:
		return nil, false
	}
}

// Text is the text of this name, of any length; false when there is none.
func (d Document) Text(name string) (string, bool) {
	object, _ := d.root.(map[string]any)
	text, isText := object[name].(string)
	return text, isText
}
