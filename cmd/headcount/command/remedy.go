// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/otelcol"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/internal/layers"
)

// remedy says what a value is and what to write in its place, by what its key takes; empty where that is not known.
// A value is named only where no secret can stand.
func (d decoder) remedy(path []string) string {
	t := d.typeAt(path)
	if t == nil {
		return ""
	}
	value, isText, kind := layers.Written(d.layers, path)
	words := d.words(path)
	switch {
	case kind == "":
		return ""
	case kind == layers.Keys:
		return inPlaceOfKeys(t)
	case t == reflect.TypeFor[component.ID]():
		return fmt.Sprintf("%s names no component: write the name of one, such as file_storage", value)
	case words != nil && t.Kind() == reflect.String && kind == layers.YesOrNo:
		return fmt.Sprintf("%s is unknown: write %s, in quotes where a tool such as Helm writes this file, which makes false of off and true of on", value, words)
	case words != nil && t.Kind() == reflect.String:
		return fmt.Sprintf("%s is unknown: write %s", value, words)
	case isSpan(t):
		return fmt.Sprintf("%s is no time: write one with its unit, such as 30s, 30m or 12h", value)
	}
	switch t.Kind() {
	case reflect.Bool:
		if isText && (strings.EqualFold(value, "true") || strings.EqualFold(value, "false")) {
			return fmt.Sprintf("%q is a text: write %s without quotes", value, strings.ToLower(value))
		}
		return fmt.Sprintf("%s is neither true nor false: write one of them", value)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if _, err := strconv.Atoi(value); err == nil && isText {
			return fmt.Sprintf("%q is a text: write %[1]s without quotes", value)
		}
		return fmt.Sprintf("%s is no whole number: write one, such as 100", value)
	case reflect.Float32, reflect.Float64:
		return fmt.Sprintf("%s is no number: write one", value)
	case reflect.String:
		return fmt.Sprintf("is %s, and no text: write a text, in quotes", kind)
	case reflect.Struct:
		return fmt.Sprintf("%s stands where keys belong: write them below it, of %s; or null to take it away", shown(value, kind), strings.Join(conf.Keys(t), ", "))
	case reflect.Map:
		return fmt.Sprintf("%s stands where entries belong: write each below it as NAME: …, without dashes; or null to take them away", shown(value, kind))
	case reflect.Slice:
		return fmt.Sprintf("%s stands where a list belongs: write its values as one, such as [a, b]", shown(value, kind))
	default:
		return ""
	}
}

// inPlaceOfKeys is what to write where keys stand and belong not.
func inPlaceOfKeys(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return ""
	case reflect.String:
		return "keys stand where a text belongs: a text with braces in it stands in quotes"
	case reflect.Slice:
		return "keys stand where a list belongs: write its values as one, such as [a, b]"
	default:
		return "keys stand where a single value belongs: write one"
	}
}

var word = regexp.MustCompile(`^[a-z]{1,12}$`)

// shown is a value in place of keys: a text may be a secret, if it is more than a word.
func shown(value, kind string) string {
	if word.MatchString(value) {
		return value
	}
	return kind
}

func isSpan(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Duration]() || t == reflect.TypeFor[conf.Duration]()
}

// words are those of which a key takes one; nil where it takes any.
func (d decoder) words(path []string) conf.Words {
	for depth := len(path) - 1; depth >= len(path)-2 && depth > 1; depth-- { // a map's words are those of its entries
		t := d.typeAt(path[:depth])
		if t == nil || t.Kind() != reflect.Struct {
			continue
		}
		if worded, has := reflect.New(t).Interface().(conf.Worded); has && worded.Words()[path[depth]] != nil {
			return worded.Words()[path[depth]]
		}
	}
	return nil
}

// typeAt is the type that a key is decoded into; nil where that is not known.
func (d decoder) typeAt(path []string) reflect.Type {
	if len(path) < 2 || path[0] == "service" {
		return below(reflect.TypeFor[otelcol.Config](), path)
	}
	config := defaultConfig(d.factories, path[0], path[1])
	if config == nil {
		return nil
	}
	return below(reflect.TypeOf(config), path[2:])
}

// below follows a path into a type.
func below(t reflect.Type, path []string) reflect.Type {
	t = content(t)
	if len(path) == 0 {
		return t
	}
	switch t.Kind() {
	case reflect.Map, reflect.Slice, reflect.Array:
		return below(t.Elem(), path[1:])
	case reflect.Struct:
		for field := range t.Fields() {
			key, options, _ := strings.Cut(field.Tag.Get(confmap.MapstructureTag), ",")
			if key == path[0] {
				return below(field.Type, path[1:])
			}
			if options == "squash" {
				if found := below(field.Type, path); found != nil {
					return found
				}
			}
		}
	}
	return nil
}
