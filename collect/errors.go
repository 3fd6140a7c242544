// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collect

import "errors"

// What can be wrong with a stat's JSON. Decode and AppendJSON wrap one of these
// and say where; they never repeat what the stat holds.
var (
	// ErrSyntax is text that is not JSON (RFC 8259), or that ends too early.
	ErrSyntax = errors.New("this is not well-formed JSON")
	// ErrUTF8 is text that is not UTF-8, or an escaped surrogate without its other half.
	ErrUTF8 = errors.New("the text is not valid Unicode")
	// ErrTrailing is something after the object.
	ErrTrailing = errors.New("something follows the object: send one JSON object only")
	// ErrNotObject is a body that is no object.
	ErrNotObject = errors.New("a stat is one JSON object")
	// ErrUnknownKey is a key other than instanceId, time, value and name.
	ErrUnknownKey = errors.New("unknown key: a stat has the keys instanceId, time, value and name")
	// ErrMissingKey is the lack of one of the four keys.
	ErrMissingKey = errors.New("missing key")
	// ErrDuplicateKey is a key that stands twice in one object.
	ErrDuplicateKey = errors.New("a key stands twice in one object")
	// ErrType is a value of a type that cannot stand where it stands.
	ErrType = errors.New("wrong type")
	// ErrArray is an array, wherever it stands.
	ErrArray = errors.New("a stat holds no arrays")
	// ErrDepth is an object within a group.
	ErrDepth = errors.New("too deep: a value holds scalars and objects of scalars")
	// ErrNotFinite is a number that no double can hold, or that is infinite or not a number.
	ErrNotFinite = errors.New("the number is not finite")
	// ErrIntegerRange is an integer that 64 bits cannot hold.
	ErrIntegerRange = errors.New("the integer does not fit into 64 bits: write it as a double, with a point")
	// ErrTime is a time before 1970 or after 2242.
	ErrTime = errors.New("the time is out of range: write seconds since 1970-01-01T00:00:00Z, less than 8589934592")
	// ErrEmpty is an instance id, a name or a key of value that is empty.
	ErrEmpty = errors.New("must not be empty")
	// ErrTextLength is a text or key longer than MaxText.
	ErrTextLength = errors.New("longer than 1024 bytes")
	// ErrBodyLength is a body longer than MaxBody.
	ErrBodyLength = errors.New("longer than 1048576 bytes")
	// ErrMembers is more than MaxMembers keys.
	ErrMembers = errors.New("value holds more than 4096 keys")
)
