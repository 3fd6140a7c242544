// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/inspect"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// Remark is what a database says of one key of the configuration.
type Remark struct {
	// Key is its path below the receiver's, Text what is to be known, with the remedy.
	Key, Text string
	// Fails is true where the reading cannot give its number here.
	Fails bool
}

// Databases are the names of the sources that are databases.
func (cfg *Config) Databases() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(cfg.Sources)) {
		if cfg.Sources[name].Database != nil {
			names = append(names, name)
		}
	}
	return names
}

// Against asks the database of a URL, in place of a source's own, what no check of a text can know: whether tables
// and columns are there, how they write times, whether conditions match some rows and not all, how many groups there
// are, and whether each reading gives its number. No value of a row stands in a remark.
func (cfg *Config) Against(ctx context.Context, source, url string, limit time.Duration) ([]Remark, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	db, err := inspect.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	tables, err := db.Tables(ctx)
	if err != nil {
		return nil, err
	}
	a := &against{db: db, tables: tables}
	for _, name := range slices.Sorted(maps.Keys(cfg.Resource)) {
		if r := cfg.Resource[name]; r.Source == source {
			a.at = "resource::" + name
			a.reading(ctx, &Metric{Reading: r, attribute: true})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Metrics)) {
		if m := cfg.Metrics[name]; m.Source == source {
			a.at = "metrics::" + name
			a.reading(ctx, &m)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Events)) {
		if e := cfg.Events[name]; e.Source == source {
			a.at = "events::" + name
			a.event(ctx, &e)
		}
	}
	return a.remarks, nil
}

// against is a database that is asked about readings, one after another.
type against struct {
	db      *inspect.Database
	tables  []inspect.Table
	at      string
	remarks []Remark
}

func (a *against) say(fails bool, key, format string, args ...any) {
	a.remarks = append(a.remarks, Remark{Key: a.at + "::" + key, Text: fmt.Sprintf(format, args...), Fails: fails})
}

// reading asks about one of the readings of databases; what fails for a reason that is not told yet is told at last.
func (a *against) reading(ctx context.Context, m *Metric) {
	if databaseReadings[m.Kind()] == nil {
		return
	}
	before, kind := len(a.remarks), m.Kind()
	rows, column := m.of()
	if rows != nil {
		if there := a.rows(ctx, kind, rows); there != nil {
			if column != nil {
				a.column(ctx, kind, there, column, m.attribute)
			}
			a.groups(ctx, there, m)
		}
	}
	if slices.ContainsFunc(a.remarks[before:], func(r Remark) bool { return r.Fails }) {
		return
	}
	answer := a.db.Read(ctx, m.query())
	switch {
	case answer.Err != nil:
		a.say(true, kind, "%s", answer.Err)
	case answer.Value == nil && answer.Groups == nil && (kind == "pick" || m.attribute):
		a.say(false, kind, "it finds nothing here")
	}
}

// of are the rows that a reading is about, and the column of them; nil where it is about none.
func (r *Reading) of() (*Rows, *Column) {
	if r.Count != nil {
		return r.Count, nil
	}
	if r.CountPer != nil {
		return &r.CountPer.Rows, &r.CountPer.Column
	}
	for _, column := range []*Column{r.CountDistinct, r.Min, r.Max, r.Pick, r.Sum} {
		if column != nil {
			return &column.Rows, column
		}
	}
	return nil, nil
}

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

// event asks about the rows of an event.
func (a *against) event(ctx context.Context, e *Event) {
	if e.Newest == nil {
		return
	}
	there := a.rows(ctx, "newest", &Rows{Table: e.Newest.Table, Where: e.Newest.Where, Times: e.Newest.Times})
	if there == nil {
		return
	}
	a.has(there, "newest::by", e.Newest.By)
	for _, name := range slices.Sorted(maps.Keys(e.Metrics)) {
		m := e.Metrics[name]
		key, column := "column", m.Column
		if m.Length != "" {
			key, column = "length", m.Length
		}
		a.has(there, "metrics::"+name+"::"+key, column)
	}
}

// has says where a column is not there; of a view no columns are known, and all are taken for there.
func (a *against) has(there *inspect.Table, key, column string) bool {
	if len(there.Columns) == 0 || there.Column(column) != nil {
		return true
	}
	names := make([]string, len(there.Columns))
	for i, c := range there.Columns {
		names[i] = c.Name
	}
	a.say(true, key, "%q is no column of %s%s", column, there.Name, nearest(column, names))
	return false
}

func (a *against) table(name string) *inspect.Table {
	for i := range a.tables {
		if strings.EqualFold(a.tables[i].Name, name) {
			return &a.tables[i]
		}
	}
	return &inspect.Table{Name: name}
}

func (a *against) names() (names []string) {
	for _, t := range a.tables {
		names = append(names, t.Name)
	}
	return names
}

// nearest is the name that was perhaps meant, as part of a sentence.
func nearest(written string, names []string) string {
	bare := func(name string) string { return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name)) }
	best, score := "", 0
	for _, name := range names {
		a, b := bare(written), bare(name)
		same := 0
		for same < min(len(a), len(b)) && a[same] == b[same] {
			same++
		}
		end := 0
		for end < min(len(a), len(b))-same && a[len(a)-1-end] == b[len(b)-1-end] {
			end++
		}
		if n := 2*(same+end) - max(len(a), len(b)); n > score {
			best, score = name, n
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(": do you mean %s?", best)
}
