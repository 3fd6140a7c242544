// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/headcount-otel/headcount/internal/timeform"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Times says how the columns of a query write times, where their types do not.
type Times struct {
	// Form of the values; without one it is found by looking at some of them.
	Form timeform.Form
	// Zone of values that say none; without one the server's has to be UTC.
	Zone *time.Location
	// Unset is a further value, as its text, that stands for never; nil for none.
	Unset *string
	// Numbers lets Min and Max take a column of numbers that are all times for one of times.
	Numbers bool
}

// clock is how one column writes times.
type clock struct {
	dialect dialect
	expr    string
	column
	// form is that of the values where the type says nothing; none where no value stands for something.
	form timeform.Form
	// class is what the values are: numbers, texts or bytesOf.
	class family
	zone  *time.Location
	unset *string
}

// since writes that the time is not before at, and not one that stands for never.
func (c *clock) since(stmt *statement, at time.Time) { c.between(stmt, at, timeform.Far) }

// between writes that the time is not before from, and before to. Both are in whole seconds: so
// texts with fractions of a second and those without compare alike.
func (c *clock) between(stmt *statement, from, to time.Time) {
	switch {
	case c.isEmpty():
		stmt.add("1 = 0")
		return
	case c.form.Shifted():
		// The local part is at most a day off, so that an index serves.
		stmt.add(c.expr, " >= ")
		c.bound(stmt, from.Add(-24*time.Hour))
		instant := c.dialect.instant(c.text())
		stmt.add(" AND ", instant, " >= ", strconv.FormatInt(from.Unix(), 10), " AND ", instant, " < ", strconv.FormatInt(to.Unix(), 10))
	default:
		stmt.add(c.expr, " >= ")
		c.bound(stmt, from)
		stmt.add(" AND ", c.expr, " < ")
		c.bound(stmt, to)
	}
	c.notUnset(stmt)
}

// known writes that the time is none that stands for never.
func (c *clock) known(stmt *statement) {
	if c.isEmpty() {
		stmt.add("1 = 0")
		return
	}
	if c.form.IsText() || c.class == texts || c.class == bytesOf {
		stmt.add(c.expr, " IS NOT NULL AND NOT ")
		nothing(stmt, c.text())
	} else {
		early := time.Date(2, 1, 1, 0, 0, 0, 0, time.UTC)
		if c.class == numbers && !c.form.Naive() {
			early = time.Unix(1, 0)
		}
		stmt.add(c.expr, " >= ")
		c.bound(stmt, early)
		stmt.add(" AND ", c.expr, " < ")
		c.bound(stmt, timeform.Far)
		if c.family.isTime() {
			stmt.add(" AND ", c.expr, " <> ")
			zone := c.zone
			c.zone = time.UTC // as the sentinel is written
			c.bound(stmt, time.Unix(0, 0))
			c.zone = zone
		}
	}
	c.notUnset(stmt)
}

func (c *clock) notUnset(stmt *statement) {
	if d, knows := c.dialect.(interface{ wholeDate(string) string }); knows && c.family.isTime() {
		stmt.add(" AND ", d.wholeDate(c.expr))
	}
	if c.unset != nil {
		stmt.add(" AND ", c.dialect.asText(c.expr, c.family), " <> ")
		stmt.value(*c.unset)
	}
}

// isEmpty reports that the column has no value that stands for something.
func (c *clock) isEmpty() bool { return !c.family.isTime() && c.form == timeform.Form{} }

func (c *clock) text() string {
	if c.class == bytesOf {
		return c.dialect.asText(c.expr, c.family)
	}
	return c.expr
}

// bound writes the least value of a time not before at.
func (c *clock) bound(stmt *statement, at time.Time) {
	if c.family.isTime() {
		zone := c.zone
		if c.family == zonedTimes {
			zone = time.UTC
		}
		layout, _ := timeform.Parse(map[bool]string{true: "2006-01-02", false: "2006-01-02 15:04:05"}[c.family == days])
		text := layout.Bound(at, zone)
		if c.family == zonedTimes && c.dialect.system() == "postgresql" {
			text += "+00"
		}
		stmt.add("'", text, "'")
		return
	}
	switch text := c.form.Bound(at, c.zone); c.class {
	case numbers:
		stmt.add(text)
	case bytesOf:
		stmt.value([]byte(text))
	default:
		stmt.value(text)
	}
}

// order is the expression by which the times sort.
func (c *clock) order() string {
	if c.form.Shifted() {
		return c.dialect.instant(c.text())
	}
	return c.expr
}

// read makes a time of a value that was fetched.
func (c *clock) read(value source.Value) (source.Value, error) {
	at, isTime := value.(time.Time)
	switch {
	case value == nil || c.isEmpty():
		return nil, nil
	case isTime && c.family != zonedTimes && c.zone != nil:
		at = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), c.zone)
	case !isTime:
		if timeform.IsNothing(value) || (c.unset != nil && fmt.Sprint(value) == *c.unset) {
			return nil, nil
		}
		var err error
		if at, err = c.form.Time(value, c.zone); err != nil {
			return nil, errForm
		}
	}
	if timeform.IsNever(at) {
		return nil, nil
	}
	return at.UTC(), nil
}

// open reads a field that was fetched.
func (c *clock) open(f field) (source.Value, error) {
	if c.family.isTime() || f.bytes > source.MaxText {
		value, err := f.open()
		if err != nil {
			return nil, err
		}
		return c.read(value)
	}
	return c.read(native(f.scanned, c.family))
}

// only is the time in the only row.
func (c *clock) only(rows []row, err error) (source.Answer, error) {
	if err != nil || len(rows) != 1 {
		return valued(single(rows, err))
	}
	value, err := c.open(rows[0].fields[0])
	answer := source.Answer{Value: value}
	if !c.family.isTime() && !c.isEmpty() {
		answer.How = "a time as " + c.form.String()
	}
	return answer, err
}

// clockOfOne is the clock of a single value that was fetched.
func (s *Session) clockOfOne(ctx context.Context, q Query, of column, f field) (*clock, error) {
	c := &clock{dialect: s.dialect, column: of, zone: q.Times.Zone, unset: q.Times.Unset, form: q.Times.Form}
	if value := native(f.scanned, of.family); !of.family.isTime() {
		c.class = classOf(value)
		if c.form == (timeform.Form{}) && (c.unset == nil || fmt.Sprint(value) != *c.unset) {
			var err error
			if c.form, err = timeform.Find([]any{value}); err != nil {
				return nil, refused(fmt.Sprintf("`%s`: %s", q.Column, err))
			}
		}
	}
	return c, s.place(ctx, c, q.Column, false)
}

// nothing writes in parentheses that a text stands for never.
func nothing(stmt *statement, text string) {
	separator := "("
	for _, pattern := range timeform.Nothing {
		stmt.add(separator, text, " LIKE '", pattern, "'")
		separator = " OR "
	}
	stmt.add(")")
}

// looks is how many values at each end of a column are looked at, and how many in between.
const (
	looksAtEnds = 4
	looks       = 50
)

// say reports whether the column holds times, by its type or because the query says so.
func (t Times) say(c column) bool {
	return t.Form != (timeform.Form{}) || t.Unset != nil || t.Zone != nil || c.family.isTime() || c.declaresTimes()
}

// declaresTimes reports that SQLite's declared type is one of times, of which each value may be in any form.
func (c column) declaresTimes() bool {
	return c.family == anything && isType(c.typeName, timeTypes...)
}

// maybe reports whether a column with this value may hold times.
func (t Times) maybe(value source.Value) bool {
	switch value.(type) {
	case int64, float64:
		if !t.Numbers {
			return false
		}
	case string, nil:
	default:
		return false
	}
	_, is := timeform.Read(value)
	return is || timeform.IsNothing(value)
}

// clock finds how a column writes times, in rows of the filter; nil where it writes none, which is
// an error where times are to be compared with since.
func (s *Session) clock(ctx context.Context, table, name string, f filter, times Times, since bool) (*clock, error) {
	found, err := s.columns(ctx, table, name)
	if err != nil {
		return nil, err
	}
	c := &clock{dialect: s.dialect, expr: s.dialect.quote(name), column: found[0], zone: times.Zone, unset: times.Unset}
	named := times.Form != timeform.Form{}
	must := since || times.say(c.column)
	switch {
	case c.family.isTime():
		if named {
			return nil, refused(fmt.Sprintf("`%s` is of the type %s, which is one of times: leave out `time`", name, c.typeName))
		}
	case c.family == booleans || c.family == others:
		if !must {
			return nil, nil
		}
		return nil, refused(fmt.Sprintf("`%s` is of the type %s, which holds no times", name, c.typeName))
	case !must && c.family == numbers && !times.Numbers:
		return nil, nil
	default:
		if is, err := s.look(ctx, c, table, name, f, times, must); err != nil || !is {
			return nil, err
		}
	}
	return c, s.place(ctx, c, name, since)
}

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

// look finds the form of a column's values; false where they are no times and need not be.
func (s *Session) look(ctx context.Context, c *clock, table, name string, f filter, times Times, must bool) (bool, error) {
	values, err := s.some(ctx, c, table, f)
	if err != nil {
		return false, err
	}
	if c.form, err = times.Form, nil; c.form == (timeform.Form{}) {
		c.form, err = timeform.Find(values)
	} else if !c.form.Fits(values) {
		err = fmt.Errorf("the values do not fit `time: %s`", c.form)
	}
	for i, value := range values {
		class := classOf(value)
		if i > 0 && class != c.class && err == nil {
			err = timeform.ErrMixed
		}
		c.class = class
	}
	if !must && (err != nil || c.isEmpty() || (c.form.IsText() && !c.form.SaysHours()) || (!c.form.IsText() && !times.Numbers)) {
		return false, nil
	}
	if err == nil && !c.form.Sorts() && !c.form.Shifted() {
		err = timeform.ErrSort
	}
	if err != nil {
		return false, refused(fmt.Sprintf("`%s`: %s", name, err))
	}
	if len(values) == 0 {
		c.form = timeform.Form{}
	}
	return true, nil
}

func classOf(value any) family {
	switch value.(type) {
	case string:
		return texts
	case []byte:
		return bytesOf
	default:
		return numbers
	}
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

// some fetches a bounded number of values that stand for something: from both ends, where a mixture shows, and others.
func (s *Session) some(ctx context.Context, c *clock, table string, f filter) (values []any, err error) {
	for _, rest := range []string{
		" ORDER BY " + c.expr + " ASC LIMIT " + strconv.Itoa(looksAtEnds),
		" ORDER BY " + c.expr + " DESC LIMIT " + strconv.Itoa(looksAtEnds),
		" LIMIT " + strconv.Itoa(looks),
	} {
		stmt := statement{dialect: s.dialect}
		stmt.add("SELECT ", c.dialect.head(c.expr, 48, c.family))
		stmt.from(table, f.and(func(stmt *statement) {
			stmt.add(c.expr, " IS NOT NULL AND NOT ")
			nothing(stmt, c.dialect.asText(c.expr, c.family))
			if c.unset != nil {
				stmt.add(" AND ", c.dialect.asText(c.expr, c.family), " <> ")
				stmt.value(*c.unset)
			}
		}))
		stmt.add(rest)
		found, err := s.values(ctx, &stmt, c.family)
		if err != nil {
			return nil, err
		}
		values = append(values, found...)
		if len(found) < looksAtEnds {
			break
		}
	}
	return values, nil
}

// values fetches a statement's one column, each value as one of its family.
func (s *Session) values(ctx context.Context, stmt *statement, of family) (values []any, err error) {
	rows, err := s.conn.QueryContext(ctx, stmt.text.String(), stmt.bound...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var value any
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		values = append(values, native(value, of))
	}
	return values, rows.Err()
}

// native gives a driver's value the class that its column has in the database.
func native(value any, of family) any {
	var text string
	switch v := value.(type) {
	case []byte:
		text = string(v)
	case string:
		text = v
	default:
		return value
	}
	switch of {
	case numbers:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		f, _ := strconv.ParseFloat(text, 64)
		return f
	case bytesOf:
		return []byte(text)
	case texts:
		return text
	default:
		return value
	}
}
