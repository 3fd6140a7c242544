// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// doubt looks at readings that found nothing: a value that a CHECK constraint of its column never lets in is a slip of who
// wrote the configuration, and what it finds is no 0.
func (s *Session) doubt(ctx context.Context, queries []Query, answers []source.Answer) {
	for i, q := range queries {
		if answers[i].Err == nil && foundNothing(q, answers[i]) {
			if err := s.meetsChecks(ctx, q); err != nil {
				answers[i] = source.Answer{Err: err}
			}
		}
	}
}

func foundNothing(q Query, answer source.Answer) bool {
	if len(q.By) > 0 {
		return len(answer.Groups) == 0
	}
	return answer.Value == nil || answer.Value == int64(0)
}

// meetsChecks refuses a query whose where names what no row can have.
func (s *Session) meetsChecks(ctx context.Context, q Query) error {
	for _, name := range slices.Sorted(maps.Keys(q.Where)) {
		values := namedIn(q.Where[name])
		if len(values) == 0 || !s.known[q.Table+"\x00"+name].asWritten() {
			continue
		}
		for _, one := range s.dialect.checks(ctx, s, q.Table, name) {
			for _, value := range values {
				if s.keepsOut(ctx, q.Table, name, one, value) {
					return refused(fmt.Sprintf("where::%s: a CHECK of the column lets no %q in: it wants %s", name, value, short(one.shown)))
				}
			}
		}
	}
	return nil
}

// asWritten reports that a column holds a value as a configuration writes it: a time, a boolean, bytes and JSON may be written otherwise.
func (c column) asWritten() bool {
	return !c.family.isTime() && !c.declaresTimes() && c.family != booleans && !isBoolean(c.typeName) && c.family != bytesOf && !c.isJSON()
}

// namedIn are the values that a condition asks for, as a CHECK would write them; of booleans that is not known.
func namedIn(condition any) (values []string) {
	tests, _ := condition.([]Test)
	for _, test := range tests {
		if test.Op != Is && test.Op != In {
			continue
		}
		for _, literal := range test.Values {
			if _, isBool := literal.Value.(bool); !isBool && literal.Value != nil {
				values = append(values, decimal(literal.Value))
			}
		}
	}
	return values
}

// check is a condition that each value of one column meets.
type check struct {
	// expression is false of what is kept out, and shown what a message says of it.
	expression, shown string
	// operand is how a value is written.
	operand string
}

// keepsOut asks the database itself whether a check is false of a value. A value is compared as the column is, by its collation;
// one that looks like a number may be either, and what cannot be asked is let in.
func (s *Session) keepsOut(ctx context.Context, table, name string, by check, value string) bool {
	if string(bytesIn(value)) != value {
		return false // which may stand there as bytes
	}
	forms := []any{value}
	if number, err := strconv.ParseFloat(value, 64); err == nil && s.dialect.system() == "sqlite" {
		forms = append(forms, number)
	}
	for _, form := range forms {
		stmt := statement{dialect: s.dialect}
		stmt.add("SELECT (", by.expression, "\n) FROM (SELECT ", s.dialect.quote(name))
		stmt.from(table, filter{}, "1 = 0")
		stmt.add(" UNION ALL SELECT ", by.operand, ") AS ")
		_, alias := parts(table)
		stmt.add(s.dialect.quote(alias))
		rows, err := s.Ask(ctx, stmt.text.String(), 1, form)
		switch {
		case errors.Is(err, errChecked):
			return true
		case err != nil || len(rows) != 1 || (rows[0][0] != false && rows[0][0] != int64(0)):
			return false
		}
	}
	return true
}

// short is the beginning of a text, for a message.
func short(text string) string {
	if runes := []rune(text); len(runes) > 300 {
		return string(runes[:300]) + "…"
	}
	return text
}
