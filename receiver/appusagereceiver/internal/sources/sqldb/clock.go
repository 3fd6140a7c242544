// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"fmt"
	"strconv"
	"time"

	"github.com/headcount-otel/headcount/internal/timeform"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

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

// before writes that the time is before to, and none that stands for never. A birthday may be older than all epochs.
func (c *clock) before(stmt *statement, to time.Time) {
	if c.isEmpty() || (c.class == numbers && !c.form.Naive()) {
		c.between(stmt, time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC), to)
		return
	}
	c.known(stmt)
	stmt.add(" AND ")
	if c.form.Shifted() {
		stmt.add(c.dialect.instant(c.text()), " < ", strconv.FormatInt(to.Unix(), 10))
		return
	}
	stmt.add(c.expr, " < ")
	c.bound(stmt, to)
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
			c.boundUTC(stmt, time.Unix(0, 0))
		}
	}
	c.notUnset(stmt)
}

func (c *clock) notUnset(stmt *statement) {
	if d, knows := c.dialect.(interface{ wholeDate(string) string }); knows && c.family.isTime() {
		stmt.add(" AND ", d.wholeDate(c.expr))
	}
	never, is := c.never()
	switch {
	case is:
		stmt.add(" AND ", c.expr, " <> ")
		c.boundUTC(stmt, never)
	case c.unset != nil && !c.family.isTime():
		stmt.add(" AND ", c.dialect.asText(c.expr, c.family), " <> ")
		stmt.value(*c.unset)
	}
}

// never is the moment that unset names in a column of a type of times: its text may be written in many ways.
func (c *clock) never() (at time.Time, is bool) {
	if c.unset == nil || !c.family.isTime() {
		return time.Time{}, false
	}
	return timeform.Read(*c.unset)
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

// boundUTC is bound for a sentinel, which stands in the column as it is written.
func (c *clock) boundUTC(stmt *statement, at time.Time) {
	zone := c.zone
	c.zone = time.UTC
	c.bound(stmt, at)
	c.zone = zone
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
	never, isSaid := c.never()
	switch {
	case value == nil || c.isEmpty() || (isTime && isSaid && at.Equal(never)):
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

// nothing writes in parentheses that a text stands for never.
func nothing(stmt *statement, text string) {
	separator := "("
	for _, pattern := range timeform.Nothing {
		stmt.add(separator, text, " LIKE '", pattern, "'")
		separator = " OR "
	}
	stmt.add(")")
}
