// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// A walk costs a descent into the index for each value, a scan a glance at each row:
// about fifty glances a descent, measured in PostgreSQL and SQLite.
const glancesPerDescent = 50

// leastWalk is how many values are worth walking where the number of rows is unknown.
const leastWalk = 10_000

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

func (s *Session) count(ctx context.Context, q Query, rows filter) (source.Answer, error) {
	if q.Estimate {
		f, err := s.figures(ctx, q.Table, "")
		if err != nil || f.rows >= 0 {
			return source.Answer{Value: int64(f.rows), How: "the planner's estimate"}, err
		}
	}
	stmt := statement{dialect: s.dialect}
	stmt.add("SELECT COUNT(*)")
	stmt.from(q.Table, rows)
	return s.number(ctx, &stmt, "a count"+rows.notes)
}

// distinct counts by the way that the catalogue promises to be short.
func (s *Session) distinct(ctx context.Context, q Query, rows filter) (source.Answer, error) {
	if q.JSON != nil {
		return s.distinctJSON(ctx, q, rows)
	}
	f, err := s.figures(ctx, q.Table, q.Column)
	if err != nil {
		return source.Answer{}, err
	}
	if q.Estimate && f.distinct >= 0 {
		return source.Answer{Value: int64(f.distinct), How: "the planner's estimate"}, nil
	}
	if f.indexed && len(q.Where) == 0 {
		if !s.dialect.walks() {
			stmt := statement{dialect: s.dialect}
			stmt.add("SELECT COUNT(DISTINCT ", s.dialect.quote(q.Column), ")")
			stmt.from(q.Table, filter{})
			return s.number(ctx, &stmt, "the database's own way along the index")
		}
		if f.distinct < 0 || f.rows < 0 || f.distinct*glancesPerDescent <= f.rows {
			limit := max(leastWalk, int64(f.rows/glancesPerDescent))
			serves, err := s.serves(ctx, q)
			if err != nil {
				return source.Answer{}, err
			}
			if !serves {
				return s.scan(ctx, q, rows, f)
			}
			answer, err := s.walk(ctx, q, limit)
			if err != nil || answer.Value.(int64) <= limit {
				return answer, err
			}
		}
	}
	return s.scan(ctx, q, rows, f)
}

// scan looks at each row.
func (s *Session) scan(ctx context.Context, q Query, rows filter, f figures) (source.Answer, error) {
	// Grouping hashes in parallel where COUNT(DISTINCT …) would sort all rows.
	column := s.dialect.quote(q.Column)
	stmt := statement{dialect: s.dialect}
	stmt.add("SELECT COUNT(*) FROM (SELECT ", column)
	stmt.from(q.Table, rows, column+" IS NOT NULL")
	stmt.add(" GROUP BY ", column, ") AS reading")
	return s.number(ctx, &stmt, fmt.Sprintf("a scan (indexed: %t)%s", f.indexed, rows.notes))
}

// serves reports whether the index can take each step of a walk, where the catalogue does not tell:
// one that sorts in another way than the column compares cannot.
func (s *Session) serves(ctx context.Context, q Query) (bool, error) {
	d, asks := s.dialect.(interface {
		plan(step string) (text string, serves func(plan string) bool)
	})
	if !asks {
		return true, nil
	}
	column := s.dialect.quote(q.Column)
	step := statement{dialect: s.dialect}
	step.add("SELECT ", column)
	step.from(q.Table, filter{}, column+" > (SELECT NULL)")
	step.add(" ORDER BY ", column, " LIMIT 1")
	text, serves := d.plan(step.text.String())
	rows, err := s.conn.QueryContext(ctx, text)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int64
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return false, err
		}
		plan.WriteString(detail + "\n")
	}
	return serves(plan.String()), rows.Err()
}

// walk counts distinct values by going along the index from each to the next greater one, a loose
// index scan (https://wiki.postgresql.org/wiki/Loose_indexscan). It ends one value past limit.
func (s *Session) walk(ctx context.Context, q Query, limit int64) (source.Answer, error) {
	column := s.dialect.quote(q.Column)
	stmt := statement{dialect: s.dialect}
	stmt.add("WITH RECURSIVE walk(v, n) AS (SELECT (SELECT ", column)
	stmt.from(q.Table, filter{}, column+" IS NOT NULL")
	stmt.add(" ORDER BY ", column, " LIMIT 1), 1 UNION ALL SELECT (SELECT ", column)
	stmt.from(q.Table, filter{}, column+" > walk.v")
	stmt.add(" ORDER BY ", column, " LIMIT 1), n + 1 FROM walk WHERE v IS NOT NULL AND n <= ", strconv.FormatInt(limit, 10),
		") SELECT COUNT(v) FROM walk")
	return s.number(ctx, &stmt, "a walk along the index")
}

// distinctJSON counts the values at a place within JSON; null is none.
func (s *Session) distinctJSON(ctx context.Context, q Query, rows filter) (source.Answer, error) {
	value := s.dialect.json(s.dialect.quote(q.Column), q.JSON)
	stmt := statement{dialect: s.dialect}
	stmt.add("SELECT COUNT(DISTINCT ", value, ")")
	stmt.from(q.Table, rows, value+" <> 'null'")
	return s.number(ctx, &stmt, "a scan"+rows.notes)
}

func (s *Session) number(ctx context.Context, stmt *statement, how string) (source.Answer, error) {
	var n int64
	err := s.conn.QueryRowContext(ctx, stmt.text.String(), stmt.bound...).Scan(&n)
	return source.Answer{Value: n, How: how}, err
}
