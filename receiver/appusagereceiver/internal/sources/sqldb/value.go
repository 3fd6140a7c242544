// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// valueOf turns what a driver scanned from a column of the named type into a source.Value.
func valueOf(scanned any, typeName string) (source.Value, error) {
	switch v := scanned.(type) {
	case nil, time.Time, string, bool:
		return textOf(v, typeName)
	case []byte:
		return textOf(string(v), typeName)
	case int64:
		if isType(typeName, "BOOL") || strings.EqualFold(typeName, "TINYINT(1)") {
			return v != 0, nil
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
		return finite(v)
	default:
		return nil, errBinary
	}
}

func textOf(scanned any, typeName string) (source.Value, error) {
	switch v := scanned.(type) {
	case time.Time:
		return v.UTC(), nil
	case string:
		switch {
		case v == "":
			return nil, nil
		case isType(typeName, "BLOB", "BYTEA", "BINARY", "VARBINARY", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB", "BIT"):
			return nil, errBinary
		case isType(typeName, "NUMERIC", "DECIMAL"):
			return numberOf(v)
		case isType(typeName, "DATE", "DATETIME", "TIMESTAMP"):
			if t, ok := parseTime(v); ok {
				return t, nil
			}
		}
		return v, nil
	default:
		return v, nil
	}
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

// parseTime reads the texts in which SQLite databases keep times; without an offset they are UTC.
func parseTime(text string) (time.Time, bool) {
	for _, layout := range [...]string{
		"2006-01-02 15:04:05.999999999Z07:00",
		"2006-01-02T15:04:05.999999999Z07:00",
		"2006-01-02 15:04:05.999999999",
		"2006-01-02T15:04:05.999999999",
		"2006-01-02 15:04",
		time.DateOnly,
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
