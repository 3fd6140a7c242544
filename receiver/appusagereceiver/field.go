// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"fmt"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Field is a value in a document.
type Field struct {
	// Pointer is its place, a JSON Pointer such as /usage/users/total.
	Pointer string `mapstructure:"pointer"`
	// Sum adds up the members of the array or object at Pointer: what stands at this JSON Pointer
	// in each of them. The empty one is the members themselves.
	Sum *string `mapstructure:"sum"`
}

// Validate checks the pointers.
func (f *Field) Validate() error {
	if _, err := document.ParsePointer(f.Pointer); err != nil {
		return fmt.Errorf("pointer: %w", err)
	}
	if f.Sum == nil {
		return nil
	}
	if _, err := document.ParsePointer(*f.Sum); err != nil {
		return fmt.Errorf("sum: %w", err)
	}
	return nil
}

// read finds the value in a document; a text is read as the type.
func (f *Field) read(from document.Document, typeName string) (source.Value, error) {
	at, _ := document.ParsePointer(f.Pointer) // Validate has read both
	if f.Sum != nil {
		each, _ := document.ParsePointer(*f.Sum)
		return from.Sum(at, each)
	}
	value, err := from.Value(at)
	if text, isText := value.(string); isText {
		return parseAs(typeName, text)
	}
	return value, err
}
