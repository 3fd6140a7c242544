// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
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
