// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// unclear stands in place of a value in which readers differ.
type unclear struct{ reason *source.Error }

var errUTF8 = &source.Error{Reason: "the text is no UTF-8"}

var errTwice = &source.Error{Reason: "the key stands there twice, and readers differ in which value they take"}

// notFinite stands for a number that is none, and that no reader holds.
const notFinite = "1e99999"

// notFinites are what Python and others write for such a number, which JSON does not know, and the texts and comments that may hold the same.
var notFinites = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|//.*|/\*(?s:.*?)\*/|\b(?:NaN|Infinity)\b`)

// onlyJSON replaces them, so that they disable nothing else.
func onlyJSON(data []byte) []byte {
	if !bytes.Contains(data, []byte("NaN")) && !bytes.Contains(data, []byte("Infinity")) {
		return data
	}
	return notFinites.ReplaceAllFunc(data, func(found []byte) []byte {
		if found[0] == 'N' || found[0] == 'I' {
			return []byte(notFinite)
		}
		return found
	})
}

// parseJSON reads one document.
func parseJSON(data []byte) (any, error) {
	data = onlyJSON(data)
	decoder := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	root, err := readJSON(decoder)
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		return nil, lineError(1 + bytes.Count(data[:min(int(syntax.ByteOffset), len(data))], []byte("\n")))
	}
	if err != nil {
		return nil, err
	}
	if _, behind := decoder.ReadToken(); !errors.Is(behind, io.EOF) {
		return nil, errors.New("more than one document")
	}
	return root, nil
}

func readJSON(decoder *jsontext.Decoder) (any, error) {
	switch decoder.PeekKind() {
	case '0': // with its literal
		literal, err := decoder.ReadValue()
		if bytes.HasSuffix(literal, []byte(notFinite)) {
			return unclear{source.ErrRange}, err
		}
		return json.Number(literal), err
	case '"':
		literal, err := decoder.ReadValue()
		if err != nil {
			return nil, err
		}
		text, err := jsontext.AppendUnquote(nil, literal)
		if err != nil {
			return unclear{errUTF8}, nil
		}
		return string(text), nil
	}
	token, err := decoder.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		return readObject(decoder)
	case '[':
		return readArray(decoder)
	case 't', 'f':
		return token.Bool(), nil
	default:
		return nil, nil
	}
}

func readObject(decoder *jsontext.Decoder) (any, error) {
	object := map[string]any{}
	for decoder.PeekKind() != '}' {
		token, err := decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		name := token.String()
		value, err := readJSON(decoder)
		if err != nil {
			return nil, err
		}
		if _, repeated := object[name]; repeated {
			value = unclear{errTwice}
		}
		object[name] = value
	}
	_, err := decoder.ReadToken()
	return object, err
}

func readArray(decoder *jsontext.Decoder) (any, error) {
	array := []any{}
	for decoder.PeekKind() != ']' {
		value, err := readJSON(decoder)
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
	_, err := decoder.ReadToken()
	return array, err
}
