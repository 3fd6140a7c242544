// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

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

// Object is a JSON object: members in ascending order of their keys, each key once.
type Object []Member

// Member is one key and its value.
type Member struct {
	Key   string
	Value Value
}

// Value is null, a boolean, an integer, a double, a text or an object of values.
// The zero Value is null.
type Value struct {
	kind   Kind
	number uint64
	text   string
	object Object
}
