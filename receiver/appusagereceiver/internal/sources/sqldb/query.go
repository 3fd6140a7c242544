// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"errors"
	"regexp"
	"strings"
)

// Kind is what a Query asks for.
type Kind uint8

const (
	// Count is the number of rows.
	Count Kind = iota
	// CountDistinct is the number of distinct values of a column; NULL is none.
	CountDistinct
	// Min is the smallest value of a column.
	Min
	// Max is the greatest value of a column.
	Max
	// Pick is a column's value in the one row that matches.
	Pick
	// SQL is the single value that a SELECT gives.
	SQL
)

// Query asks for one value.
type Query struct {
	Kind   Kind
	Table  string
	Column string
	// Where holds what columns must have: a value, nil for NULL, tests ([]Test), or a Since for
	// times no earlier than it.
	Where map[string]any
	// Times says how columns write times, where their types do not.
	Times Times
	// Text is the statement of a Query of kind SQL.
	Text string
	// Estimate takes the planner's figure for a Count or CountDistinct of a whole
	// table, where there is one.
	Estimate bool
	// By makes groups of a Count or CountDistinct, one for each value of this column.
	By string
	// Limit is how many groups there may be.
	Limit int
}

// name is a table's or column's, a table's optionally with its schema.
var (
	columnName = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_$-]*$`)
	tableName  = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_$-]*(\.[\p{L}_][\p{L}\p{N}_$-]*)?$`)
)

// CheckTable reports why name cannot be a table's name.
func CheckTable(name string) error {
	if !tableName.MatchString(name) {
		return errors.New("a table's name is letters, digits, _, $ and -, optionally after its schema and a dot")
	}
	return nil
}

// CheckColumn reports why name cannot be a column's name.
func CheckColumn(name string) error {
	if !columnName.MatchString(name) {
		return errors.New("a column's name is letters, digits, _, $ and -")
	}
	return nil
}

// statement is SQL text with the values bound in it.
type statement struct {
	dialect dialect
	text    strings.Builder
	bound   []any
}

func (s *statement) add(parts ...string) {
	for _, part := range parts {
		s.text.WriteString(part)
	}
}

// value binds one value and writes its placeholder.
func (s *statement) value(value any) {
	s.bound = append(s.bound, value)
	s.add(s.dialect.placeholder(len(s.bound)))
}

// table writes a table's name, quoted part by part.
func (s *statement) table(name string) {
	for i, part := range strings.Split(name, ".") {
		if i > 0 {
			s.add(".")
		}
		s.add(s.dialect.quote(part))
	}
}

// from writes FROM and WHERE; further conditions are written out already.
func (s *statement) from(table string, f filter, further ...string) {
	s.add(" FROM ")
	s.table(table)
	for _, condition := range further {
		f = f.and(text(condition))
	}
	s.where(" WHERE ", f)
}

// where writes the filter's conditions, the first of them after opening.
func (s *statement) where(opening string, f filter) {
	for _, condition := range f.conditions {
		s.add(opening)
		condition(s)
		opening = " AND "
	}
}
