// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/internal/timeform"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
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
	return d.number(ctx, "SELECT COUNT(*) FROM (SELECT 1 AS one FROM "+d.Quote(table)+" LIMIT "+strconv.Itoa(Sample+1)+") AS looked")
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
	length := "MAX(LENGTH(CAST(v AS TEXT)))"
	if d.System() == "mysql" {
		length = "MAX(LENGTH(CAST(v AS CHAR)))"
	}
	rows, err := d.session.Ask(ctx, fmt.Sprintf("SELECT COUNT(v), COUNT(DISTINCT v), COALESCE(%s, 0) FROM (SELECT %s AS v FROM %s LIMIT %d) AS looked",
		length, c, d.Quote(table), Sample), 1)
	if err != nil || len(rows) != 1 {
		return Spread{}, err
	}
	return Spread{whole(rows[0][0]), whole(rows[0][1]), whole(rows[0][2])}, nil
}

// Clock is how a column of numbers, texts or times tells time.
type Clock struct {
	// IsTime is true where all values looked at are times that have been, or stand for never.
	IsTime bool
	// Future is true where one of them is a time still to come.
	Future bool
	// Never is true where all of them stand for never.
	Never bool
	// Zero is true where one of them is a date that is none, or that stands for never.
	Zero bool
	// Form of numbers and texts, by the name that a reading has for it; empty for columns of times.
	Form string
	// Numbers is true where the form is that of numbers.
	Numbers bool
}

// few is how many values tell a column's form.
const few = 200

// Clock looks at the form of some of a column's values; Clock{} where it is none of a time, or has no value.
func (d *Database) Clock(ctx context.Context, table, column string) (Clock, error) {
	c := d.Quote(column)
	rows, err := d.session.Ask(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s IS NOT NULL LIMIT %d", c, d.Quote(table), c, few), few)
	if err != nil || len(rows) == 0 {
		return Clock{}, err
	}
	values := make([]any, len(rows))
	for i, row := range rows {
		values[i] = row[0]
	}
	return clockOf(values, time.Now()), nil
}

func clockOf(values []any, now time.Time) Clock {
	var c Clock
	texts := slices.DeleteFunc(slices.Clone(values), func(v any) bool { _, native := v.(time.Time); return native })
	form, err := timeform.Find(texts)
	if err != nil {
		return Clock{}
	}
	c.Form, c.Never = form.String(), true
	for _, value := range values {
		at, isTime := timeform.Read(value)
		c.Zero = c.Zero || !isTime
		c.Never = c.Never && !isTime
		c.Future = c.Future || isTime && at.After(now.Add(48*time.Hour))
		_, text := value.(string)
		c.Numbers = c.Numbers || isTime && c.Form != "" && !text
	}
	c.IsTime = !c.Never && !c.Future
	return c
}

// Has reports whether exactly one row has the value in a column, and a text of at most so many characters in another.
func (d *Database) Has(ctx context.Context, table, column, value, other string, most int) (bool, error) {
	like := strings.Repeat("_", most+1) + "%"
	question := fmt.Sprintf("SELECT COUNT(*) FROM %s WHERE %s = %s AND %s NOT LIKE %s", d.Quote(table), d.Quote(column), d.mark(1), d.Quote(other), d.mark(2))
	rows, err := d.session.Ask(ctx, question, 1, value, like)
	return err == nil && len(rows) == 1 && whole(rows[0][0]) == 1, err
}

// Single reports whether a table has exactly one row, and a text of at most so many characters in a column of it.
func (d *Database) Single(ctx context.Context, table, column string, most int) (bool, error) {
	question := fmt.Sprintf("SELECT COUNT(*), COUNT(CASE WHEN %s NOT LIKE %s AND %s <> '' THEN 1 END) FROM (SELECT %s FROM %s LIMIT 2) AS looked",
		d.Quote(column), d.mark(1), d.Quote(column), d.Quote(column), d.Quote(table))
	rows, err := d.session.Ask(ctx, question, 1, strings.Repeat("_", most+1)+"%")
	return err == nil && len(rows) == 1 && whole(rows[0][0]) == 1 && whole(rows[0][1]) == 1, err
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

// Read answers one query of a profile, as a scrape does.
func (d *Database) Read(ctx context.Context, q sqldb.Query) source.Answer {
	return d.session.Read(ctx, []sqldb.Query{q})[0]
}
