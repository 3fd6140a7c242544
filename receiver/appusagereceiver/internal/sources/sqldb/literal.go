// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/headcount-otel/headcount/internal/timeform"
)

// operand writes one value into a statement.
type operand func(*statement)

func bound(value any) operand { return func(stmt *statement) { stmt.value(value) } }

// operand makes of a literal what can be compared with a column; a literal of another type is refused,
// because databases compare such values each in its own way, or not at all.
func (s *Session) operand(ctx context.Context, table, name string, l Literal) (operand, error) {
	found, err := s.columns(ctx, table, name)
	if err != nil {
		return nil, err
	}
	of := found[0]
	if of.isChoice() {
		of.family = texts
	}
	if of.family == anything {
		if of.family, err = s.held(ctx, table, name, of.typeName); err != nil {
			return nil, err
		}
	}
	c := target{column: found[0], holds: of.family, dialect: s.dialect}
	var made operand
	kind := ""
	switch value := l.Value.(type) {
	case string:
		kind, made = "a text", c.text(value)
	case bool:
		kind, made = "a boolean", c.truth(value)
	default:
		kind, made = "a number", c.number(decimal(value))
	}
	switch {
	case made != nil:
		return made, nil
	case l.Written != nil && c.holds == texts:
		return bound(*l.Written), nil
	}
	return nil, c.mismatch(name, kind)
}

// target is a column that a literal is to be compared with, and what it holds. For a literal of another type there
// is no operand.
type target struct {
	column  column
	holds   family
	dialect dialect
}

func (c target) text(value string) operand {
	switch c.holds {
	case numbers:
		if _, err := strconv.ParseFloat(value, 64); err == nil && strings.Trim(value, "0123456789.eE+-") == "" {
			return text(c.column.inPrecision(value))
		}
	case booleans:
		if truth, err := strconv.ParseBool(value); err == nil {
			return text(c.dialect.boolean(truth, c.column.typeName))
		}
	case bytesOf:
		return bound(bytesIn(value))
	case zonedTimes, naiveTimes, days:
		if _, is := timeform.Read(value); is {
			return text("'" + strings.ReplaceAll(value, "'", "") + "'")
		}
	default:
		return bound(value)
	}
	return nil
}

func (c target) truth(value bool) operand {
	switch c.holds {
	case booleans:
		return text(c.dialect.boolean(value, c.column.typeName))
	case numbers:
		return text(map[bool]string{true: "1", false: "0"}[value])
	case anything:
		return bound(value)
	case others:
		if !isType(c.column.typeName, "BIT", "VARBIT") { // of several bits none is true
			return text(c.dialect.boolean(value, c.column.typeName))
		}
	}
	return nil
}

func (c target) number(value string) operand {
	value = c.column.inPrecision(value)
	switch c.holds {
	case numbers, anything, others:
		return text(value)
	case booleans:
		if value == "0" || value == "1" {
			return text(c.dialect.boolean(value == "1", c.column.typeName))
		}
	}
	return nil
}

// mismatch says what the literal is and what the column holds.
func (c target) mismatch(name, kind string) error {
	described := c.column.typeName
	if c.column.family == anything {
		described = strings.TrimSpace(described + " with " + map[family]string{numbers: "numbers", texts: "texts", bytesOf: "bytes", booleans: "booleans"}[c.holds])
	}
	remedy := ""
	if c.holds == texts {
		remedy = ": write it in quotes"
	}
	return refused(fmt.Sprintf("where::%s: the value is %s and the column of the type %s%s", name, kind, described, remedy))
}

// decimal writes a number of any of Go's types.
func decimal(value any) string {
	if f, is := value.(float64); is {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// isRounded reports a number that probably was written with more digits than a float64 has, and so would equal none in the database.
func (l Literal) isRounded() bool {
	f, is := l.Value.(float64)
	digits, _, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	return is && len(strings.Trim(digits, "-0")) > len("1.")+15
}

// inPrecision is the number that a column holds for the one that is written: one of single precision holds
// 1.10000002… for 1.1, to which it compares unequal.
func (c column) inPrecision(number string) string {
	if c.family != numbers || !isType(c.typeName, singlePrecision...) {
		return number
	}
	single, err := strconv.ParseFloat(number, 32)
	if err != nil {
		return number // past what the column can hold
	}
	return decimal(single)
}

// bytesIn are a text's bytes, or those that it spells: as PostgreSQL does, or a UUID where the column holds sixteen bytes.
func bytesIn(text string) []byte {
	if digits, is := strings.CutPrefix(text, `\x`); is {
		if raw, err := hex.DecodeString(digits); err == nil {
			return raw // as PostgreSQL writes them
		}
	}
	digits := strings.ReplaceAll(text, "-", "")
	if raw, err := hex.DecodeString(digits); err == nil && len(raw) == 16 && len(text) == 36 {
		return raw
	}
	return []byte(text)
}

// held finds what a column of SQLite holds, by looking at some values; anything where they are of several kinds, or none.
func (s *Session) held(ctx context.Context, table, name, typeName string) (family, error) {
	column := s.dialect.quote(name)
	stmt := statement{dialect: s.dialect}
	stmt.add("SELECT DISTINCT typeof(v) FROM (SELECT ", column, " AS v")
	stmt.from(table, filter{}.and(text(column+" IS NOT NULL")))
	stmt.add(" LIMIT 200)")
	classes, err := s.values(ctx, &stmt, texts)
	if err != nil {
		return anything, err
	}
	held := anything
	for i, class := range classes {
		next := map[any]family{"integer": numbers, "real": numbers, "text": texts, "blob": bytesOf}[class]
		if i > 0 && next != held {
			return anything, nil
		}
		held = next
	}
	if held == numbers && isType(typeName, "BOOL") {
		held = booleans
	}
	return held, nil
}

// comparison makes a condition of an order: of numbers, and of times where the value is one.
func (s *Session) comparison(ctx context.Context, table, name string, test Test, times Times) (func(*statement), error) {
	column, value := s.dialect.quote(name), test.Values[0]
	if written, isText := value.Value.(string); isText {
		at, _, is := timeform.ReadIn(written, times.Zone)
		if !is {
			return nil, refused(fmt.Sprintf("where::%s: `%s` compares numbers and times: write one", name, test.Op))
		}
		clock, err := s.clock(ctx, table, name, filter{}, times, true)
		if err != nil {
			return nil, err
		}
		at = at.Truncate(time.Second)
		return func(stmt *statement) {
			switch test.Op {
			case Less:
				clock.before(stmt, at)
			case AtMost:
				clock.before(stmt, at.Add(time.Second))
			case More:
				clock.between(stmt, at.Add(time.Second), timeform.Far)
			default:
				clock.between(stmt, at, timeform.Far)
			}
		}, nil
	}
	operand, err := s.operand(ctx, table, name, value)
	if err != nil {
		return nil, err
	}
	found, err := s.columns(ctx, table, name)
	if err != nil {
		return nil, err
	}
	return func(stmt *statement) {
		stmt.add(column, " ", test.Op, " ")
		operand(stmt)
		if found[0].family == anything { // where texts and bytes are more than all numbers
			stmt.add(" AND typeof(", column, ") IN ('integer', 'real')")
		}
	}, nil
}

// moment makes a condition of one moment, whatever zone it is written in and whatever way the column writes times; nil where
// the value is none, or is to be compared as it is written.
func (s *Session) moment(ctx context.Context, table, name, written string, times Times) (func(*statement), error) {
	found, err := s.columns(ctx, table, name)
	if err != nil {
		return nil, err
	}
	at, said, is := timeform.ReadIn(written, times.Zone)
	switch of := found[0]; {
	case !is, of.family == days, of.family == naiveTimes && !said, !of.family.isTime() && !of.declaresTimes():
		return nil, nil
	}
	clock, err := s.clock(ctx, table, name, filter{}, times, true)
	if err != nil {
		return nil, err
	}
	return func(stmt *statement) {
		if !clock.family.isTime() {
			clock.between(stmt, at.Truncate(time.Second), at.Truncate(time.Second).Add(time.Second))
			return
		}
		zone, ending := clock.zone, ""
		if clock.family == zonedTimes {
			zone = time.UTC
			if s.dialect.system() == "postgresql" {
				ending = "+00"
			}
		}
		stmt.add(clock.expr, " = '", at.In(zone).Format("2006-01-02 15:04:05.999999"), ending, "'")
	}, nil
}

// prefix writes that a text begins with another, which is no pattern. It compares as the column does: of a function's result
// SQLite does not know the column's collation, and PostgreSQL not that the case does not count.
func (s *Session) prefix(column string, of column, begins operand) (func(*statement), error) {
	probe := statement{dialect: sqliteFile{}}
	begins(&probe)
	if len(probe.bound) != 1 {
		return nil, refused("`prefix` is that of a text: write one, and of a column of texts")
	}
	beginning, isText := probe.bound[0].(string)
	if !isText {
		return nil, refused("`prefix` is that of a text, and the column holds bytes")
	}
	return func(stmt *statement) {
		length := strconv.Itoa(utf8.RuneCountInString(beginning))
		switch {
		case of.family == anything:
			stmt.add("(", column, " >= ")
			begins(stmt)
			stmt.add(" AND ", column, " < ")
			begins(stmt)
			stmt.add(" || char(1114111))") // the last character of all
		case isType(of.typeName, "CITEXT"):
			stmt.add("LOWER(SUBSTR(", column, "::text, 1, ", length, ")) = LOWER(")
			begins(stmt)
			stmt.add(")")
		default:
			stmt.add("SUBSTR(", column, ", 1, ", length, ") = ")
			begins(stmt)
		}
	}, nil
}
