// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// checks are the constraints of one column, of which all rows that are there have been checked, but those that call a function
// of somebody's. A domain has its own, which the cast meets.
func (p postgres) checks(ctx context.Context, s *Session, table, column string) (found []check) {
	rows, _ := s.Ask(ctx, "SELECT COALESCE(pg_get_expr(k.conbin, k.conrelid), 'true'), COALESCE(pg_get_expr(k.conbin, k.conrelid), 'what its domain lets in'), format_type(a.atttypid, -1)"+
		" FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.conkey = ARRAY[a.attnum]"+
		" AND k.contype = 'c' AND k.convalidated AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_constraint'::regclass AND d.objid = k.oid AND d.refclassid = 'pg_proc'::regclass)"+
		" WHERE a.attrelid = to_regclass($1) AND a.attname = $2 AND (k.oid IS NOT NULL OR t.typtype = 'd')", 100, p.regclass(table), column)
	for _, row := range rows {
		found = append(found, check{row[0].(string), row[1].(string), "CAST($1 AS " + row[2].(string) + ")"})
	}
	return found
}

// checks are all of the table's: one of another column, or of several, the server cannot answer of one value alone. The
// statement that makes the table is told also to who may only read.
func (m mariadb) checks(ctx context.Context, s *Session, table, _ string) []check {
	show := statement{dialect: m}
	show.add("SHOW CREATE TABLE ")
	show.table(table)
	rows, _ := s.Ask(ctx, show.text.String(), 1)
	if len(rows) == 0 || len(rows[0]) < 2 {
		return nil
	}
	create, _ := rows[0][1].(string)
	return checksIn(create, mariadbToken, nil)
}

// checks are those that name no other column, which SQLite takes for a text where it is quoted and not there.
func (sqliteFile) checks(ctx context.Context, s *Session, table, column string) []check {
	schema, table := parts(table)
	if schema == "" {
		schema = "main"
	}
	made, _ := s.Ask(ctx, "SELECT sql FROM "+sqliteFile{}.quote(schema)+".sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE", 1, table)
	columns, _ := s.Ask(ctx, "SELECT name FROM pragma_table_info(?1, ?2) WHERE name <> ?3 COLLATE NOCASE", 10_000, table, schema, column)
	if len(made) == 0 {
		return nil
	}
	create, _ := made[0][0].(string)
	others := []string{"rowid", "oid", "_rowid_"}
	for _, row := range columns {
		others = append(others, row[0].(string))
	}
	return checksIn(create, sqliteToken, others)
}

// The tokens of a statement that makes a table: texts, names, comments, words and signs.
var (
	sqliteToken  = regexp.MustCompile("(?s)'[^']*'|\"[^\"]*\"|`[^`]*`|\\[[^\\]]*\\]|--[^\n]*|/\\*.*?\\*/|[\\pL\\pN_$]+|\\S")
	mariadbToken = regexp.MustCompile("(?s)'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|/\\*.*?\\*/|[\\pL\\pN_$]+|\\S")
)

// checksIn are the conditions of the CHECKs in a statement that makes a table, without those that name one of these columns.
func checksIn(create string, token *regexp.Regexp, others []string) (found []check) {
	at := token.FindAllStringIndex(create, -1)
	text := func(i int) string { return create[at[i][0]:at[i][1]] }
	for i := 0; i+1 < len(at); i++ {
		if !strings.EqualFold(text(i), "CHECK") || text(i+1) != "(" {
			continue
		}
		first, depth, foreign := i+1, 0, false
		for i++; i < len(at); i++ {
			switch one := text(i); one {
			case "(":
				depth++
			case ")":
				depth--
			default:
				name := strings.Trim(one, "\"`[]")
				foreign = foreign || slices.ContainsFunc(others, func(other string) bool { return strings.EqualFold(name, other) })
			}
			if depth == 0 {
				break
			}
		}
		enforced := i+1 >= len(at) || !strings.Contains(text(i+1), "NOT ENFORCED")
		if depth == 0 && !foreign && enforced {
			condition := strings.TrimSpace(create[at[first][1]:at[i][0]])
			found = append(found, check{condition, condition, "?"})
		}
	}
	return found
}
