// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conf

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

// Unmarshal decodes conf into config, a pointer to a struct, and refuses keys that it does not have, at any depth.
// It is the body of a Config's own Unmarshal method.
func Unmarshal(conf *confmap.Conf, config any) error {
	shape := withoutMethods(reflect.TypeOf(config).Elem())
	known := Keys(shape)
	for _, key := range slices.Sorted(maps.Keys(conf.ToStringMap())) {
		if !slices.Contains(known, key) {
			return fmt.Errorf("unknown key %q: write one of %s", key, strings.Join(known, ", "))
		}
	}
	if err := conf.Unmarshal(reflect.New(shape).Interface()); err != nil {
		return err
	}
	return conf.Unmarshal(config)
}

// withoutMethods is a struct type with the same keys, without the methods that make confmap lenient.
func withoutMethods(config reflect.Type) reflect.Type {
	var fields []reflect.StructField
	for field := range config.Fields() {
		if !field.IsExported() {
			continue
		}
		if squashed(field) {
			field.Type, field.Anonymous = withoutMethods(field.Type), false
		}
		fields = append(fields, field)
	}
	return reflect.StructOf(fields)
}

// Keys are the names under which a struct's fields are configured, those of squashed structs among them, in order;
// none for what is no struct.
func Keys(config reflect.Type) []string {
	var names []string
	if config == nil || config.Kind() != reflect.Struct {
		return nil
	}
	for field := range config.Fields() {
		if squashed(field) {
			names = append(names, Keys(field.Type)...)
		} else if name, _, _ := strings.Cut(field.Tag.Get(confmap.MapstructureTag), ","); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func squashed(field reflect.StructField) bool {
	return strings.HasSuffix(field.Tag.Get(confmap.MapstructureTag), ",squash")
}
