// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/decode"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/djangocache"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/memcachedsource"
)

// Keys are one key, or all that begin with a prefix, whose figures are added up.
type Keys struct {
	// Key is the only one.
	Key string `mapstructure:"key,omitempty"`
	// Prefix is what the keys begin with.
	Prefix string `mapstructure:"prefix,omitempty"`
	// Limit is how many keys may begin with Prefix; past it the reading fails. 0 stands for 1000.
	Limit int `mapstructure:"limit,omitempty"`
}

// Get is the value of a string.
type Get struct {
	Keys `mapstructure:",squash"`
	// As is how the application wrote it: text (the default), int, float, json, pickle or php.
	As string `mapstructure:"as,omitempty"`
	// Pointer is the place within a JSON value, a JSON Pointer.
	Pointer string `mapstructure:"pointer,omitempty"`
	// Client is the library that wrote a value into memcached, such as pymemcache or dalli; without it the value stands there as it is.
	Client string `mapstructure:"client,omitempty"`
}

// HashField is a field of a hash.
type HashField struct {
	Get `mapstructure:",squash"`
	// Field is its name.
	Field string `mapstructure:"field,omitempty"`
}

// Recent are the members of a sorted set whose score is a Unix time within Since.
type Recent struct {
	Keys `mapstructure:",squash"`
	// Since is how long ago the score may be at most, such as 30d.
	Since Window `mapstructure:"since,omitempty"`
	// Unit in which a score counts: s (the default), ms, us or ns.
	Unit string `mapstructure:"unit,omitempty"`
}

// DjangoCache is a key of Django's cache.
type DjangoCache struct {
	// Key as the application's code has it.
	Key string `mapstructure:"key,omitempty"`
	// Version of the key; 0 stands for Django's default, 1.
	Version int `mapstructure:"version,omitempty"`
	// Prefix is the KEY_PREFIX of the application's settings.
	Prefix string `mapstructure:"prefix,omitempty"`
	// Table is the LOCATION of a cache in the database; other caches have none.
	Table string `mapstructure:"table,omitempty"`
}

// Validate checks that there is one way to find the keys.
func (k *Keys) Validate() error {
	switch {
	case (k.Key == "") == (k.Prefix == ""):
		return errors.New("write either `key`, or `prefix` for the sum over all keys that begin with it")
	case k.Prefix == "" && k.Limit != 0:
		return errors.New("limit: it belongs to `prefix`: leave it out")
	case k.Limit < 0:
		return fmt.Errorf("limit: %d: write how many keys there may be, such as 1000", k.Limit)
	}
	return nil
}

var encodings = conf.WordsOf(decode.Encodings...)

// Words implements conf.Worded.
func (*Get) Words() map[string]conf.Words {
	return map[string]conf.Words{"as": encodings, "client": memcachedsource.Clients()}
}

// Validate checks the encoding; Keys check themselves.
func (g *Get) Validate() error {
	if err := encodings.Check(g.As); err != nil {
		return fmt.Errorf("as: %w", err)
	}
	if g.Pointer != "" && g.As != string(decode.JSON) {
		return errors.New("pointer: only JSON has places to point to: write `as: json`, or leave it out")
	}
	if _, err := document.ParsePointer(g.Pointer); err != nil {
		return fmt.Errorf("pointer: %w", err)
	}
	return nil
}

// Validate checks the field; Get checks itself.
func (h *HashField) Validate() error {
	if h.Field == "" {
		return errors.New("field: missing: write the name of a field of the hash")
	}
	return nil
}

// scoreUnits are the units of a Unix time.
var scoreUnits = conf.Words{"s", "ms", "us", "ns"}

// Words implements conf.Worded.
func (*Recent) Words() map[string]conf.Words { return map[string]conf.Words{"unit": scoreUnits} }

// Validate checks the window and the unit; Keys check themselves.
func (r *Recent) Validate() error {
	errs := []error{r.Since.check("since")}
	if err := scoreUnits.Check(r.Unit); err != nil {
		errs = append(errs, fmt.Errorf("unit: %w", err))
	}
	return errors.Join(errs...)
}

// Validate checks the parts of the key.
func (d *DjangoCache) Validate() error {
	var errs []error
	if d.Key == "" {
		errs = append(errs, errors.New("key: missing: write the key as the application's code has it"))
	}
	if d.Version < 0 {
		errs = append(errs, fmt.Errorf("version: %d: write the VERSION of the application's cache, or leave it out", d.Version))
	}
	if d.Table != "" {
		errs = append(errs, checkTable(d.Table))
	}
	return errors.Join(errs...)
}

// key is the one under which a backend keeps the value.
func (d *DjangoCache) key() string {
	return djangocache.Key(d.Prefix, max(1, d.Version), d.Key)
}

func (g *Get) format() decode.Format {
	pointer, _ := document.ParsePointer(g.Pointer) // Validate has read it
	return decode.Format{Encoding: decode.Encoding(g.As), Pointer: pointer}
}

// defaultKeys is how many keys may begin with a prefix that sets no limit.
const defaultKeys = 1000

// limit is how many keys there may be.
func (k *Keys) limit() int { return cmp.Or(k.Limit, defaultKeys) }

// withoutTable checks that a cache outside of databases has no table.
func (d *DjangoCache) withoutTable(kind string) error {
	if d != nil && d.Table != "" {
		return fmt.Errorf("django::table: only a cache in a database has a table, and this source is of the kind %s: leave it out", kind)
	}
	return nil
}
