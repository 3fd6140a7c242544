// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package document reads single figures out of JSON, YAML, TOML and dotenv documents,
// by JSON Pointer (RFC 6901).
package document // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/hashicorp/go-envparse"
	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Format is how a document is written.
type Format string

const (
	JSON   Format = "json"
	YAML   Format = "yaml"
	TOML   Format = "toml"
	Dotenv Format = "dotenv"
)

// Formats are all formats.
var Formats = []Format{JSON, YAML, TOML, Dotenv}

// maxDepth is how deep arrays and objects may nest.
const maxDepth = 100

var (
	errDamaged = map[Format]*source.Error{
		JSON:   {Reason: "it is no JSON, or not one document", SessionLost: true},
		YAML:   {Reason: "it is no YAML", SessionLost: true},
		TOML:   {Reason: "it is no TOML", SessionLost: true},
		Dotenv: {Reason: "it is no list of NAME=value lines", SessionLost: true},
	}
	errDepth = &source.Error{Reason: "it nests deeper than 100 levels", SessionLost: true}
)

// Document is a parsed document.
type Document struct{ root any }

// Parse reads a document. No error of it repeats anything of the document.
func Parse(format Format, data []byte) (Document, error) {
	root, err := parse(format, data)
	if err != nil {
		return Document{}, errDamaged[format]
	}
	if deeper(root, maxDepth) {
		return Document{}, errDepth
	}
	return Document{root}, nil
}

func parse(format Format, data []byte) (root any, err error) {
	switch format {
	case YAML:
		err = yaml.Unmarshal(data, &root)
	case TOML:
		var table map[string]any
		err = toml.Unmarshal(data, &table)
		root = table
	case Dotenv:
		var variables map[string]string
		variables, err = envparse.Parse(bytes.NewReader(data))
		root = variables
	default:
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		if err = decoder.Decode(&root); err == nil {
			if _, behind := decoder.Token(); behind != io.EOF {
				err = errDamaged[JSON]
			}
		}
	}
	return root, err
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

// Members are the documents in the array of this name; false when there is none.
func (d Document) Members(name string) ([]Document, bool) {
	object, _ := d.root.(map[string]any)
	array, isArray := object[name].([]any)
	members := make([]Document, len(array))
	for i, member := range array {
		members[i] = Document{member}
	}
	return members, isArray
}

// Text is the text of this name, of any length; false when there is none.
func (d Document) Text(name string) (string, bool) {
	object, _ := d.root.(map[string]any)
	text, isText := object[name].(string)
	return text, isText
}
