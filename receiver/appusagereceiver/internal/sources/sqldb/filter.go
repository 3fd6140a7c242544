// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Since is the earliest time that a column may hold.
type Since time.Time

// Test is one that a column's values have to pass.
type Test struct {
	// Op is one of Ops.
	Op string
	// Values are what the operator compares with; of In several, else one.
	Values []Literal
	// Of takes the values of In from a column of another table.
	Of *Rows
}

// The operators of a Test.
const (
	Is      = "is"
	Not     = "not"
	In      = "in"
	Prefix  = "prefix"
	Less    = "<"
	AtMost  = "<="
	More    = ">"
	AtLeast = ">="
)

// Literal is a value as it was written.
type Literal struct {
	// Value is nil for NULL, or a bool, a number or a string.
	Value any
	// Written is the text of a Value that was read from one, such as a variable of the environment.
	Written *string
}

// Rows are those of a column of a table.
type Rows struct {
	Table, Column string
	Where         map[string]any
	Times         Times
}

// filter is what rows must meet, each condition ready to be written.
type filter struct {
	conditions []func(*statement)
	// notes say, for the debug log, how times are written.
	notes string
}

// and is the filter with one more condition.
func (f filter) and(condition func(*statement)) filter {
	f.conditions = append(slices.Clip(f.conditions), condition)
	return f
}

// text is a condition that is written out already.
func text(condition string) func(*statement) {
	return func(stmt *statement) { stmt.add(condition) }
}

// filter looks up what the conditions of where need to know of their columns.
func (s *Session) filter(ctx context.Context, table string, where map[string]any, times Times) (f filter, err error) {
	names := slices.Sorted(maps.Keys(where))
	for _, name := range names {
		tests, isTests := where[name].([]Test)
		if _, isSince := where[name].(Since); isSince {
			continue
		}
		if !isTests {
			tests = []Test{{Op: Is, Values: []Literal{{Value: where[name]}}}}
		}
		for _, test := range tests {
			condition, err := s.test(ctx, table, name, test, times)
			if err != nil {
				return filter{}, err
			}
			f = f.and(condition)
		}
	}
	// A column of times is looked at in the rows that pass the rest.
	others := f
	for _, name := range names {
		since, isSince := where[name].(Since)
		if !isSince {
			continue
		}
		clock, err := s.clock(ctx, table, name, others, times, true)
		if err != nil {
			return filter{}, err
		}
		f = f.and(func(stmt *statement) { clock.since(stmt, time.Time(since).UTC().Truncate(time.Second)) })
		if !clock.isEmpty() && !clock.family.isTime() {
			f.notes += fmt.Sprintf("; `%s` holds times as %s", name, clock.form)
		}
	}
	return f, nil
}

// test makes a condition of one test.
func (s *Session) test(ctx context.Context, table, name string, test Test, times Times) (func(*statement), error) {
	if test.Of != nil {
		of, err := s.filter(ctx, test.Of.Table, test.Of.Where, test.Of.Times)
		return func(stmt *statement) {
			stmt.add(s.dialect.quote(name), " IN (SELECT ", s.dialect.quote(test.Of.Column))
			stmt.from(test.Of.Table, of)
			stmt.add(")")
		}, err
	}
	switch test.Op {
	case Less, AtMost, More, AtLeast:
		return s.comparison(ctx, table, name, test, times)
	}
	null := slices.ContainsFunc(test.Values, func(l Literal) bool { return l.Value == nil })
	values := slices.DeleteFunc(slices.Clone(test.Values), func(l Literal) bool { return l.Value == nil })
	found, err := s.columns(ctx, table, name)
	if err != nil {
		return nil, err
	}
	column := s.written(name, found[0])
	if test.Op == Prefix {
		beginning, err := s.literal(ctx, table, name, found[0], values[0])
		if err != nil {
			return nil, err
		}
		return s.prefix(column, found[0], beginning)
	}
	equal := make([]func(*statement), len(values))
	for i, value := range values {
		if value.isRounded() {
			return nil, refused(fmt.Sprintf("where::%s: a number of so many digits was rounded when the configuration was read: write it in quotes", name))
		}
		if equal[i], err = s.equals(ctx, table, name, found[0], value, times); err != nil {
			return nil, err
		}
	}
	if test.Op == Not {
		return not(column, equal, null), nil
	}
	return in(column, equal, null), nil
}

// written is the column as its values are compared: of JSON its text.
func (s *Session) written(name string, of column) string {
	if of.isJSON() {
		return s.dialect.plainJSON(s.dialect.quote(name))
	}
	return s.dialect.quote(name)
}

// literal writes a value as the column's own are written.
func (s *Session) literal(ctx context.Context, table, name string, of column, value Literal) (operand, error) {
	if text, isText := value.Value.(string); isText && of.isJSON() {
		return s.json(text), nil
	}
	return s.operand(ctx, table, name, value)
}

// equals writes that a value is the column's: of a moment, however the column writes it, and of a truth, whatever
// stands for it.
func (s *Session) equals(ctx context.Context, table, name string, of column, value Literal, times Times) (func(*statement), error) {
	text, isText := value.Value.(string)
	if isText {
		if err := of.admits(name, text); err != nil {
			return nil, err
		}
	}
	operand, err := s.literal(ctx, table, name, of, value)
	if err != nil {
		return nil, err
	}
	column := s.written(name, of)
	if truth, is := of.truth(value); is {
		return func(stmt *statement) { stmt.add(means(column, truth)) }, nil
	}
	if isText {
		if moment, err := s.moment(ctx, table, name, text, times); moment != nil || err != nil {
			return moment, err
		}
	}
	return func(stmt *statement) {
		stmt.add(column, " = ")
		operand(stmt)
	}, nil
}

// in writes that one of the values is the column's.
func in(column string, equal []func(*statement), null bool) func(*statement) {
	return func(stmt *statement) {
		stmt.add("(")
		if null {
			stmt.add(column, " IS NULL")
		}
		for i, equals := range equal {
			if null || i > 0 {
				stmt.add(" OR ")
			}
			equals(stmt)
		}
		stmt.add(")")
	}
}

// not writes that none of the values is the column's: NULL is none of them, unless it is named.
func not(column string, equal []func(*statement), null bool) func(*statement) {
	return func(stmt *statement) {
		if null {
			stmt.add(column, " IS NOT NULL")
		} else {
			stmt.add("(", column, " IS NULL OR (")
		}
		for i, equals := range equal {
			if null || i > 0 {
				stmt.add(" AND ")
			}
			stmt.add("NOT (")
			equals(stmt)
			stmt.add(")")
		}
		if !null {
			stmt.add("))")
		}
	}
}
