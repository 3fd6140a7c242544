// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"cmp"
	"errors"
	"fmt"
)

// Metric is a reading that gives a number.
type Metric struct {
	Reading `mapstructure:",squash"`
	// Unit of the metric, in UCUM.
	Unit string `mapstructure:"unit"`
	// By makes one data point for each value of this column, with an attribute of the column's
	// name; it belongs to count and count_distinct.
	By string `mapstructure:"by"`
	// Limit is how many values of By there may be; past it the reading fails. 0 stands for 100.
	Limit int `mapstructure:"limit"`

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
		return checkColumn("by", m.By)
	} else if m.Limit != 0 {
		return errors.New("limit: it belongs to `by`: leave it out")
	}
	if text, isText := m.Value.(string); isText {
		return fmt.Errorf("value: %q is a text and a metric is a number: write a number, or this reading under `resource`", text)
	}
	return nil
}

// defaultGroups is how many groups a metric may have that sets no limit: they have to be named in the anonymizer.
const defaultGroups = 100

// limit is how many groups there may be.
func (m *Metric) limit() int { return cmp.Or(m.Limit, defaultGroups) }
