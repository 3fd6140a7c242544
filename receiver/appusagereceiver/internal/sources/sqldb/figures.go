// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"database/sql"
	"errors"
)

// figures are what the catalogue knows about a column.
type figures struct {
	indexed bool
	// rows and distinct are the planner's; -1 is unknown.
	rows, distinct float64
}

func (s *Session) figures(ctx context.Context, table, column string) (figures, error) {
	text, bound := s.dialect.statistics(table, column)
	f := figures{rows: -1, distinct: -1}
	err := s.conn.QueryRowContext(ctx, text, bound...).Scan(&f.indexed, &f.rows, &f.distinct)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return f, err
}

// estimates are the figures of an estimate, of which it needs no index.
func (s *Session) estimates(ctx context.Context, table, column string) (figures, error) {
	if f, known := s.foreseen[tableColumn{table, column}]; known {
		return f, nil
	}
	return s.figures(ctx, table, column)
}

// tableColumn is what figures are of; without a column, of the table's rows alone.
type tableColumn struct{ table, column string }

// foresee asks for the figures of all estimates at once, where the database can be asked so: each question of its
// own costs more than the answers. What is not found each reading asks for itself.
func (s *Session) foresee(ctx context.Context, queries []Query) {
	d, can := s.dialect.(interface {
		allStatistics(of []tableColumn) (text string, bound []any)
	})
	if !can || s.foreseen != nil {
		return
	}
	var of []tableColumn
	for _, q := range queries {
		switch {
		case !q.Estimate || len(q.By) > 0 || q.JSON != nil:
		case q.Kind == Count:
			of = append(of, tableColumn{table: q.Table})
		case q.Kind == CountDistinct:
			of = append(of, tableColumn{q.Table, q.Column})
		}
	}
	if len(of) < 2 {
		return
	}
	text, bound := d.allStatistics(of)
	foreseen, err := within(ctx, s, func(ctx context.Context) (map[tableColumn]figures, error) {
		return s.allFigures(ctx, of, text, bound)
	})
	if err == nil {
		s.foreseen = foreseen
	}
}

// allFigures reads what the database says of each by its place among them; of some it says nothing.
func (s *Session) allFigures(ctx context.Context, of []tableColumn, text string, bound []any) (map[tableColumn]figures, error) {
	rows, err := s.conn.QueryContext(ctx, text, bound...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	found := map[tableColumn]figures{}
	for rows.Next() {
		var at int
		var f figures
		if err := rows.Scan(&at, &f.indexed, &f.rows, &f.distinct); err != nil {
			return nil, err
		}
		if one := of[at-1]; f.rows >= 0 && (one.column == "" || f.distinct >= 0) {
			found[one] = f
		}
	}
	return found, rows.Err()
}
