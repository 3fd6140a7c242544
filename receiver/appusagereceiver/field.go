// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"fmt"
	"math"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Field is a value in a document.
type Field struct {
	// Pointer is its place, a JSON Pointer such as /usage/users/total.
	Pointer string `mapstructure:"pointer,omitempty"`
	// Sum adds up the members of the array or object at Pointer: what stands at this JSON Pointer
	// in each of them. The empty one is the members themselves.
	Sum *string `mapstructure:"sum,omitempty"`
	// Count is the number of members of the array or object at Pointer.
	Count bool `mapstructure:"count,omitempty"`
}

// Validate checks the pointers.
func (f *Field) Validate() error {
	if _, err := document.ParsePointer(f.Pointer); err != nil {
		return fmt.Errorf("pointer: %w", err)
	}
	if f.Sum == nil {
		return nil
	}
	if f.Count {
		return errors.New("`sum` and `count` exclude each other: keep one")
	}
	if _, err := document.ParsePointer(*f.Sum); err != nil {
		return fmt.Errorf("sum: %w", err)
	}
	return nil
}

// read finds the value in a document. A text is read as the type; as a string or a boolean a number is what is written there.
func (f *Field) read(from document.Document, typeName string) (source.Value, error) {
	at, _ := document.ParsePointer(f.Pointer) // Validate has read both
	switch {
	case f.Sum != nil:
		each, _ := document.ParsePointer(*f.Sum)
		return from.Sum(at, each)
	case f.Count:
		return from.Count(at)
	}
	find := from.Value
	if typeName == typeString || typeName == typeBool {
		find = from.Literal
	}
	value, err := find(at)
	if err != nil {
		return nil, err
	}
	switch v := value.(type) {
	case string:
		return parseAs(typeName, v)
	case float64:
		if typeName == typeInt {
			return integer(v)
		}
	}
	return value, nil
}

// integer makes one of what a program writes for it as 57.0 or 5.7e1; beyond 2^53 nobody can tell which one it was.
func integer(value float64) (source.Value, error) {
	if value != math.Trunc(value) || math.Abs(value) > 1<<53 {
		return nil, errors.New("it is no integer: write `type: float`")
	}
	return int64(value), nil
}
