// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// Rows are those of a table.
type Rows struct {
	// Table, optionally after its schema and a dot.
	Table string `mapstructure:"table,omitempty"`
	// Where holds what columns must have.
	Where Where `mapstructure:"where,omitempty"`
	// Since holds how long ago the times in columns may be at most, such as last_login: 30d.
	Since map[string]Window `mapstructure:"since,omitempty"`
	// Times says how the columns write times.
	Times `mapstructure:",squash"`
}

// Column is one of a table, in some of its rows.
type Column struct {
	Rows `mapstructure:",squash"`
	// Column that is read.
	Column string `mapstructure:"column,omitempty"`
	// JSON is the place within a column of JSON, a JSON Pointer such as /plan/name; for count_distinct and pick.
	JSON string `mapstructure:"json,omitempty"`
}

// CountPer is a column whose values are counted by in how many rows they are.
type CountPer struct {
	Column `mapstructure:",squash"`
	// Bounds are upper ones, included: [1, 5, 20] tells those in one row, in 2 to 5, in 6 to 20, and in more.
	Bounds []int64 `mapstructure:"bounds,omitempty"`
}

// Validate checks names and values.
func (r *Rows) Validate() error {
	errs := []error{checkTable(r.Table), r.Where.check(), r.check()}
	for _, column := range slices.Sorted(maps.Keys(r.Since)) {
		errs = append(errs, checkColumn("since", column), r.Since[column].check("since::"+column))
		if _, twice := r.Where[column]; twice {
			errs = append(errs, fmt.Errorf("since::%s: the column stands under `where` too: keep one", column))
		}
	}
	return errors.Join(errs...)
}

// all reports that the rows are all of the table's.
func (r *Rows) all() bool { return len(r.Where) == 0 && len(r.Since) == 0 }

// conditions are what the rows must meet now.
func (r *Rows) conditions(now time.Time) map[string]any {
	conditions := r.Where.tests(now)
	for column, window := range r.Since {
		conditions[column] = sqldb.Since(now.Add(-time.Duration(window)))
	}
	return conditions
}

// query asks for something about the rows.
func (r *Rows) query(kind sqldb.Kind) sqldb.Query {
	return sqldb.Query{Kind: kind, Table: r.Table, Where: r.conditions(time.Now()), Times: r.form()}
}

// query asks for something about the column.
func (c *Column) query(kind sqldb.Kind) sqldb.Query {
	q := c.Rows.query(kind)
	q.Column = c.Column
	if c.JSON != "" {
		at, _ := document.ParsePointer(c.JSON) // Validate has read it
		q.JSON = at.Tokens()
	}
	return q
}

// query asks for the histogram.
func (c *CountPer) query() sqldb.Query {
	q := c.Column.query(sqldb.CountPer)
	q.Bounds = c.Bounds
	return q
}

// Validate checks the bounds, and what Column's own would.
func (c *CountPer) Validate() error {
	errs := []error{c.Rows.Validate(), c.Column.Validate()}
	if last := int64(0); len(c.Bounds) == 0 || slices.ContainsFunc(c.Bounds, func(bound int64) bool {
		grows := bound > last
		last = bound
		return !grows
	}) {
		errs = append(errs, fmt.Errorf("bounds: %v: write numbers of rows from 1 on that grow, such as [1, 5, 20]", c.Bounds))
	}
	return errors.Join(errs...)
}

// Validate checks the column; Rows check themselves.
func (c *Column) Validate() error {
	err := checkColumn("column", c.Column)
	if _, wrong := document.ParsePointer(c.JSON); wrong != nil {
		err = errors.Join(err, fmt.Errorf("json: %w", wrong))
	}
	return err
}

func checkTable(name string) error {
	if name == "" {
		return errors.New("table: missing: write the name of the table")
	}
	if err := sqldb.CheckTable(name); err != nil {
		return fmt.Errorf("table: %q: %w", name, err)
	}
	return nil
}

func checkColumn(key, name string) error {
	if name == "" {
		return fmt.Errorf("%s: missing: write the name of the column", key)
	}
	if err := sqldb.CheckColumn(name); err != nil {
		return fmt.Errorf("%s: %q: %w", key, name, err)
	}
	return nil
}
