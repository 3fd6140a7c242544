// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// Reading is one value, and the one way to get it.
type Reading struct {
	// Value stands here.
	Value any `mapstructure:"value"`

	// Env names an environment variable; an empty one counts as not set.
	Env string `mapstructure:"env"`
	// Type of the variable's text, or of a field's: string (the default), bool, int or float.
	Type string `mapstructure:"type"`
	// Default is the value when the variable is not set; without it nothing is found then.
	Default any `mapstructure:"default"`
	// Present reads only whether the variable is set.
	Present bool `mapstructure:"present"`

	// Source is the name of one of the sources; the following readings need it.
	Source string `mapstructure:"source"`
	// Count is the number of rows.
	Count *Rows `mapstructure:"count"`
	// CountDistinct is the number of distinct values; NULL is none.
	CountDistinct *Column `mapstructure:"count_distinct"`
	// Min is the smallest value.
	Min *Column `mapstructure:"min"`
	// Max is the greatest value.
	Max *Column `mapstructure:"max"`
	// Pick is the value in the one row that matches. Empty text and NULL are nothing.
	Pick *Column `mapstructure:"pick"`
	// SQL is one SELECT that gives one value.
	SQL string `mapstructure:"sql"`
	// Estimate takes the planner's figure for a count or count_distinct of a whole table:
	// at once, but off by what changed since the database last analyzed it. SQLite has
	// none and counts.
	Estimate bool `mapstructure:"estimate"`
	// System is the database's kind as Django names it: sqlite, postgresql or mysql.
	System bool `mapstructure:"system"`

	// Get is the value under a key of Redis or memcached.
	Get *Get `mapstructure:"get"`
	// SCard is the number of members of a set in Redis.
	SCard *Keys `mapstructure:"scard"`
	// ZCard is the number of members of a sorted set in Redis.
	ZCard *Keys `mapstructure:"zcard"`
	// ZCount is the number of members of a sorted set in Redis whose score, a Unix time, is recent.
	ZCount *Recent `mapstructure:"zcount"`
	// LLen is the number of elements of a list in Redis.
	LLen *Keys `mapstructure:"llen"`
	// HLen is the number of fields of a hash in Redis.
	HLen *Keys `mapstructure:"hlen"`
	// PFCount is the number of distinct values, within about one percent, that a HyperLogLog in Redis has seen.
	PFCount *Keys `mapstructure:"pfcount"`
	// Django is a value in Django's cache: in Redis, in memcached, or in a table.
	Django *DjangoCache `mapstructure:"django"`

	// Field is a value in a document.
	Field *Field `mapstructure:"field"`
}

// ways are the keys of a reading of which it has exactly one; all but the first two need a source.
var ways = []string{
	"value", "env", "count", "count_distinct", "min", "max", "pick", "sql", "system",
	"get", "scard", "zcard", "zcount", "llen", "hlen", "pfcount", "django", "field",
}

// way tells which of the ways are taken.
func (r *Reading) way() []string {
	taken := map[string]bool{
		"value": r.Value != nil, "env": r.Env != "", "count": r.Count != nil,
		"count_distinct": r.CountDistinct != nil, "min": r.Min != nil, "max": r.Max != nil,
		"pick": r.Pick != nil, "sql": r.SQL != "", "system": r.System,
		"get": r.Get != nil, "scard": r.SCard != nil, "zcard": r.ZCard != nil, "zcount": r.ZCount != nil,
		"llen": r.LLen != nil, "hlen": r.HLen != nil, "pfcount": r.PFCount != nil,
		"django": r.Django != nil, "field": r.Field != nil,
	}
	return slices.DeleteFunc(slices.Clone(ways), func(way string) bool { return !taken[way] })
}

// Validate checks that there is exactly one way, with what belongs to it.
func (r *Reading) Validate() error {
	taken := r.way()
	if len(taken) != 1 {
		return fmt.Errorf("a reading has exactly one of `%s`, this one has %d: %s", strings.Join(ways, "`, `"), len(taken), strings.Join(taken, ", "))
	}
	way := taken[0]
	var errs []error
	if ofSource := way != "value" && way != "env"; ofSource && r.Source == "" {
		errs = append(errs, fmt.Errorf("source: `%s` reads a source: write the name of one of `sources`", way))
	} else if !ofSource && r.Source != "" {
		errs = append(errs, fmt.Errorf("source: `%s` reads no source: leave it out", way))
	}
	if way == "value" {
		errs = append(errs, checkScalar("value", r.Value))
	}
	switch {
	case way == "env":
		errs = append(errs, r.checkEnv())
	case r.Default != nil || r.Present:
		errs = append(errs, errors.New("`default` and `present` belong to `env`: leave them out"))
	case way == "field":
		errs = append(errs, r.checkType())
	case r.Type != "":
		errs = append(errs, errors.New("type: it belongs to `env` and `field`: leave it out"))
	}
	if r.Estimate && !r.estimable() {
		errs = append(errs, errors.New("estimate: only a `count` or `count_distinct` without `where` can be estimated: leave it out"))
	}
	return errors.Join(errs...)
}

func (r *Reading) estimable() bool {
	return (r.Count != nil && r.Count.all()) || (r.CountDistinct != nil && r.CountDistinct.all())
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

// certain reports that the reading finds something whenever it succeeds.
func (r *Reading) certain() bool {
	return r.Value != nil || r.Default != nil || r.System
}

// query is what a reading with a source asks its database.
func (r *Reading) query() sqldb.Query {
	q := sqldb.Query{Estimate: r.Estimate, Text: r.SQL}
	var column *Column
	switch {
	case r.Count != nil:
		q.Kind, column = sqldb.Count, &Column{Rows: *r.Count}
	case r.CountDistinct != nil:
		q.Kind, column = sqldb.CountDistinct, r.CountDistinct
	case r.Min != nil:
		q.Kind, column = sqldb.Min, r.Min
	case r.Max != nil:
		q.Kind, column = sqldb.Max, r.Max
	case r.Pick != nil:
		q.Kind, column = sqldb.Pick, r.Pick
	default:
		q.Kind, column = sqldb.SQL, &Column{}
	}
	q.Table, q.Column, q.Where = column.Table, column.Column, column.conditions(time.Now())
	return q
}

// defaultLimit is how many groups a metric may have that sets no limit: they have to be named in the anonymizer.
const defaultLimit = 100

// query adds the groups.
func (m *Metric) query() sqldb.Query {
	q := m.Reading.query()
	q.By, q.Limit = m.By, m.Limit
	if q.Limit == 0 {
		q.Limit = defaultLimit
	}
	return q
}

func checkScalar(key string, value any) error {
	switch v := value.(type) {
	case string, bool, int, int64:
		return nil
	case float64:
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			return nil
		}
	}
	return fmt.Errorf("%s: this is no text, number or boolean: write one of those", key)
}
