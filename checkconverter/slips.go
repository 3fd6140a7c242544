// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"encoding"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/confmap"
)

// slippedNumbers finds numbers that the decoder takes for others than were written: a time without its unit counts
// nanoseconds, and a fraction is cut where a whole number is due.
func slippedNumbers(c *config) (errs []string) {
	for _, kind := range c.sections() {
		for _, id := range kind.ids() {
			if cfg := kind.configs[id]; cfg != nil {
				errs = append(errs, slips(kind.name+"::"+id, reflect.ValueOf(cfg), c.written[kind.name+"::"+id])...)
			}
		}
	}
	return errs
}

// slips compares what was decoded with what was written for it.
func slips(at string, decoded reflect.Value, written any) (found []string) {
	switch written := written.(type) {
	case int, int64, uint64, float64:
		if remedy := slip(decoded, reflect.ValueOf(written)); remedy != "" {
			found = append(found, fmt.Sprintf("%s: %v %s", at, written, remedy))
		}
	case []any:
		decoded = content(decoded)
		for i := 0; decoded.Kind() == reflect.Slice && i < min(len(written), decoded.Len()); i++ {
			found = append(found, slips(fmt.Sprintf("%s::%d", at, i), decoded.Index(i), written[i])...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(written)) {
			if under := member(content(decoded), key); under.IsValid() {
				found = append(found, slips(at+confmap.KeyDelimiter+key, under, written[key])...)
			}
		}
	}
	return found
}

// slip says what is wrong with a number; nothing when it is what it says.
func slip(decoded, written reflect.Value) string {
	decoded = content(decoded)
	switch {
	case !decoded.IsValid() || !decoded.CanInt() && !decoded.CanUint():
		return ""
	case isSpan(decoded.Type()):
		if decoded.Int() != 0 {
			return fmt.Sprintf("has no unit, and would be nanoseconds: write one, such as %[1]vs, %[1]vm or %[1]vh", written)
		}
	case written.CanFloat() && written.Float() != math.Trunc(written.Float()):
		return "is no whole number: write one"
	}
	return ""
}

// isSpan reports whether a type is a time span, or one of ours that a text is read into.
func isSpan(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Duration]() || t.Kind() == reflect.Int64 && reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// content is what stands behind pointers, interfaces and the Collector's Optional, which holds its value out of reach.
func content(v reflect.Value) reflect.Value {
	for {
		switch {
		case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
			v = v.Elem()
		case v.Kind() == reflect.Struct && v.CanAddr() && v.Addr().MethodByName("GetOrInsertDefault").IsValid():
			v = v.Addr().MethodByName("Get").Call(nil)[0]
		default:
			return v
		}
	}
}

// member is what a key of a struct or a map was decoded to; invalid where the decoder knows better.
func member(v reflect.Value, key string) reflect.Value {
	switch v.Kind() {
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String {
			if entry := v.MapIndex(reflect.ValueOf(key).Convert(v.Type().Key())); entry.IsValid() {
				addressable := reflect.New(entry.Type()).Elem()
				addressable.Set(entry)
				return addressable
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get(confmap.MapstructureTag), ",")
			switch {
			case !v.Type().Field(i).IsExported():
			case name == key:
				return v.Field(i)
			case options == "squash":
				if found := member(content(v.Field(i)), key); found.IsValid() {
					return found
				}
			}
		}
	}
	return reflect.Value{}
}
