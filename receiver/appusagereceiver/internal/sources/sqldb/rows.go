// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/headcount-otel/headcount/internal/timeform"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// extreme orders instead of asking for MIN or MAX: so the column keeps its type, and an index serves.
func (s *Session) extreme(ctx context.Context, q Query, f filter) (source.Answer, error) {
	columns, err := s.columns(ctx, q.Table, q.Column)
	if err != nil {
		return source.Answer{}, err
	}
	plain := func() (source.Value, error) {
		return single(s.end(ctx, q, f.and(text(s.dialect.quote(q.Column)+" IS NOT NULL")), s.dialect.quote(q.Column)))
	}
	if !q.Times.say(columns[0]) {
		if value, err := plain(); err != nil || !q.Times.maybe(value) {
			return valued(value, err)
		}
	}
	clock, err := s.clock(ctx, q.Table, q.Column, f, q.Times, false)
	if err != nil {
		return source.Answer{}, err
	}
	if clock == nil {
		return valued(plain())
	}
	f, err = s.near(ctx, q.Table, q.Column, q.Kind, clock, f.and(clock.known))
	if err != nil {
		return source.Answer{}, err
	}
	return clock.only(s.end(ctx, q, f, clock.order()))
}

// end is the row of the column's least or greatest value.
func (s *Session) end(ctx context.Context, q Query, f filter, order string) ([]row, error) {
	direction := map[Kind]string{Min: " ASC", Max: " DESC"}[q.Kind]
	return s.rows(ctx, q.Table, []item{s.item(q.Column)}, "", func(stmt *statement) {
		stmt.from(q.Table, f)
		stmt.add(" ORDER BY ", order, direction, " LIMIT 1")
	})
}

func (s *Session) pick(ctx context.Context, q Query, f filter) (source.Answer, error) {
	columns, err := s.columns(ctx, q.Table, q.Column)
	if err != nil {
		return source.Answer{}, err
	}
	picked := s.item(q.Column)
	if q.JSON != nil {
		picked = item{expr: s.dialect.json(picked.expr, q.JSON), typeName: jsonValue}
	}
	rows, err := s.rows(ctx, q.Table, []item{picked}, "", func(stmt *statement) {
		stmt.from(q.Table, f)
		stmt.add(" LIMIT 2")
	})
	if err != nil || len(rows) != 1 || q.JSON != nil {
		return valued(single(rows, err))
	}
	if !q.Times.say(columns[0]) {
		value, err := single(rows, err)
		text, isText := value.(string)
		if form, none := timeform.Find([]any{text}); err != nil || !isText || none != nil || !form.IsText() || !form.SaysHours() {
			return valued(value, err)
		}
	}
	clock, err := s.clockOfOne(ctx, q, columns[0], rows[0].fields[0])
	if err != nil {
		return source.Answer{}, err
	}
	return clock.only(rows, nil)
}

func (s *Session) sql(ctx context.Context, text string) (source.Value, error) {
	if strings.Contains(text, ";") {
		return nil, errStatements
	}
	if strings.HasPrefix(strings.ToUpper(strings.TrimSpace(text)), "PRAGMA") {
		return nil, errPragma
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

// item is a selected expression of a column, and its type where that is not the column's.
type item struct{ column, expr, typeName string }

// item is a column as it is.
func (s *Session) item(column string) item {
	return item{column: column, expr: s.dialect.quote(column)}
}

// rows selects items of a table; rest writes what follows them.
func (s *Session) rows(ctx context.Context, table string, items []item, count string, rest func(*statement)) ([]row, error) {
	var names, exprs []string
	for _, item := range items {
		exprs = append(exprs, item.expr)
		if item.column != "" {
			names = append(names, item.column)
		}
	}
	columns, err := s.columns(ctx, table, names...)
	if err != nil {
		return nil, err
	}
	types := make([]string, len(items))
	for i, item := range items {
		types[i] = item.typeName
		if item.column != "" {
			types[i], columns = cmp.Or(item.typeName, columns[0].typeName), columns[1:]
		}
	}
	return s.measured(ctx, types, exprs, count, rest)
}

// measured selects without pulling long texts out of the database. That hides from
// SQLite's driver what types were declared, so they are known before.
func (s *Session) measured(ctx context.Context, types, exprs []string, count string, rest func(*statement)) ([]row, error) {
	stmt := statement{dialect: s.dialect}
	separator := "SELECT "
	for i, expr := range exprs {
		size := "COALESCE(" + s.dialect.bytes(expr) + ", 0)"
		stmt.add(separator, "CASE WHEN ", size, " <= ", strconv.Itoa(source.MaxText), " THEN ", s.dialect.fetched(expr, types[i]), " END, ", size)
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
