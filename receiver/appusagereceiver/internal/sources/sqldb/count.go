// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
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

func (s *Session) count(ctx context.Context, q Query, rows filter) (source.Answer, error) {
	if q.Estimate {
		f, err := s.estimates(ctx, q.Table, "")
		if err != nil || f.rows >= 0 {
			return source.Answer{Value: int64(f.rows), How: estimated}, err
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
	if !q.Estimate && !s.dialect.walks() {
		return s.itself(ctx, q, rows)
	}
	ask := s.figures
	if q.Estimate {
		ask = s.estimates
	}
	f, err := ask(ctx, q.Table, q.Column)
	if err != nil {
		return source.Answer{}, err
	}
	if q.Estimate && f.distinct >= 0 {
		return source.Answer{Value: int64(f.distinct), How: estimated}, nil
	}
	if !s.dialect.walks() {
		return s.itself(ctx, q, rows)
	}
	if f.indexed && len(q.Where) == 0 && (f.distinct < 0 || f.rows < 0 || f.distinct*glancesPerDescent <= f.rows) {
		way, err := s.way(ctx, q)
		if err != nil {
			return source.Answer{}, err
		}
		if way == own {
			return s.itself(ctx, q, rows)
		}
		limit := max(leastWalk, int64(f.rows/glancesPerDescent))
		if way == walked {
			answer, err := s.walk(ctx, q, limit)
			if err != nil || answer.Value.(int64) <= limit {
				return answer, err
			}
		}
	}
	return s.scan(ctx, q, rows, f)
}

// itself leaves the way to the database, as the application does.
func (s *Session) itself(ctx context.Context, q Query, rows filter) (source.Answer, error) {
	stmt := statement{dialect: s.dialect}
	stmt.add("SELECT COUNT(DISTINCT ", s.dialect.quote(q.Column), ")")
	stmt.from(q.Table, rows)
	return s.number(ctx, &stmt, "the database's own way"+rows.notes)
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

// way is how the values of an indexed column are counted.
type way uint8

const (
	scanned way = iota
	walked
	// own is the database's.
	own
)

// way asks for the plans where the catalogue does not tell: the database may skip ahead along the index by itself, and an
// index that sorts in another way than the column compares cannot take the steps of a walk.
func (s *Session) way(ctx context.Context, q Query) (way, error) {
	d, asks := s.dialect.(interface {
		plans(count, step string) (skips, serves string, does func(string) bool, can func(string) bool)
	})
	if !asks {
		return walked, nil
	}
	column := s.dialect.quote(q.Column)
	count, step := statement{dialect: s.dialect}, statement{dialect: s.dialect}
	count.add("SELECT COUNT(DISTINCT ", column, ")")
	count.from(q.Table, filter{})
	step.add("SELECT ", column)
	step.from(q.Table, filter{}, column+" > (SELECT NULL)")
	step.add(" ORDER BY ", column, " LIMIT 1")
	skips, serves, does, can := d.plans(count.text.String(), step.text.String())
	plan, err := s.plan(ctx, skips)
	if err != nil || does(plan) {
		return own, err
	}
	if plan, err = s.plan(ctx, serves); err != nil || !can(plan) {
		return scanned, err
	}
	return walked, nil
}

// plan is what the database says of a statement that it explains, row by row.
func (s *Session) plan(ctx context.Context, explain string) (string, error) {
	rows, err := s.conn.QueryContext(ctx, explain)
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var plan strings.Builder
	for rows.Next() {
		fields, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range fields {
			targets[i] = &fields[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return "", err
		}
		plan.WriteString(fmt.Sprintln(fields...))
	}
	return plan.String(), rows.Err()
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
