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

	"github.com/headcount-otel/headcount/internal/spelling"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/inspect"
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
	if meant := spelling.Nearest(written, names); meant != "" {
		return fmt.Sprintf(": do you mean %s?", meant)
	}
	return ""
}
