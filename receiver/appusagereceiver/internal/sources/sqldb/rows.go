// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"strconv"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// extreme orders instead of asking for MIN or MAX: so the column keeps its type, and an index serves.
func (s *Session) extreme(ctx context.Context, q Query) (source.Value, error) {
	column := s.dialect.quote(q.Column)
	direction := " ASC"
	if q.Kind == Max {
		direction = " DESC"
	}
	return single(s.rows(ctx, q.Table, []string{q.Column}, []string{column}, "", func(stmt *statement) {
		stmt.from(q.Table, q.Where, column+" IS NOT NULL")
		stmt.add(" ORDER BY ", column, direction, " LIMIT 1")
	}))
}

func (s *Session) pick(ctx context.Context, q Query) (source.Value, error) {
	return single(s.rows(ctx, q.Table, []string{q.Column}, []string{s.dialect.quote(q.Column)}, "", func(stmt *statement) {
		stmt.from(q.Table, q.Where)
		stmt.add(" LIMIT 2")
	}))
}

func (s *Session) sql(ctx context.Context, text string) (source.Value, error) {
	if strings.Contains(text, ";") {
		return nil, errStatements
	}
	// As a subquery it can be nothing but a SELECT, and its text stays measured.
	relation := " FROM (\n" + text + "\n) AS reading"
	columns, types, err := s.describe(ctx, "SELECT *"+relation)
	if err != nil {
		return nil, err
	}
	if len(columns) != 1 {
		return nil, errColumns
	}
	return single(s.measured(ctx, types, []string{s.dialect.quote(columns[0])}, "", func(stmt *statement) {
		stmt.add(relation, " LIMIT 2")
	}))
}

// single is the value of the only row; nil when there is none.
func single(rows []row, err error) (source.Value, error) {
	switch {
	case err != nil || len(rows) == 0:
		return nil, err
	case len(rows) > 1:
		return nil, errSeveral
	default:
		return rows[0].fields[0].open()
	}
}

// row is what was selected: fields, and a count beside them where one was asked for.
type row struct {
	fields []field
	count  int64
}

// field is one column of a row: its value, or how long the text was that stayed behind.
type field struct {
	scanned  any
	bytes    int64
	typeName string
}

func (f field) open() (source.Value, error) {
	if f.bytes > source.MaxText {
		return nil, source.ErrTooLong
	}
	return valueOf(f.scanned, f.typeName)
}

// rows selects expressions of a table, each made of the column at its place; rest writes what follows them.
func (s *Session) rows(ctx context.Context, table string, columns, exprs []string, count string, rest func(*statement)) ([]row, error) {
	probe := statement{dialect: s.dialect}
	probe.add("SELECT ", strings.Join(exprs, ", "))
	probe.from(table, nil)
	_, types, err := s.describe(ctx, probe.text.String())
	if err != nil {
		return nil, err
	}
	if d, tells := s.dialect.(interface {
		declared(table, column string) (string, []any)
	}); tells {
		for i := range types {
			if types[i] == "TINYINT" {
				text, bound := d.declared(table, columns[i]) //nolint:gosec // types are of these columns
				if err := s.conn.QueryRowContext(ctx, text, bound...).Scan(&types[i]); err != nil {
					return nil, err
				}
			}
		}
	}
	return s.measured(ctx, types, exprs, count, rest)
}

// measured selects without pulling long texts out of the database. That hides from
// SQLite's driver what types were declared, so they are known before.
func (s *Session) measured(ctx context.Context, types, exprs []string, count string, rest func(*statement)) ([]row, error) {
	stmt := statement{dialect: s.dialect}
	separator := "SELECT "
	for _, expr := range exprs {
		size := "COALESCE(" + s.dialect.bytes(expr) + ", 0)"
		stmt.add(separator, "CASE WHEN ", size, " <= ", strconv.Itoa(source.MaxText), " THEN ", expr, " END, ", size)
		separator = ", "
	}
	if count != "" {
		stmt.add(separator, count)
	}
	rest(&stmt)
	return s.fetch(ctx, &stmt, types, count != "")
}

func (s *Session) fetch(ctx context.Context, stmt *statement, types []string, counted bool) ([]row, error) {
	rows, err := s.conn.QueryContext(ctx, stmt.text.String(), stmt.bound...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found []row
	for rows.Next() {
		r := row{fields: make([]field, len(types))}
		targets := make([]any, 0, 2*len(types)+1)
		for i, typeName := range types {
			r.fields[i].typeName = typeName
			targets = append(targets, &r.fields[i].scanned, &r.fields[i].bytes)
		}
		if counted {
			targets = append(targets, &r.count)
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// describe tells the columns of a SELECT and their types, and reads no row.
func (s *Session) describe(ctx context.Context, text string) (columns, types []string, err error) {
	rows, err := s.conn.QueryContext(ctx, text+" LIMIT 0")
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = rows.Close() }()
	described, err := rows.ColumnTypes()
	if err != nil {
		return nil, nil, err
	}
	for _, column := range described {
		columns = append(columns, column.Name())
		types = append(types, column.DatabaseTypeName())
	}
	return columns, types, rows.Err()
}
