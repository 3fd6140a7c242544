// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// Event is the newest row of a table since the last scrape.
type Event struct {
	// Source is the name of one of the sources.
	Source string `mapstructure:"source"`
	// Newest says which table's rows are events.
	Newest *Newest `mapstructure:"newest"`
	// Metrics are what a row tells, by the name of a gauge.
	Metrics conf.Map[EventMetric] `mapstructure:"metrics"`
}

// Newest is the row of a table that comes last.
type Newest struct {
	// Table holds one row per event.
	Table string `mapstructure:"table"`
	// By is the column that grows from row to row.
	By string `mapstructure:"by"`
	// Where holds what columns of an event must have.
	Where Where `mapstructure:"where"`
	// Times says how By is written where it is a time.
	Times `mapstructure:",squash"`
}

// EventMetric is one number of an event's row.
type EventMetric struct {
	// Column holds the number.
	Column string `mapstructure:"column"`
	// Length is a column whose text is measured, in characters, by the database.
	Length string `mapstructure:"length"`
	// Unit of the metric, in UCUM.
	Unit string `mapstructure:"unit"`
}

// Validate checks names, and that every metric says what it reads.
func (e *Event) Validate() error {
	var errs []error
	if e.Source == "" {
		errs = append(errs, errors.New("source: an event comes from a source: write its name"))
	}
	if e.Newest == nil {
		errs = append(errs, errors.New("newest: an event needs its rows: write `newest: {table: …, by: id}`"))
	}
	if len(e.Metrics) == 0 {
		errs = append(errs, errors.New("metrics: an event without metrics tells nothing: write `metrics: {name: {column: …}}`"))
	}
	return errors.Join(errs...)
}

// Validate checks the names of tables and columns.
func (n *Newest) Validate() error {
	return errors.Join(checkTable(n.Table), checkColumn("by", n.By), n.Where.check(), n.check())
}

// Validate checks that there is one thing to read.
func (m *EventMetric) Validate() error {
	switch {
	case m.Column != "" && m.Length != "":
		return errors.New("`column` and `length` exclude each other: keep one")
	case m.Column != "":
		return checkColumn("column", m.Column)
	case m.Length != "":
		return checkColumn("length", m.Length)
	default:
		return errors.New("nothing is read: write `column: …` or `length: …`")
	}
}

func (e *Event) query() sqldb.Newest {
	n := sqldb.Newest{Table: e.Newest.Table, By: e.Newest.By, Where: e.Newest.Where.tests(time.Now()), Times: e.Newest.form()}
	for _, name := range e.Metrics.Names() {
		if m := e.Metrics[name]; m.Column != "" {
			n.Columns = append(n.Columns, m.Column)
		} else {
			n.Lengths = append(n.Lengths, m.Length)
		}
	}
	return n
}

func (e *Event) fingerprint() string {
	return strings.Join([]string{e.Source, e.Newest.Table, e.Newest.By}, "/")
}
