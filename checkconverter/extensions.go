// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/trust"
)

// unknownExtensions finds extensions that a component of ours in service asks for and that are not there, or not
// started, so that its start would fail.
func unknownExtensions(c *config) (errs []string) {
	for _, kind := range c.sections() {
		for _, id := range kind.ids() {
			if !c.inService(kind.name, id) {
				continue
			}
			for _, named := range references(reflect.ValueOf(kind.configs[id]), nil) {
				if named.key == "consent" && named.extension == trust.Nobody.String() {
					continue // which names none
				}
				if problem := c.missing(named); problem != "" {
					errs = append(errs, fmt.Sprintf("%s::%s::%s: %s", kind.name, id, named.key, problem))
				}
			}
		}
	}
	return errs
}

// reference is a key by which a configuration names an extension.
type reference struct {
	key       string
	extension string
}

// references finds the ids of extensions in a configuration, at whatever depth.
func references(v reflect.Value, path []string) []reference {
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Pointer, reflect.Interface:
		return references(v.Elem(), path)
	case reflect.Struct:
	default:
		return nil
	}
	if id, isID := v.Interface().(component.ID); isID {
		if id == (component.ID{}) {
			return nil
		}
		return []reference{{strings.Join(path, "::"), id.String()}}
	}
	if v.CanAddr() { // an Optional holds its value out of reach
		if get := v.Addr().MethodByName("Get"); get.IsValid() && get.Type().NumIn() == 0 && get.Type().NumOut() == 1 {
			return references(get.Call(nil)[0], path)
		}
	}
	var found []reference
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		under := path
		if name, _, _ := strings.Cut(field.Tag.Get(confmap.MapstructureTag), ","); name != "" {
			under = append(slices.Clone(path), name)
		}
		found = append(found, references(v.Field(i), under)...)
	}
	return found
}

// missing says why the extension does not run; empty where it does.
func (c *config) missing(named reference) string {
	if _, configured := c.extensions.configs[named.extension]; !configured {
		others := c.extensions.ids()
		if named.key == "consent" || named.key == "ledger" {
			others = ofType(others, "headcount")
		}
		return fmt.Sprintf("%q is not configured: add it under extensions and to service::extensions, or write one of %q", named.extension, others)
	}
	if !slices.Contains(c.started, named.extension) {
		return fmt.Sprintf("%q is configured, but not started: add it to service::extensions", named.extension)
	}
	return ""
}
