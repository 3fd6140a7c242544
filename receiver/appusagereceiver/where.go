// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// Where holds what columns must have, by name: a value, null for NULL, or operators: {in: […]}, {not: …}, {"<": …}, {"<=": …}, {">": …}, {">=": …}, {prefix: …}. `in` also takes the
// column of another table: {in: {table: …, column: …, where: {…}}}.
type Where map[string]any

var _ confmap.Unmarshaler = (*Where)(nil)

// operators are those of sqldb, by the keys of a configuration.
var operators = []string{sqldb.In, sqldb.Not, sqldb.Prefix, sqldb.Less, sqldb.AtMost, sqldb.More, sqldb.AtLeast}

// JSONSchema is what an editor checks: a value, or operators.
func (Where) JSONSchema() map[string]any {
	known := map[string]any{}
	for _, op := range operators {
		known[op] = map[string]any{}
	}
	return map[string]any{"type": []string{"object", "null"}, "additionalProperties": map[string]any{"anyOf": []any{
		map[string]any{"type": []string{"string", "number", "boolean", "null"}},
		map[string]any{"type": "object", "properties": known, "additionalProperties": false},
	}}}
}

// Unmarshal implements confmap.Unmarshaler: it keeps the text of what came from ${env:…} beside what YAML makes of it.
func (w *Where) Unmarshal(section *confmap.Conf) error {
	values, written := section.ToStringMap(), writtenIn(section)
	where := make(Where, len(values))
	for column, value := range values {
		tests, err := conditionsOf(section, column, value, written)
		where[column] = tests
		if err != nil {
			where[column] = err // for Validate, which knows the path
		}
	}
	*w = where
	return nil
}

// writtenIn are the texts of a section's values, as far as they are known: YAML forgets how a number was written.
func writtenIn(section *confmap.Conf) map[string]string {
	var written map[string]string
	_ = section.Unmarshal(&written) // which leaves out what is no text
	return written
}

// condition is one test; of is the column whose values it takes for `in`.
type condition struct {
	sqldb.Test
	of *Column
}

func conditionsOf(section *confmap.Conf, column string, value any, written map[string]string) ([]condition, error) {
	if _, isMap := value.(map[string]any); isMap {
		sub, err := section.Sub(column)
		if err != nil {
			return nil, err
		}
		return operations(sub)
	}
	l, err := literalOf(value, column, written)
	return []condition{{Test: sqldb.Test{Op: sqldb.Is, Values: []sqldb.Literal{l}}}}, err
}

// tests are what a database is asked now.
func (w Where) tests(now time.Time) map[string]any {
	tests := make(map[string]any, len(w))
	for column, conditions := range w {
		list, ours := conditions.([]condition)
		if !ours { // a plain value
			tests[column] = conditions
			continue
		}
		all := make([]sqldb.Test, len(list))
		for i, c := range list {
			if all[i] = c.Test; c.of != nil {
				all[i].Of = &sqldb.Rows{Table: c.of.Table, Column: c.of.Column, Where: c.of.conditions(now), Times: c.of.form()}
			}
		}
		tests[column] = all
	}
	return tests
}

// operations reads a map of operators, all of which must hold.
func operations(section *confmap.Conf) (tests []condition, err error) {
	values, written := section.ToStringMap(), writtenIn(section)
	for _, op := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(operators, op) {
			return nil, fmt.Errorf("unknown operator %q: write one of `%s`", op, strings.Join(operators, "`, `"))
		}
		test := condition{Test: sqldb.Test{Op: op}}
		switch v := values[op].(type) {
		case map[string]any:
			if op != sqldb.In {
				return nil, fmt.Errorf("%s: write a value", op)
			}
			test.of, err = subselect(section)
		case []any:
			if op != sqldb.In && op != sqldb.Not {
				return nil, fmt.Errorf("%s: it takes one value: write it without brackets", op)
			}
			test.Values, err = literalsOf(v)
		default:
			if op == sqldb.In {
				return nil, errors.New("in: write a list, such as [a, b], or the column of another table")
			}
			var l sqldb.Literal
			l, err = literalOf(v, op, written)
			if err == nil && l.Value == nil && op != sqldb.Not {
				err = errors.New("null is no value to compare with")
			}
			test.Values = []sqldb.Literal{l}
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
		tests = append(tests, test)
	}
	if len(tests) == 0 {
		return nil, fmt.Errorf("write one of `%s`", strings.Join(operators, "`, `"))
	}
	return tests, nil
}

// subselect reads the column of another table.
func subselect(section *confmap.Conf) (*Column, error) {
	sub, err := section.Sub(sqldb.In)
	if err != nil {
		return nil, err
	}
	var c Column
	if err := sub.Unmarshal(&c); err != nil {
		return nil, err
	}
	return &c, errors.Join(c.Rows.Validate(), c.Validate())
}

func literalsOf(values []any) (literals []sqldb.Literal, err error) {
	if len(values) == 0 {
		return nil, errors.New("the list is empty: write the values")
	}
	for _, value := range values {
		l, err := literalOf(value, "", nil)
		if err != nil {
			return nil, err
		}
		literals = append(literals, l)
	}
	return literals, nil
}

func literalOf(value any, key string, written map[string]string) (l sqldb.Literal, err error) {
	if value == nil {
		return l, nil
	}
	if _, isTime := value.(time.Time); isTime {
		return l, errors.New("YAML makes a time of it: write it in quotes")
	}
	if _, isLarge := value.(uint64); !isLarge && checkScalar("", value) != nil {
		return l, errors.New("this is no text, number or boolean: write one of those, or operators such as {in: [a, b]}")
	}
	l.Value = value
	if text, known := written[key]; known {
		l.Written = &text
	}
	return l, nil
}

// check checks the columns' names, and says what Unmarshal found.
func (w Where) check() error {
	var errs []error
	for _, column := range slices.Sorted(maps.Keys(w)) {
		errs = append(errs, checkColumn("where", column))
		if wrong, isError := w[column].(error); isError {
			errs = append(errs, fmt.Errorf("where::%s: %w", column, wrong))
		}
	}
	return errors.Join(errs...)
}
