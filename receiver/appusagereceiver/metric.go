// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// Metric is a reading that gives a number.
type Metric struct {
	Reading `mapstructure:",squash"`
	// Unit of the metric, in UCUM.
	Unit string `mapstructure:"unit,omitempty"`
	// By makes one data point for each value of this column, with an attribute of the column's
	// name; of two columns, with a comma between, for each pair. It belongs to count and count_distinct.
	By string `mapstructure:"by,omitempty"`
	// Label calls the groups by what another table says of the column's values.
	Label *Label `mapstructure:"label,omitempty"`
	// Limit is how many values of By there may be; past it the reading fails. 0 stands for 100.
	Limit int `mapstructure:"limit,omitempty"`

	// attribute marks a reading of a resource attribute, whose numbers may be times.
	attribute bool
}

// Validate checks that the reading can give a number; Reading checks itself.
func (m *Metric) Validate() error {
	switch {
	case m.System, m.Present:
		return errors.New("a metric is a number: write this reading under `resource`")
	case m.Env != "" && m.Type != typeInt && m.Type != typeFloat:
		return errors.New("type: a metric is a number: write int or float")
	}
	if m.By != "" {
		if m.Count == nil && m.CountDistinct == nil || m.Estimate {
			return errors.New("by: only an exact `count` or `count_distinct` has groups: leave it out")
		}
		if m.Limit < 0 {
			return fmt.Errorf("limit: %d: write how many groups there may be, such as 100", m.Limit)
		}
		columns := m.columns()
		if m.Label != nil && len(columns) > 1 {
			return errors.New("label: it is that of one column: name one under `by`")
		}
		errs := make([]error, len(columns))
		for i, column := range columns {
			errs[i] = checkColumn("by", column)
		}
		return errors.Join(errs...)
	} else if m.Label != nil {
		return errors.New("label: it belongs to `by`: leave it out")
	} else if m.Limit != 0 {
		return errors.New("limit: it belongs to `by`: leave it out")
	}
	if text, isText := m.Value.(string); isText {
		return fmt.Errorf("value: %q is a text and a metric is a number: write a number, or this reading under `resource`", text)
	}
	return nil
}

// Label is a table that names the values of a column, such as the titles of statuses.
type Label struct {
	// Table holds a row for each value.
	Table string `mapstructure:"table"`
	// Key is the column that holds the value; empty stands for id.
	Key string `mapstructure:"key,omitempty"`
	// Column holds what the value is called.
	Column string `mapstructure:"column,omitempty"`
}

// Validate checks the names.
func (l *Label) Validate() error {
	return errors.Join(checkTable(l.Table), checkColumn("key", l.key()), checkColumn("column", l.Column))
}

func (l *Label) key() string { return cmp.Or(l.Key, "id") }

func (l *Label) query() *sqldb.Label {
	if l == nil {
		return nil
	}
	return &sqldb.Label{Table: l.Table, Key: l.key(), Column: l.Column}
}

// columns are those of By.
func (m *Metric) columns() (columns []string) {
	if m.By == "" {
		return nil
	}
	for column := range strings.SplitSeq(m.By, ",") {
		columns = append(columns, strings.TrimSpace(column))
	}
	return columns
}

// defaultGroups is how many groups a metric may have that sets no limit: they have to be named in the anonymizer.
const defaultGroups = 100

// limit is how many groups there may be.
func (m *Metric) limit() int { return cmp.Or(m.Limit, defaultGroups) }
