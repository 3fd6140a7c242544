// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/headcount-otel/headcount/internal/timeform"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// valueOf turns what a driver scanned from a column of the named type into a source.Value.
func valueOf(scanned any, typeName string) (source.Value, error) {
	switch v := scanned.(type) {
	case nil, bool:
		return v, nil
	case time.Time:
		return timeOf(v)
	case string:
		return textOf(v, typeName)
	case []byte:
		return textOf(string(v), typeName)
	case int64:
		switch {
		case isBoolean(typeName) && (v == 0 || v == 1): // others are numbers, which some keep there
			return v == 1, nil
		case isType(typeName, timeTypes...):
			return timeOf(v)
		}
		return v, nil
	case uint64:
		if v <= math.MaxInt64 {
			return int64(v), nil
		}
		return float64(v), nil
	case float32:
		return single32(v)
	case float64:
		if isType(typeName, "FLOAT4") {
			return single32(float32(v))
		}
		if isType(typeName, timeTypes...) {
			return timeOf(v)
		}
		return finite(v)
	default:
		return nil, errBinary
	}
}

// isBoolean reports that a column of the type holds 0 and 1 for booleans.
func isBoolean(typeName string) bool {
	return isType(typeName, "BOOL") || strings.EqualFold(typeName, "TINYINT(1)") || strings.EqualFold(typeName, "BIT(1)")
}

// timeTypes are the names of types of times, which in SQLite any value may have.
var timeTypes = []string{"DATE", "DATETIME", "TIMESTAMP", "TIMESTAMPTZ"}

func textOf(text, typeName string) (source.Value, error) {
	switch {
	case text == "":
		return nil, nil
	case typeName == jsonValue:
		return scalarOf(text)
	case isType(typeName, timeTypes...):
		return timeOf(text)
	case isType(typeName, "BOOL"):
		if truth, err := strconv.ParseBool(text); err == nil {
			return truth, nil
		}
	case isType(typeName, "BIT") && len(text) == 1:
		return text == "1", nil
	case isType(typeName, "NUMERIC", "DECIMAL"):
		if value, err := numberOf(text); !errors.Is(err, errNoNumber) {
			return value, err
		}
	case isType(typeName, "JSON", "JSONB") && strings.HasPrefix(text, `"`):
		var plain string
		if json.Unmarshal([]byte(text), &plain) == nil {
			return source.Text(plain)
		}
	}
	if isPrintable(text) {
		return source.Text(text) // which is longer here than in a database of another character set
	}
	if id, err := uuid.FromBytes([]byte(text)); err == nil && isType(typeName, binaryTypes...) {
		return id.String(), nil
	}
	return nil, errBinary
}

// jsonValue is the type of a value within JSON, which comes as JSON.
const jsonValue = "JSON value"

var errJSON = &source.Error{Reason: "the column does not hold JSON"}

var errNested = &source.Error{Reason: "`json` leads to an object or a list: lead to a value in it"}

// scalarOf reads a single value of JSON; null is nothing.
func scalarOf(text string) (source.Value, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, errJSON
	}
	switch v := value.(type) {
	case nil, bool:
		return v, nil
	case string:
		return source.Text(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, nil
		}
		return numberOf(v.String())
	default:
		return nil, errNested
	}
}

// binaryTypes are the names of types of bytes.
var binaryTypes = []string{"BLOB", "BYTEA", "BINARY", "VARBINARY", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB", ""}

// isPrintable reports that bytes are a text.
func isPrintable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
	})
}

// timeOf reads a value of a type of times; those that stand for never are nothing.
func timeOf(value any) (source.Value, error) {
	at, is := timeform.Read(value)
	switch {
	case is:
		return at, nil
	case timeform.IsNothing(value):
		return nil, nil
	}
	if at, isTime := value.(time.Time); isTime && timeform.IsNever(at) {
		return nil, nil
	}
	return nil, errForm
}

// isType compares a declared type, without its width, with names.
func isType(declared string, names ...string) bool {
	base, _, _ := strings.Cut(declared, "(")
	base = strings.TrimSpace(base)
	for _, name := range names {
		if strings.EqualFold(base, name) || (name == "BOOL" && strings.EqualFold(base, "BOOLEAN")) {
			return true
		}
	}
	return false
}

// numberOf reads a decimal: an int64 where it is one exactly, else the nearest float64,
// as SQLite keeps decimals.
func numberOf(text string) (source.Value, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	if strings.Trim(fraction, "0") == "" {
		if n, err := strconv.ParseInt(whole, 10, 64); err == nil {
			return n, nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, errNoNumber
	}
	return finite(f)
}

// single32 is the shortest decimal that means this number, as the database itself prints it.
func single32(f float32) (source.Value, error) {
	nearest, _ := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	return finite(nearest)
}

func finite(f float64) (source.Value, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, errNotFinite
	}
	return f, nil
}
