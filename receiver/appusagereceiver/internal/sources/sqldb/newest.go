// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"cmp"
	"context"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Newest asks for the newest row of a table.
type Newest struct {
	Table string
	// By is the column that orders the rows: a number, a time or a text.
	By    string
	Where map[string]any
	// Times says how By is written where it is a time.
	Times Times
	// Columns are read as they are, Lengths in characters.
	Columns, Lengths []string
}

// Row is one row: the value of By, and those of Columns and Lengths, each with its own error.
type Row struct {
	By      source.Value
	Columns map[string]Field
	Lengths map[string]Field
}

// Field is one column of a Row.
type Field struct {
	Value source.Value
	Err   error
}

// Newest returns the newest row, or nil when there is none.
func (s *Session) Newest(ctx context.Context, n Newest) (*Row, error) {
	return within(ctx, s, func(ctx context.Context) (*Row, error) {
		row, err := s.newest(ctx, n)
		if err == nil {
			err = s.verify(ctx)
		}
		return row, err
	})
}

func (s *Session) newest(ctx context.Context, n Newest) (*Row, error) {
	rows, err := s.filter(ctx, n.Table, n.Where, n.Times)
	if err != nil {
		return nil, err
	}
	columns, err := s.columns(ctx, n.Table, n.By)
	if err != nil {
		return nil, err
	}
	by := s.dialect.quote(n.By)
	order := by
	var times *clock
	if n.Times.say(columns[0]) {
		if times, err = s.clock(ctx, n.Table, n.By, rows, n.Times, false); err != nil {
			return nil, err
		}
		order = times.order()
		if rows, err = s.near(ctx, n.Table, n.By, Max, times, rows.and(times.known)); err != nil {
			return nil, err
		}
	}
	items := []item{s.item(n.By)}
	for _, column := range n.Columns {
		items = append(items, s.item(column))
	}
	for _, column := range n.Lengths {
		items = append(items, item{expr: s.dialect.characters(s.dialect.quote(column))})
	}
	found, err := s.rows(ctx, n.Table, items, "", func(stmt *statement) {
		stmt.from(n.Table, rows, by+" IS NOT NULL")
		stmt.add(" ORDER BY ", order, " DESC LIMIT 1")
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return n.row(found[0].fields, times)
}

// row opens the fields of the newest row: By, which is one of these times where there are any, the columns and the lengths.
func (n *Newest) row(fields []field, times *clock) (row *Row, err error) {
	row = &Row{Columns: make(map[string]Field, len(n.Columns)), Lengths: make(map[string]Field, len(n.Lengths))}
	if times != nil {
		row.By, err = times.open(fields[0])
	} else {
		row.By, err = fields[0].open()
	}
	if err != nil {
		return nil, err
	}
	columns, lengths := fields[1:1+len(n.Columns)], fields[1+len(n.Columns):]
	for i, column := range n.Columns {
		value, err := columns[i].open()
		row.Columns[column] = Field{value, err}
	}
	for i, column := range n.Lengths {
		value, err := lengths[i].open()
		row.Lengths[column] = Field{value, err}
	}
	return row, nil
}

// Compare orders two values of one By column, as the database does for numbers and times.
// Values of two kinds have no order: ok is false.
func Compare(a, b source.Value) (order int, ok bool) {
	switch a := a.(type) {
	case int64:
		if b, is := b.(int64); is {
			return cmp.Compare(a, b), true
		}
	case float64:
		if b, is := b.(float64); is {
			return cmp.Compare(a, b), true
		}
	case string:
		if b, is := b.(string); is {
			return cmp.Compare(a, b), true
		}
	case time.Time:
		if b, is := b.(time.Time); is {
			return a.Compare(b), true
		}
	}
	return 0, false
}
