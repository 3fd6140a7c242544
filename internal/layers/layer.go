// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
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
	// Location is what a resolver of the Collector reads it from.
	Location string
	// Embedded is true for a profile or an overlay that came with the program.
	Embedded bool
	// Whole is true for one that has pipelines, and so stands by itself.
	Whole bool
	// Profile is true for one that says what an application is, so that a site's files come after it.
	Profile bool

	root *yaml.Node
	// blank is true for one of no text at all; one of comments is meant to say nothing.
	blank bool
	// extensions is the section of that name, with what it takes from elsewhere where that is known; nil where there is none.
	extensions any
}

// Entry is one key of a layer.
type Entry struct {
	// Path of the key, from the top.
	Path []string
	// Line on which the key stands.
	Line int
	// Value is what it says.
	Value *yaml.Node

	// inherited is true for one that a merge key brings, over which the keys beside that say.
	inherited bool
	// joined is true for keys in one, a::b, below the top.
	joined bool
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
		layer := Layer{Name: uri, Location: uri}
		text, known, err := layer.text(&served)
		if err != nil {
			return nil, unread(uri, err)
		}
		if !known {
			continue
		}
		layer.blank = len(bytes.TrimSpace(text)) == 0
		if layer.root, err = parse(text); err != nil {
			return nil, fmt.Errorf("%s: %w", layer.Name, err)
		}
		if err = errors.Join(layer.misshapen(), layer.misspelled()); err != nil {
			return nil, err
		}
		layer.extensions = layer.section("extensions")
		for e := range layer.Entries() {
			layer.Whole = layer.Whole || e.Key() == "service::pipelines"
			layer.Profile = layer.Profile || e.Path[0] == "receivers" && strings.HasSuffix(e.Key(), "::resource::service.name")
		}
		layer.Profile = layer.Profile || layer.Embedded && layer.Whole
		all = append(all, layer)
	}
	return all, nil
}

// text is what stands at the layer's location, where that is one of a provider of ours. A profile is served once.
func (l *Layer) text(served *[]string) (text []byte, known bool, err error) {
	scheme, rest, has := strings.Cut(l.Location, ":")
	if !has || len(scheme) == 1 { // a path, perhaps of a Windows drive
		text, err = os.ReadFile(l.Location)
		return text, true, err
	}
	switch scheme {
	case "app":
		l.Embedded = true
		text, err = apps.Read(rest, *served)
		*served = append(*served, rest)
	case "yaml", "set":
		l.Name = "--" + map[string]string{"yaml": "config yaml", "set": "set"}[scheme]
		text, l.Location = []byte(rest), "yaml:"+rest
	case "env":
		name, otherwise, _ := strings.Cut(rest, ":-")
		if text = []byte(os.Getenv(name)); len(text) == 0 {
			text = []byte(otherwise)
		}
	case "file":
		l.Name = rest
		text, err = os.ReadFile(rest)
	default:
		return nil, false, nil
	}
	return text, true, err
}

// parse reads a layer's only document, and refuses what the Collector would read otherwise than its writer meant.
func parse(text []byte) (*yaml.Node, error) {
	var document, second yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(text))
	if err := documents.Decode(&document); errors.Is(err, io.EOF) {
		return &yaml.Node{Kind: yaml.MappingNode}, nil
	} else if err != nil {
		return nil, unparsed(err, text)
	}
	switch err := documents.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil: // the Collector reads the first and looks no further
		return nil, fmt.Errorf("%w: what stands behind the end of the document would not count: remove the line with ... or ---", unparsed(err, text))
	case !isNull(second.Content[0]):
		return nil, fmt.Errorf("line %d: a second document begins here, and only the first would count: remove the line with ---, or write a file for each", second.Content[0].Line)
	}
	var raw any // to decode is to find keys that stand twice
	return document.Content[0], inOneLine(document.Decode(&raw))
}

func inOneLine(err error) error {
	if err == nil {
		return nil
	}
	text := strings.NewReplacer("yaml: ", "", "unmarshal errors:", "").Replace(err.Error())
	return errors.New(strings.Join(strings.Fields(text), " "))
}

// section is what the layer says under a key at the top; nil for nothing, and for what is
// no configuration, which is about to be said.
func (l Layer) section(name string) any {
	var raw map[string]any
	if l.root.Decode(&raw) != nil {
		return nil
	}
	maps.DeleteFunc(raw, func(key string, _ any) bool { // the rest is large, and the Collector's maps are slow
		first, _, _ := strings.Cut(key, confmap.KeyDelimiter)
		return first != name
	})
	return confmap.NewFromStringMap(raw).Get(name)
}

// Entries yields each key, those above before those below.
func (l Layer) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) { walk(nil, l.root, false, yield) }
}

func walk(path []string, node *yaml.Node, inherited bool, yield func(Entry) bool) bool {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.MappingNode {
		return true
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Tag == "!!merge" {
			if !walk(path, value, true, yield) {
				return false
			}
			continue
		}
		below := append(append([]string(nil), path...), strings.Split(key.Value, confmap.KeyDelimiter)...)
		joined := len(path) > 0 && len(below) > len(path)+1
		if !yield(Entry{below, key.Line, value, inherited, joined}) || !walk(below, value, inherited, yield) {
			return false
		}
	}
	return true
}

// isNull reports whether the entry takes away what stood there before.
func (e Entry) isNull() bool { return isNull(e.Value) }

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.Tag == "!!null" }

// isEmpty reports whether the entry is a map without entries, which takes nothing away from what it is laid over.
func (e Entry) isEmpty() bool { return e.Value.Kind == yaml.MappingNode && len(e.Value.Content) == 0 }

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
