// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import "math"

// Kind is the JSON type of a Value. Integers and doubles are told apart, as on
// the wire: an integer has no point, a double always has one.
type Kind uint8

const (
	KindNull Kind = iota
	KindBool
	KindInt
	KindDouble
	KindText
	KindObject
)

// String returns the kind in the words of the wire format.
func (k Kind) String() string {
	return [...]string{"null", "boolean", "integer", "double", "text", "object"}[k]
}

// Value is null, a boolean, an integer, a double, a text or an object of values.
// The zero Value is null.
type Value struct {
	kind   Kind
	number uint64
	text   string
	object Object
}

// Null returns the null value: read, and nothing found; or suppressed.
func Null() Value { return Value{} }

// Bool returns a boolean value.
func Bool(b bool) Value {
	v := Value{kind: KindBool}
	if b {
		v.number = 1
	}
	return v
}

// Int returns an integer value.
func Int(i int64) Value { return Value{kind: KindInt, number: uint64(i)} }

// Double returns a double value; one that is not finite cannot be encoded.
func Double(f float64) Value { return Value{kind: KindDouble, number: math.Float64bits(f)} }

// Text returns a text value, at most MaxText bytes of UTF-8.
func Text(s string) Value { return Value{kind: KindText, text: s} }

// Group returns an object of scalars, such as counts by plan.
func Group(members Object) Value { return Value{kind: KindObject, object: members} }

// Kind returns the value's type.
func (v Value) Kind() Kind { return v.kind }

// Bool returns the boolean of a KindBool value.
func (v Value) Bool() bool { return v.kind == KindBool && v.number == 1 }

// Int returns the integer of a KindInt value.
func (v Value) Int() int64 { return int64(v.number) }

// Double returns the double of a KindDouble value.
func (v Value) Double() float64 { return math.Float64frombits(v.number) }

// Text returns the text of a KindText value.
func (v Value) Text() string { return v.text }

// Object returns the members of a KindObject value.
func (v Value) Object() Object { return v.object }

// IsFinite reports whether the value is one that a stat can hold: a double may be
// infinite or not a number, nothing else can.
func (v Value) IsFinite() bool { return v.kind != KindDouble || finite(v.Double()) }

func finite(f float64) bool { return !math.IsInf(f, 0) && !math.IsNaN(f) }
