// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"strings"

	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"

	"github.com/headcount-otel/headcount/apps"
)

// Layer is one of the configurations that are merged.
type Layer struct {
	// Name is how a person calls it: app:strict, site.yaml.
	Name string
	// Embedded is true for a profile or an overlay that came with the program.
	Embedded bool
	// Whole is true for one that has pipelines, and so stands by itself.
	Whole bool

	root *yaml.Node
}

// Entry is one key of a layer.
type Entry struct {
	// Path of the key, from the top.
	Path []string
	// Line on which the key stands.
	Line int
	// Value is what it says.
	Value *yaml.Node
}

// FromSet begins what --set says, in place of a location.
const FromSet = "set:"

// Key is the path as messages write it.
func (e Entry) Key() string { return strings.Join(e.Path, confmap.KeyDelimiter) }

// Read reads what each --config names, in order. What only another provider can bring, such as http:, is left out.
func Read(uris []string) ([]Layer, error) {
	var all []Layer
	var served []string
	for _, uri := range uris {
		layer := Layer{Name: uri}
		var text []byte
		var err error
		switch scheme, rest, has := strings.Cut(uri, ":"); {
		case has && scheme == "app":
			layer.Embedded = true
			text, err = apps.Read(rest, served)
			served = append(served, rest)
		case has && (scheme == "yaml" || scheme == "set"):
			layer.Name = "--" + map[string]string{"yaml": "config yaml", "set": "set"}[scheme]
			text = []byte(rest)
		case has && scheme == "env":
			name, otherwise, _ := strings.Cut(rest, ":-")
			if text = []byte(os.Getenv(name)); len(text) == 0 {
				text = []byte(otherwise)
			}
		case has && scheme == "file":
			layer.Name = rest
			text, err = os.ReadFile(rest)
		case !has || len(scheme) == 1:
			text, err = os.ReadFile(uri)
		default:
			continue
		}
		if err != nil {
			return nil, err
		}
		if layer.root, err = parse(text); err != nil {
			return nil, fmt.Errorf("%s: %w", layer.Name, err)
		}
		for e := range layer.Entries() {
			layer.Whole = layer.Whole || e.Key() == "service::pipelines"
		}
		all = append(all, layer)
	}
	return all, nil
}

func parse(text []byte) (*yaml.Node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(document.Content) == 0 {
		return &yaml.Node{Kind: yaml.MappingNode}, nil
	}
	return document.Content[0], nil
}

// Entries yields each key, those above before those below.
func (l Layer) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) { walk(nil, l.root, yield) }
}

func walk(path []string, node *yaml.Node, yield func(Entry) bool) bool {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.MappingNode {
		return true
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Tag == "!!merge" {
			if !walk(path, value, yield) {
				return false
			}
			continue
		}
		below := append(append([]string(nil), path...), strings.Split(key.Value, confmap.KeyDelimiter)...)
		if !yield(Entry{below, key.Line, value}) || !walk(below, value, yield) {
			return false
		}
	}
	return true
}

// isNull reports whether the entry takes away what stood there before.
func (e Entry) isNull() bool { return e.Value.Kind == yaml.ScalarNode && e.Value.Tag == "!!null" }

// text is the value of an entry that has nothing below it, as it would be written.
func (e Entry) text() (string, bool) {
	node := e.Value
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch node.Kind {
	case yaml.ScalarNode:
		return node.Value, true
	case yaml.SequenceNode:
		plain := *node
		plain.Style, plain.HeadComment, plain.LineComment, plain.FootComment = yaml.FlowStyle, "", "", ""
		text, err := yaml.Marshal(&plain)
		return strings.TrimSpace(string(text)), err == nil
	default:
		return "", len(node.Content) == 0
	}
}
