// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"maps"
	"slices"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/inspect"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// rows asks about a table and its conditions; nil where the table cannot be read.
func (a *against) rows(ctx context.Context, kind string, rows *Rows) *inspect.Table {
	all, err := a.db.Rows(ctx, rows.Table)
	if err != nil {
		a.say(true, kind+"::table", "%q: %s%s", rows.Table, err, nearest(rows.Table, a.names()))
		return nil
	}
	there := a.table(rows.Table)
	if all == 0 {
		a.say(false, kind+"::table", "%q has no rows here, so that forms and values cannot be told: try a database in use", rows.Table)
	}
	for _, column := range slices.Sorted(maps.Keys(rows.Where)) {
		if a.has(there, kind+"::where", column) && all > 0 {
			a.condition(ctx, kind+"::where::"+column, rows, column)
		}
	}
	for _, column := range slices.Sorted(maps.Keys(rows.Since)) {
		if a.has(there, kind+"::since", column) && all > 0 {
			a.clock(ctx, kind+"::since::"+column, rows, column)
		}
	}
	return there
}

// condition asks whether one condition by itself leaves some rows out, and some in.
func (a *against) condition(ctx context.Context, key string, rows *Rows, column string) {
	alone := *rows
	alone.Where, alone.Since = Where{column: rows.Where[column]}, nil
	some := a.db.Read(ctx, alone.query(sqldb.Count))
	all := a.db.Read(ctx, (&Rows{Table: rows.Table}).query(sqldb.Count))
	switch {
	case some.Err != nil:
		a.say(true, key, "%s", some.Err)
	case all.Err != nil:
	case some.Value == all.Value:
		a.say(false, key, "each row has it here: it leaves nothing out, or this database is too small to show what it does")
	case some.Value == int64(0):
		a.say(false, key, "no row has it here: is the value written as the column has it, in upper and lower case, as a number or as a text?")
	}
}

// clock asks how a column writes times.
func (a *against) clock(ctx context.Context, key string, rows *Rows, column string) {
	clock, err := a.db.Clock(ctx, rows.Table, column)
	if err != nil {
		a.say(true, key, "%s", err)
		return
	}
	if rows.Unset != nil && !clock.IsTime {
		return
	}
	switch {
	case clock == inspect.Clock{}:
		if spread, err := a.db.Spread(ctx, rows.Table, column); err == nil && spread.Filled == 0 {
			a.say(false, key, "it has no value here, so that its form cannot be told")
		} else {
			a.say(true, key, "its values are in no one form of a time: is it a duration, or does a value such as -1 stand for never? Say the form with `time`, the value with `unset`")
		}
	case clock.Never:
		a.say(false, key, "all values here stand for never: is another column the one that is written?")
	case clock.Future:
		a.say(false, key, "values lie in the future, and all of them count as recent: is it a time at which something was?")
	case rows.Time != "" && rows.form().Form.String() != clock.Form && clock.Form != "":
		a.say(true, key, "its values look like `time: %s`, and `time` says %s", clock.Form, rows.Time)
	case clock.Zero:
		a.say(false, key, "some values stand for never, such as 0 or 0000-00-00: they are left out; say another such value with `unset`")
	case rows.Time == "" && clock.Numbers:
		a.say(false, key, "these are numbers that look like `time: %s`: write that, so that no installation's values are guessed from", clock.Form)
	}
}

// column asks whether a column holds what the reading needs.
func (a *against) column(ctx context.Context, kind string, there *inspect.Table, c *Column, attribute bool) {
	if !a.has(there, kind+"::column", c.Column) {
		return
	}
	known := there.Column(c.Column)
	if known == nil || c.JSON != "" {
		return
	}
	switch {
	case kind == "sum" && slices.Contains([]inspect.Kind{inspect.Text, inspect.Time, inspect.Bool, inspect.Enum}, known.Kind):
		a.say(false, kind+"::column", "%q is declared as %s, and sum adds numbers", c.Column, known.Type)
	case (kind == "min" || kind == "max") && attribute && known.Kind == inspect.Time:
		a.clock(ctx, kind+"::column", &c.Rows, c.Column)
	}
}

// groups asks how many groups there are.
func (a *against) groups(ctx context.Context, there *inspect.Table, m *Metric) {
	for _, column := range m.columns() {
		if !a.has(there, "by", column) {
			continue
		}
		spread, err := a.db.Spread(ctx, there.Name, column)
		switch {
		case err != nil || spread.Filled == 0:
		case spread.Distinct == 1:
			a.say(false, "by", "%q has one value here: what several groups would make of the report is not shown by this database", column)
		case spread.Longest > 64:
			a.say(false, "by", "%q has long values: is it a text that somebody writes, rather than a kind?", column)
		}
	}
}
