// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"fmt"
	"strconv"

	"github.com/headcount-otel/headcount/internal/timeform"
)

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

// looks is how many values at each end of a column are looked at, and how many in between.
const (
	looksAtEnds = 4
	looks       = 50
)

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
