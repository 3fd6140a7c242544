// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package decode reads a single value from the bytes that a cache keeps under a key.
package decode // import "github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/pickle"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Encoding is how an application wrote a value.
type Encoding string

const (
	Text   Encoding = "text"
	Int    Encoding = "int"
	Float  Encoding = "float"
	JSON   Encoding = "json"
	Pickle Encoding = "pickle"
	PHP    Encoding = "php"
)

// Encodings are all encodings.
var Encodings = []Encoding{Text, Int, Float, JSON, Pickle, PHP}

// MaxBytes is the longest value that is fetched from a cache.
const MaxBytes = 64 << 10

var (
	// ErrTooLarge is the failure of a reading whose value is longer than MaxBytes.
	ErrTooLarge = &source.Error{Reason: "the value is longer than 64 KiB"}

	// ErrControl is the failure of a reading whose text is none.
	ErrControl = &source.Error{Reason: "the value holds control characters, and is no text: a client or a serializer encoded it: write how as `as`, and in memcached whose as `client`"}

	errInt   = &source.Error{Reason: "the value is no integer: write another `as`"}
	errFloat = &source.Error{Reason: "the value is no finite number: write another `as`"}
	errJSON  = &source.Error{Reason: "the value is JSON, as a serializer writes it: write `as: json`, and `pointer` for a value within"}
	errText  = &source.Error{Reason: "the value is no UTF-8 text: write another `as`"}
)

// Format says how to read a value.
type Format struct {
	// Encoding of the bytes.
	Encoding Encoding
	// Pointer is the place within a JSON value.
	Pointer document.Pointer
}

// Value decodes data. Nothing, null, None and an empty text are nil. No error repeats any of the data.
func (f Format) Value(data []byte) (source.Value, error) {
	if len(data) > MaxBytes {
		return nil, ErrTooLarge
	}
	if len(data) == 0 {
		return nil, nil
	}
	value, err := f.value(data)
	if text, isText := value.(string); isText && err == nil && strings.ContainsFunc(text, unicode.IsControl) {
		return nil, ErrControl
	}
	return value, err
}

func (f Format) value(data []byte) (source.Value, error) {
	switch f.Encoding {
	case Int:
		n, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
		if err != nil {
			return nil, errInt
		}
		return n, nil
	case Float:
		x, err := strconv.ParseFloat(strings.TrimSpace(string(data)), 64)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return nil, errFloat
		}
		return x, nil
	case JSON:
		return f.json(data)
	case Pickle:
		return Unpickle(data)
	case PHP:
		return unserialize(string(data))
	default:
		switch text := strings.TrimRight(string(data), "\r\n"); {
		case !utf8.Valid(data):
			return nil, errText
		case serialized.MatchString(text):
			return nil, errSerialized
		case strings.ContainsAny(text[:min(1, len(text))], `"{[`) && jsontext.Value(text).IsValid():
			return nil, errJSON
		default:
			return source.Text(text)
		}
	}
}

func (f Format) json(data []byte) (source.Value, error) {
	parsed, err := document.Parse(document.JSON, data)
	if err != nil {
		// One value is damaged, not the cache.
		return nil, &source.Error{Reason: err.Error()}
	}
	return parsed.Value(f.Pointer)
}

// Unpickle decodes a pickled scalar.
func Unpickle(data []byte) (source.Value, error) {
	value, err := pickle.Scalar(data)
	if err != nil {
		return nil, &source.Error{Reason: err.Error()}
	}
	if text, isText := value.(string); isText {
		return source.Text(text)
	}
	return value, nil
}
