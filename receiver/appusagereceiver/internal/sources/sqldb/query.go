// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"errors"
	"maps"
	"regexp"
	"slices"
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
	// Sum adds up a column's numbers; of none it is 0.
	Sum
	// CountPer counts the values of a column by in how many rows each is.
	CountPer
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
	// JSON is the place within a Column of JSON that a CountDistinct or a Pick is about.
	JSON []string
	// By makes groups of a Count or CountDistinct, one for each value of these columns.
	By []string
	// Label names the groups of one column by what another table says of its values.
	Label *Label
	// Bounds are the upper ones, included, of a CountPer's numbers of rows; there is one group more than bounds.
	Bounds []int64
	// Limit is how many groups there may be.
	Limit int
}

// columns are those of which a reading needs to know the types, each once.
func (q Query) columns() []string {
	names := slices.Sorted(maps.Keys(q.Where))
	names = append(names, q.By...)
	if q.Kind != CountDistinct && q.Kind != CountPer && q.Column != "" {
		names = append(names, q.Column)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// A name is what it is in the database, and quoted there. A table's may follow its schema's and a dot;
// a part with a dot of its own stands in double quotes.
var (
	columnName = regexp.MustCompile("^[^\\p{C};\"'`\\\\\\s]([^\\p{C};\"'`\\\\]*[^\\p{C};\"'`\\\\\\s])?$")
	tableName  = regexp.MustCompile("^(" + tablePart + ")(?:\\.(" + tablePart + "))?$")
)

const tablePart = "[^\\p{C};\"'`\\\\\\s.](?:[^\\p{C};\"'`\\\\.]*[^\\p{C};\"'`\\\\\\s.])?|\"[^\\p{C};\"'`\\\\]+\""

// CheckTable reports why name cannot be a table's name.
func CheckTable(name string) error {
	if !tableName.MatchString(name) {
		return errors.New("a table's name is letters, digits, blanks and signs but no quotes, backslashes or semicolons, optionally after its schema and a dot; with dots of its own it stands in double quotes")
	}
	return nil
}

// CheckColumn reports why name cannot be a column's name.
func CheckColumn(name string) error {
	if !columnName.MatchString(name) {
		return errors.New("a column's name is letters, digits, blanks and signs but no quotes, backslashes or semicolons")
	}
	return nil
}

// parts takes a table's name apart; schema is empty where the name says none.
func parts(name string) (schema, table string) {
	found := tableName.FindStringSubmatch(name)
	if found == nil {
		return "", name
	}
	schema, table = found[1], found[2]
	if table == "" {
		schema, table = "", schema
	}
	return strings.Trim(schema, `"`), strings.Trim(table, `"`)
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
	schema, table := parts(name)
	if schema != "" {
		s.add(s.dialect.quote(schema), ".")
	}
	s.add(s.dialect.quote(table))
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

// Label is a column that says of each key of its table what to call it.
type Label struct{ Table, Key, Column string }
