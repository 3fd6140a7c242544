// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// family is what values of a column's type have in common.
type family uint8

const (
	// others are types of which we know nothing: the database judges.
	others family = iota
	// anything is SQLite's: each value has a type of its own.
	anything
	numbers
	booleans
	texts
	bytesOf
	// zonedTimes are moments, naiveTimes what a clock shows, days dates.
	zonedTimes
	naiveTimes
	days
)

// isTime reports whether the type itself says that values are times.
func (f family) isTime() bool { return f == zonedTimes || f == naiveTimes || f == days }

// types is how one kind of database types columns, and what expressions it has for that.
type types interface {
	// familyOf is that of a type, by the driver's name for it.
	familyOf(typeName string) family
	// declared asks what the driver's name for a column's type keeps back; empty where it says all.
	declared(table, column, typeName string) (text string, bound []any)
	// fetched is the expression under which a value of the type is best read.
	fetched(expr, typeName string) string
	// asText is the expression for a value as its text.
	asText(expr string, of family) string
	// head is the expression for the beginning of a text, in characters.
	head(expr string, n int, of family) string
	// boolean is a literal of a boolean type.
	boolean(value bool, typeName string) string
	// instant is the expression for the Unix seconds of a text YYYY-MM-DDThh:mm:ss that ends in an offset.
	instant(expr string) string
	// json is the expression for the JSON at a place within a column of JSON; NULL where there is none.
	json(expr string, path []string) string
	// plainJSON is the expression for a column of JSON as its text, of which a text has no quotes.
	plainJSON(expr string) string
	// spelling is the aggregate that takes one spelling of those that a column's collation holds for equal.
	spelling(expr string, of family) string
	// serverZone asks for the zone in which the server shows times; empty where there is none.
	serverZone() string
}

// column is one of a table's, as the database declares it.
type column struct {
	typeName string
	family   family
}

// columns are those of these names. A session asks once for each.
func (s *Session) columns(ctx context.Context, table string, names ...string) ([]column, error) {
	var missing []string
	for _, name := range names {
		if _, known := s.known[table+"\x00"+name]; !known {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		if err := s.learn(ctx, table, missing); err != nil {
			return nil, err
		}
	}
	found := make([]column, len(names))
	for i, name := range names {
		found[i] = s.known[table+"\x00"+name]
	}
	return found, nil
}

// learn asks for the types of columns.
func (s *Session) learn(ctx context.Context, table string, names []string) error {
	probe := statement{dialect: s.dialect}
	separator := "SELECT "
	for _, name := range names {
		probe.add(separator, s.dialect.quote(name))
		separator = ", "
	}
	probe.from(table, filter{})
	_, described, err := s.describe(ctx, probe.text.String())
	if err != nil {
		return err
	}
	if s.known == nil {
		s.known = map[string]column{}
	}
	for i, typeName := range described {
		if text, bound := s.dialect.declared(table, names[i], typeName); text != "" { //nolint:gosec // types are of these columns
			if err := s.conn.QueryRowContext(ctx, text, bound...).Scan(&typeName); err != nil {
				return err
			}
		}
		s.known[table+"\x00"+names[i]] = column{typeName, s.dialect.familyOf(typeName)} //nolint:gosec // likewise
	}
	return nil
}

func refused(reason string) error { return &source.Error{Reason: reason} }

// isJSON reports that the column holds JSON.
func (c column) isJSON() bool { return isType(c.typeName, "JSON", "JSONB") }

// unquoted is a text as plainJSON has it, whether it is written as JSON or plainly.
func unquoted(text string) string {
	var plain string
	if json.Unmarshal([]byte(text), &plain) == nil {
		return plain
	}
	return text
}

// json is the operand of a text that is compared with plainJSON: an object or a list, which each database writes with blanks
// of its own, is written by the same function.
func (s *Session) json(text string) operand {
	var nested any
	if json.Unmarshal([]byte(text), &nested) == nil {
		switch nested.(type) {
		case map[string]any, []any:
			return func(stmt *statement) {
				stmt.bound = append(stmt.bound, text)
				stmt.add(s.dialect.plainJSON(s.dialect.placeholder(len(stmt.bound))))
			}
		}
	}
	return bound(unquoted(text))
}

// jsonPath is a place as SQLite and MySQL write it; a number is a place in a list.
func jsonPath(path []string) string {
	text := "$"
	for _, key := range path {
		if strings.Trim(key, "0123456789") == "" && key != "" {
			text += "[" + key + "]"
		} else {
			text += `."` + key + `"`
		}
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
