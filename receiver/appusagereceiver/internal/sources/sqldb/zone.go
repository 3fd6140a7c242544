// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"fmt"
	"time"

	"github.com/headcount-otel/headcount/internal/timeform"
)

// place finds the zone of a clock whose times say none.
func (s *Session) place(ctx context.Context, c *clock, name string, since bool) error {
	naive := c.family == naiveTimes || c.family == days || (!c.family.isTime() && c.form.Naive())
	switch {
	case !naive:
		return nil
	case !since && !c.hasHours():
		c.zone = time.UTC // a date is the same in all zones
		return nil
	default:
		return s.zoned(ctx, c, name)
	}
}

// hasHours reports whether the times are more than dates.
func (c *clock) hasHours() bool {
	return c.family != days && (c.family.isTime() || !c.form.Naive() || c.form.SaysHours())
}

// zoned finds the zone of values that say none: without `zone` the server's has to be UTC.
func (s *Session) zoned(ctx context.Context, c *clock, name string) error {
	if c.zone != nil {
		return nil
	}
	c.zone = time.UTC
	ask := s.dialect.serverZone()
	if ask == "" {
		return nil
	}
	if s.zone == "" {
		if err := s.conn.QueryRowContext(ctx, ask).Scan(&s.zone); err != nil {
			return err
		}
	}
	if !timeform.IsUTC(s.zone) {
		return refused(fmt.Sprintf("`%s` says no zone, and the server's is %s: write `zone`, such as `zone: UTC` or `zone: Europe/Berlin`", name, s.zone))
	}
	return nil
}

// furthest is more than any two zones lie apart.
const furthest = 28 * time.Hour

// near leaves of texts that say offsets those that may hold the least or the greatest time: as texts they sort
// by their local parts, so that an index finds the end, and what is a day and a half from it cannot be the one.
func (s *Session) near(ctx context.Context, table, column string, kind Kind, c *clock, f filter) (filter, error) {
	if !c.form.Shifted() {
		return f, nil
	}
	rows, err := s.end(ctx, Query{Kind: kind, Table: table, Column: column}, f, c.expr)
	if err != nil || len(rows) == 0 {
		return f, err
	}
	value, err := c.open(rows[0].fields[0])
	at, isTime := value.(time.Time)
	if err != nil || !isTime {
		return f, err
	}
	return f.and(func(stmt *statement) {
		stmt.add(c.expr, map[Kind]string{Min: " < ", Max: " >= "}[kind])
		c.bound(stmt, at.Add(map[Kind]time.Duration{Min: furthest, Max: -furthest}[kind]).Truncate(time.Second))
	}), nil
}
