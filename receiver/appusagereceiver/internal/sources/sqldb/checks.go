// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

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
		if len(values) == 0 {
			continue
		}
		for _, listed := range s.listed(ctx, q.Table, name) {
			for _, value := range values {
				if !slices.ContainsFunc(listed, func(one string) bool { return alike(one, value) }) {
					return refused(fmt.Sprintf("where::%s: a CHECK of the column lets no %q in: write one of %s", name, value, few(listed)))
				}
			}
		}
	}
	return nil
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
				values = append(values, fmt.Sprint(literal.Value))
			}
		}
	}
	return values
}

// alike leaves open what the column's collation takes for one: case, and blanks at the end.
func alike(a, b string) bool {
	return strings.EqualFold(strings.TrimRight(a, " "), strings.TrimRight(b, " "))
}

// listed are the values to which each of a column's CHECK constraints confines it, where it is of that kind; what cannot be
// asked confines nothing.
func (s *Session) listed(ctx context.Context, table, name string) (lists [][]string) {
	question, bound := s.dialect.checks(table, name)
	rows, _ := s.Ask(ctx, question, 100, bound...)
	for _, row := range rows {
		definition, _ := row[0].(string)
		for _, found := range s.dialect.confines(name).FindAllStringSubmatch(definition, -1) {
			lists = append(lists, literalsOf(found[1]))
		}
	}
	return lists
}

const (
	// aLiteral is a text or an integer as databases write them in a CHECK; PostgreSQL says the type of a text.
	aLiteral = `(?:'(?:[^'\\]|'')*'|-?[0-9]+)`
	literals = `\s*(` + aLiteral + `(?:::[a-z ]+)?(?:\s*,\s*` + aLiteral + `(?:::[a-z ]+)?)*)\s*`
)

var oneLiteral = regexp.MustCompile(aLiteral)

func literalsOf(list string) (values []string) {
	for _, literal := range oneLiteral.FindAllString(list, -1) {
		if inner, isText := strings.CutPrefix(literal, "'"); isText {
			literal = strings.ReplaceAll(strings.TrimSuffix(inner, "'"), "''", "'")
		}
		values = append(values, literal)
	}
	return values
}

// few are the first of many values, for a message.
func few(values []string) string {
	if most := 30; len(values) > most {
		values = append(values[:most:most], "…")
	}
	return strings.Join(values, ", ")
}

// checks asks for the constraints of one column, of which all rows that are there have been checked.
func (p postgres) checks(table, column string) (question string, bound []any) {
	return "SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]" +
		" WHERE k.conrelid = to_regclass($1) AND a.attname = $2 AND k.contype = 'c' AND k.convalidated", []any{p.regclass(table), column}
}

func (postgres) confines(column string) *regexp.Regexp {
	return regexp.MustCompile(`^CHECK \(+"?` + regexp.QuoteMeta(column) + `"?\)?(?:::[a-z ]+)? = ANY \(+ARRAY\[` + literals + `\](?:\)::[a-z ]+\[\])?\)+$`)
}

// checks cannot be asked for of MySQL, which does not say to a reader whose they are.
func (mariadb) checks(table, _ string) (question string, bound []any) {
	schema, table := schemaOf(table)
	const clause = "REPLACE(check_clause, CONCAT(CHAR(92), CHAR(39)), CONCAT(CHAR(39), CHAR(39)))" // as others write a quote in a text
	return "SELECT " + clause + " FROM information_schema.check_constraints WHERE constraint_schema = COALESCE(?, DATABASE()) AND table_name = ?", []any{schema, table}
}

func (mariadb) confines(column string) *regexp.Regexp {
	return regexp.MustCompile("^\\(*`" + regexp.QuoteMeta(column) + "` in \\(" + literals + "\\)\\)*$")
}

func (sqliteFile) checks(table, _ string) (question string, bound []any) {
	_, table = parts(table)
	return "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE", []any{table}
}

func (sqliteFile) confines(column string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)\bCHECK\s*\(\s*["` + "`" + `\[]?` + regexp.QuoteMeta(column) + `["` + "`" + `\]]?\s+IN\s*\(` + literals + `\)\s*\)`)
}
