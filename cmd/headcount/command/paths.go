// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/otelcol"
)

// withKeys is an error of the Collector whose paths are those of keys that a file may have. The Collector's own name
// Go's fields too where a struct lies within another without a key of its own: receivers::appusage::controllerconfig
// (findings/confmap-names-squashed-fields.sh).
func withKeys(err error, factories func() (otelcol.Factories, error)) error {
	known, failed := factories()
	if failed != nil {
		return err
	}
	var lines []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		line = pathInError.ReplaceAllStringFunc(line, func(found string) string {
			path := strings.Split(strings.TrimSuffix(found, ": "), "::")
			if config := defaultConfig(known, path[0], path[1]); config != nil {
				path = append(path[:2], keysOnly(reflect.TypeOf(config), path[2:])...)
			}
			return strings.Join(path, "::") + ": "
		})
		if !slices.Contains(lines, line) { // a struct and the one within it say the same
			lines = append(lines, line)
		}
	}
	return reworded{err, strings.Join(lines, "\n")}
}

// reworded is an error in other words.
type reworded struct {
	error
	words string
}

func (r reworded) Error() string { return r.words }
func (r reworded) Unwrap() error { return r.error }

var pathInError = regexp.MustCompile(`\b(?:extensions|receivers|processors|connectors|exporters)::[^\n]*?: `)

// defaultConfig is that of a component; nil where the program has none of its type.
func defaultConfig(known otelcol.Factories, group, id string) component.Config {
	name, _, _ := strings.Cut(id, "/")
	kind, err := component.NewType(name)
	if err != nil {
		return nil
	}
	var factory component.Factory
	switch group {
	case "extensions":
		factory = known.Extensions[kind]
	case "receivers":
		factory = known.Receivers[kind]
	case "processors":
		factory = known.Processors[kind]
	case "connectors":
		factory = known.Connectors[kind]
	case "exporters":
		factory = known.Exporters[kind]
	}
	if factory == nil {
		return nil
	}
	return factory.CreateDefaultConfig()
}

// keysOnly leaves out of a path the fields that have no key.
func keysOnly(t reflect.Type, path []string) []string {
	if len(path) == 0 {
		return nil
	}
	t = content(t)
	switch t.Kind() {
	case reflect.Map, reflect.Slice, reflect.Array:
		return append(path[:1:1], keysOnly(t.Elem(), path[1:])...)
	case reflect.Struct:
		for field := range t.Fields() {
			switch key, _, _ := strings.Cut(field.Tag.Get(confmap.MapstructureTag), ","); {
			case key == path[0]:
				return append(path[:1:1], keysOnly(field.Type, path[1:])...)
			case key == "" && strings.ToLower(field.Name) == path[0]:
				return keysOnly(field.Type, path[1:])
			}
		}
	}
	return path
}

// content is what a pointer points to, and what an Optional holds.
func content(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if get, is := reflect.PointerTo(t).MethodByName("Get"); is && get.Type.NumIn() == 1 && get.Type.NumOut() == 1 {
		return content(get.Type.Out(0))
	}
	return t
}
