// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Words implements conf.Worded.
func (*Reading) Words() map[string]conf.Words { return map[string]conf.Words{"type": types} }

// Reading is one value, and the one kind of it.
type Reading struct {
	// Value stands here.
	Value any `mapstructure:"value,omitempty"`

	// Env names an environment variable; an empty one counts as not set.
	Env string `mapstructure:"env,omitempty"`
	// Type of the variable's text, or of a field's: string (the default), bool, int or float.
	Type string `mapstructure:"type,omitempty"`
	// Default is the value when the variable is not set; without it nothing is found then, nor where defaults_unless says so.
	Default any `mapstructure:"default,omitempty"`
	// Present reads only whether the variable is set.
	Present bool `mapstructure:"present,omitempty"`

	// Source is the name of one of the sources; the following readings need it.
	Source string `mapstructure:"source,omitempty"`
	// Count is the number of rows.
	Count *Rows `mapstructure:"count,omitempty"`
	// CountDistinct is the number of distinct values; NULL is none.
	CountDistinct *Column `mapstructure:"count_distinct,omitempty"`
	// Min is the smallest value.
	Min *Column `mapstructure:"min,omitempty"`
	// Max is the greatest value.
	Max *Column `mapstructure:"max,omitempty"`
	// Pick is the value in the one row that matches. Empty text and NULL are nothing.
	Pick *Column `mapstructure:"pick,omitempty"`
	// Sum adds up numbers; of no rows it is 0.
	Sum *Column `mapstructure:"sum,omitempty"`
	// CountPer counts how many values of a column are in how many rows, as a histogram.
	CountPer *CountPer `mapstructure:"count_per,omitempty"`
	// SQL is one SELECT that gives one value.
	SQL string `mapstructure:"sql,omitempty"`
	// Estimate takes the planner's figure for a count or count_distinct of a whole table:
	// at once, but off by what changed since the database last analyzed it. SQLite has
	// none and counts.
	Estimate bool `mapstructure:"estimate,omitempty"`
	// System is the database's kind as Django names it: sqlite, postgresql or mysql.
	System bool `mapstructure:"system,omitempty"`

	// Get is the value under a key of Redis or memcached.
	Get *Get `mapstructure:"get,omitempty"`
	// SCard is the number of members of a set in Redis.
	SCard *Keys `mapstructure:"scard,omitempty"`
	// ZCard is the number of members of a sorted set in Redis.
	ZCard *Keys `mapstructure:"zcard,omitempty"`
	// ZCount is the number of members of a sorted set in Redis whose score, a Unix time, is recent.
	ZCount *Recent `mapstructure:"zcount,omitempty"`
	// LLen is the number of elements of a list in Redis.
	LLen *Keys `mapstructure:"llen,omitempty"`
	// HLen is the number of fields of a hash in Redis.
	HLen *Keys `mapstructure:"hlen,omitempty"`
	// HGet is the value of a field of a hash in Redis.
	HGet *HashField `mapstructure:"hget,omitempty"`
	// XLen is the number of entries of a stream in Redis.
	XLen *Keys `mapstructure:"xlen,omitempty"`
	// BitCount is the number of bits that are set in a string in Redis.
	BitCount *Keys `mapstructure:"bitcount,omitempty"`
	// PFCount is the number of distinct values, within about one percent, that a HyperLogLog in Redis has seen.
	PFCount *Keys `mapstructure:"pfcount,omitempty"`
	// Django is a value in Django's cache: in Redis, in memcached, or in a table.
	Django *DjangoCache `mapstructure:"django,omitempty"`

	// Field is a value in a document.
	Field *Field `mapstructure:"field,omitempty"`
	// Sample is a sample at an endpoint for Prometheus.
	Sample *Sample `mapstructure:"sample,omitempty"`
}

// modifiers are the keys of a Reading that say more about it; each other key is a kind of reading.
var modifiers = []string{"type", "default", "present", "source", "estimate"}

// kinds are the keys of a reading of which it has exactly one; all but the first two need a source.
var kinds = func() (all []string) {
	for kind := range (&Reading{}).kinds() {
		all = append(all, kind)
	}
	return all
}()

// kinds goes through the keys of all kinds, and tells which of them the reading has.
func (r *Reading) kinds() iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		fields := reflect.ValueOf(r).Elem()
		for i := range fields.NumField() {
			key, _, _ := strings.Cut(fields.Type().Field(i).Tag.Get("mapstructure"), ",")
			if !slices.Contains(modifiers, key) && !yield(key, !fields.Field(i).IsZero()) {
				return
			}
		}
	}
}

// has are the keys of the kinds that the reading has.
func (r *Reading) has() (taken []string) {
	for kind, has := range r.kinds() {
		if has {
			taken = append(taken, kind)
		}
	}
	return taken
}

// Kind is the key of the one kind that a valid reading has.
func (r *Reading) Kind() string { return r.has()[0] }

// Validate checks that there is exactly one kind, with what belongs to it.
func (r *Reading) Validate() error {
	taken := r.has()
	if len(taken) != 1 {
		return fmt.Errorf("a reading has exactly one of `%s`, this one has %d: %s", strings.Join(kinds, "`, `"), len(taken), strings.Join(taken, ", "))
	}
	kind := taken[0]
	var errs []error
	if ofSource := kind != "value" && kind != "env"; ofSource && r.Source == "" {
		errs = append(errs, fmt.Errorf("source: `%s` reads a source: write the name of one of `sources`", kind))
	} else if !ofSource && r.Source != "" {
		errs = append(errs, fmt.Errorf("source: `%s` reads no source: leave it out", kind))
	}
	if kind == "value" {
		errs = append(errs, checkScalar("value", r.Value))
	}
	switch {
	case kind == "env":
		errs = append(errs, r.validateEnv())
	case r.Default != nil || r.Present:
		errs = append(errs, errors.New("`default` and `present` belong to `env`: leave them out"))
	case kind == "field":
		errs = append(errs, checkType(r.Type))
	case r.Type != "":
		errs = append(errs, errors.New("type: it belongs to `env` and `field`: leave it out"))
	}
	if r.Estimate && !r.estimable() {
		errs = append(errs, errors.New("estimate: only a `count` or `count_distinct` without `where` can be estimated: leave it out"))
	}
	for _, c := range []*Column{r.Min, r.Max, r.Sum} {
		if c != nil && c.JSON != "" {
			errs = append(errs, fmt.Errorf("%s: json: only `pick` and `count_distinct` read a value inside JSON: leave it out", kind))
		}
	}
	if r.CountPer != nil && r.CountPer.JSON != "" {
		errs = append(errs, errors.New("count_per: json: only `pick` and `count_distinct` read a value inside JSON: leave it out"))
	}
	return errors.Join(errs...)
}

func (r *Reading) estimable() bool {
	return (r.Count != nil && r.Count.all()) || (r.CountDistinct != nil && r.CountDistinct.all())
}

// local is the value of a reading that needs no source; complete says that no default holds.
func (r *Reading) local(complete bool) (source.Value, error) {
	if r.Env != "" {
		return r.environment(complete)
	}
	if n, isInt := r.Value.(int); isInt {
		return int64(n), nil
	}
	return r.Value, nil
}
