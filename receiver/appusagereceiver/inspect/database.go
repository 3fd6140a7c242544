// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// Database is open for looking at, in one read-only session. Each question has to be answered within half of
// what its context has left.
type Database struct {
	sqldb.Database
	session *sqldb.Session
}

// Open opens the database of a URL as a profile's source has it.
func Open(ctx context.Context, url string) (*Database, error) {
	parsed, err := sqldb.Parse(url)
	if err != nil {
		return nil, err
	}
	session, err := parsed.Open(ctx)
	if err != nil {
		return nil, err
	}
	return &Database{parsed, session}, nil
}

// Close ends the session.
func (d *Database) Close() { d.session.Close() }

// Sample is how many rows of a table are looked at.
const Sample = 10000

// Rows counts a table's rows, up to one more than Sample.
func (d *Database) Rows(ctx context.Context, table string) (int64, error) {
	return d.number(ctx, "SELECT COUNT(*) FROM (SELECT 1 AS one FROM "+d.Quote(table)+" LIMIT "+strconv.Itoa(Sample+1)+") AS some")
}

// Spread is what a look at a column's values tells.
type Spread struct {
	// Filled is how many of the rows looked at have a value, Distinct how many values these are.
	Filled, Distinct int64
	// Longest is the length of the longest value, as a text.
	Longest int64
}

// Spread looks at a column's values in some of the table's rows.
func (d *Database) Spread(ctx context.Context, table, column string) (Spread, error) {
	c := d.Quote(column)
	length := "MAX(LENGTH(CAST(v AS " + map[string]string{"mysql": "CHAR"}[d.System()] + ")))"
	if d.System() != "mysql" {
		length = "MAX(LENGTH(CAST(v AS TEXT)))"
	}
	rows, err := d.session.Ask(ctx, fmt.Sprintf("SELECT COUNT(v), COUNT(DISTINCT v), COALESCE(%s, 0) FROM (SELECT %s AS v FROM %s LIMIT %d) AS some",
		length, c, d.Quote(table), Sample), 1)
	if err != nil || len(rows) != 1 {
		return Spread{}, err
	}
	return Spread{whole(rows[0][0]), whole(rows[0][1]), whole(rows[0][2])}, nil
}

// Clock is how a column of numbers, texts or times tells time.
type Clock struct {
	// IsTime is true where the greatest value is a time that has been.
	IsTime bool
	// Future is true where the greatest value is a time still to come.
	Future bool
	// Unit of a number: s, ms, us or ns.
	Unit string
}

// Clock looks at the form of a column's greatest value.
func (d *Database) Clock(ctx context.Context, table, column string) (Clock, error) {
	c := d.Quote(column)
	rows, err := d.session.Ask(ctx, fmt.Sprintf("SELECT MAX(v) FROM (SELECT %s AS v FROM %s LIMIT %d) AS some", c, d.Quote(table), Sample), 1)
	if err != nil || len(rows) != 1 {
		return Clock{}, err
	}
	return clockOf(rows[0][0], time.Now()), nil
}

func clockOf(greatest any, now time.Time) Clock {
	at, unit := time.Time{}, ""
	switch v := greatest.(type) {
	case time.Time:
		at = v
	case int64:
		at, unit = ofNumber(float64(v))
	case float64:
		at, unit = ofNumber(v)
	case string:
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 -0700 MST", "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
			if t, err := time.Parse(layout, v); err == nil {
				at = t
				break
			}
		}
	}
	plausible := at.Year() >= 1990
	return Clock{IsTime: plausible && at.Before(now.Add(48*time.Hour)), Future: plausible && !at.Before(now.Add(48*time.Hour)), Unit: unit}
}

// ofNumber reads a number as a Unix time in the unit in which it lies between 2001 and 2286.
func ofNumber(n float64) (time.Time, string) {
	for _, u := range []struct {
		name string
		per  float64
	}{{"s", 1}, {"ms", 1e3}, {"us", 1e6}, {"ns", 1e9}} {
		if s := n / u.per; s >= 1e9 && s < 1e10 {
			return time.Unix(int64(s), 0), u.name
		}
	}
	return time.Time{}, ""
}

// Has reports whether exactly one row has the value in a column, and a text of at most so many characters in another.
func (d *Database) Has(ctx context.Context, table, column, value, other string, most int) (bool, error) {
	like := strings.Repeat("_", most+1) + "%"
	question := fmt.Sprintf("SELECT COUNT(*) FROM %s WHERE %s = %s AND %s NOT LIKE %s", d.Quote(table), d.Quote(column), d.mark(1), d.Quote(other), d.mark(2))
	rows, err := d.session.Ask(ctx, question, 1, value, like)
	return err == nil && len(rows) == 1 && whole(rows[0][0]) == 1, err
}

func (d *Database) mark(n int) string {
	if d.System() == "postgresql" {
		return "$" + strconv.Itoa(n)
	}
	return "?"
}

func (d *Database) number(ctx context.Context, question string) (int64, error) {
	rows, err := d.session.Ask(ctx, question, 1)
	if err != nil || len(rows) != 1 {
		return 0, err
	}
	return whole(rows[0][0]), nil
}

func whole(value any) int64 {
	switch v := value.(type) {
	case int64:
		return v
	case uint64:
		return int64(v)
	case float64:
		return int64(v)
	case string:
		n, _ := strconv.ParseInt(v, 10, 64)
		return n
	default:
		return 0
	}
}
