// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"slices"
	"strings"
)

// Object is a JSON object: members in ascending order of their keys, each key once.
type Object []Member

// Member is one key and its value.
type Member struct {
	Key   string
	Value Value
}

// NewObject sorts the members by key. Two members with one key are an error when
// the object is encoded.
func NewObject(members ...Member) Object {
	slices.SortFunc(members, func(a, b Member) int { return strings.Compare(a.Key, b.Key) })
	return members
}

// Get returns the value under key and whether there is one.
func (o Object) Get(key string) (Value, bool) {
	at, found := slices.BinarySearchFunc(o, key, func(m Member, key string) int { return strings.Compare(m.Key, key) })
	if !found {
		return Value{}, false
	}
	return o[at].Value, true
}
