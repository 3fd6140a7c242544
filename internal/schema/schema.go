// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"encoding"
	"reflect"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"

	"github.com/headcount-otel/headcount"
	"github.com/headcount-otel/headcount/anonymizer"
	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/connector/fleetconnector"
	"github.com/headcount-otel/headcount/exporter/collectexporter"
	"github.com/headcount-otel/headcount/extension/filestorage"
	"github.com/headcount-otel/headcount/processor/installationprocessor"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
	"github.com/headcount-otel/headcount/receiver/collectreceiver"
)

// ours are the components whose keys are known, by where they stand.
var ours = map[string][]component.Factory{
	"extensions": {headcount.NewFactory(), filestorage.NewFactory()},
	"receivers":  {appusagereceiver.NewFactory(), collectreceiver.NewFactory()},
	"processors": {anonymizer.NewFactory(), installationprocessor.NewFactory()},
	"connectors": {fleetconnector.NewFactory()},
	"exporters":  {collectexporter.NewFactory()},
}

type object = map[string]any

// Make makes the schema of a whole configuration. Components of others take any keys.
func Make(describe func(reflect.Type, string) string) map[string]any {
	m := maker{definitions: object{}, describe: describe}
	sections := object{}
	for section, factories := range ours {
		known := object{}
		for _, factory := range factories {
			known["^"+factory.Type().String()+"(/.*)?$"] = m.of(reflect.TypeOf(factory.CreateDefaultConfig()))
		}
		sections[section] = object{"type": []string{"object", "null"}, "patternProperties": known}
	}
	sections["service"] = object{"type": "object"}
	sections["makers"] = object{"type": "object"} // what app:makers takes
	return object{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"title":                "A configuration of an OpenTelemetry Collector with Headcount's components",
		"type":                 "object",
		"properties":           sections,
		"additionalProperties": false,
		"$defs":                m.definitions,
	}
}

// maker makes schemas of types; each struct becomes a definition, so that types may hold themselves.
type maker struct {
	definitions object
	describe    func(reflect.Type, string) string
}

// fromOutside is a value that the environment, or another provider, brings.
var fromOutside = object{"type": "string", "pattern": `\$\{.+\}`}

// span is a time with its unit; days are understood where the component says so.
var span = object{"type": []string{"string", "null"}, "pattern": `^[+-]?([0-9.]+(ns|us|µs|ms|s|m|h|d))+$|^0$|\$\{.+\}`}

// told is a type that tells its schema itself, because it reads more than its kind does.
type told interface{ JSONSchema() map[string]any }

func anyOf(all ...any) object { return object{"anyOf": append(all, object{"type": "null"})} }

var (
	textual  = reflect.TypeFor[encoding.TextUnmarshaler]()
	duration = reflect.TypeFor[time.Duration]()
	headers  = reflect.TypeFor[configopaque.MapList]()
)

func isTextual(t reflect.Type) bool {
	return t.Implements(textual) || reflect.PointerTo(t).Implements(textual)
}

// oneOf is a key that takes one of some words, or a list or a map whose entries do.
func oneOf(words conf.Words, t reflect.Type) object {
	one := anyOf(object{"enum": words}, fromOutside)
	switch t.Kind() {
	case reflect.Map:
		return object{"type": []string{"object", "null"}, "additionalProperties": oneOf(words, t.Elem())}
	case reflect.Slice:
		return anyOf(object{"type": "array", "items": one}, fromOutside)
	default:
		return one
	}
}

// wordsOf are those of a struct's keys that take one of some.
func wordsOf(t reflect.Type) map[string]conf.Words {
	if worded, has := reflect.New(t).Interface().(conf.Worded); has {
		return worded.Words()
	}
	return nil
}

func (m *maker) of(t reflect.Type) any {
	text := object{"type": []string{"string", "number", "boolean", "null"}} // what YAML reads as a number is a text there
	switch {
	case t.Kind() == reflect.Int64 && t.ConvertibleTo(duration) && (t == duration || isTextual(t)):
		return span // a number would count nanoseconds
	case t.Implements(reflect.TypeFor[told]()):
		return reflect.Zero(t).Interface().(told).JSONSchema()
	case t == headers:
		return object{"type": []string{"object", "array", "null"}}
	case t.Kind() == reflect.Pointer:
		return m.of(t.Elem())
	case isTextual(t):
		return text
	case strings.HasPrefix(t.Name(), "Optional[") && t.Kind() == reflect.Struct:
		get, _ := reflect.PointerTo(t).MethodByName("Get")
		return m.of(get.Type.Out(0))
	}
	switch t.Kind() {
	case reflect.Bool:
		return anyOf(object{"type": "boolean"}, fromOutside)
	case reflect.String:
		return text
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return anyOf(object{"type": "integer"}, fromOutside)
	case reflect.Float32, reflect.Float64:
		return anyOf(object{"type": "number"}, fromOutside)
	case reflect.Slice, reflect.Array:
		return anyOf(object{"type": "array", "items": m.of(t.Elem())}, fromOutside)
	case reflect.Map:
		return object{"type": []string{"object", "null"}, "additionalProperties": m.of(t.Elem())}
	case reflect.Struct:
		return anyOf(m.definition(t), fromOutside)
	default:
		return object{}
	}
}

func (m *maker) definition(t reflect.Type) object {
	name := strings.NewReplacer("github.com/headcount-otel/headcount/", "", "go.opentelemetry.io/collector/", "", "/", ".").Replace(t.PkgPath()) + "." + t.Name()
	if _, made := m.definitions[name]; !made {
		properties := object{}
		definition := object{"type": "object", "properties": properties, "additionalProperties": false}
		m.definitions[name] = definition
		m.fields(t, properties, definition)
	}
	return object{"$ref": "#/$defs/" + name}
}

// fields adds those of a struct, and of the structs within it that have no key of their own.
func (m *maker) fields(t reflect.Type, properties, definition object) {
	words := wordsOf(t)
	for i := range t.NumField() {
		field := t.Field(i)
		key, options, _ := strings.Cut(field.Tag.Get("mapstructure"), ",")
		switch {
		case !field.IsExported() || key == "-":
		case options == "squash":
			inner := field.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			m.fields(inner, properties, definition)
		case options == "remain":
			definition["additionalProperties"] = true
		default:
			if key == "" {
				key = strings.ToLower(field.Name)
			}
			value := m.of(field.Type)
			if all := words[key]; all != nil {
				value = oneOf(all, field.Type)
			}
			if said := m.describe(t, field.Name); said != "" {
				if known, isObject := value.(object); isObject && known["$ref"] == nil {
					described := object{"description": said}
					for k, v := range known {
						described[k] = v
					}
					value = described
				}
			}
			properties[key] = value
		}
	}
}
