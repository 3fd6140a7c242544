// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package changes

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/anonymizer"
	"github.com/headcount-otel/headcount/exporter/collectexporter"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
)

// Change is one difference.
type Change struct {
	// Kind is one word or two, the same as on the page.
	Kind string
	// What is the field, report or key that it is about.
	What string
	// How says it in words, before and after.
	How string
	// Key is where the configuration says it; empty for a field or a report, which several keys make.
	Key string
}

// Merged merges what the locations name, as the Collector does, and checks nothing; of the converters only those
// that are named here change it.
func Merged(ctx context.Context, settings confmap.ResolverSettings, uris []string, converters ...confmap.ConverterFactory) (*confmap.Conf, error) {
	settings.URIs, settings.ConverterFactories = uris, converters
	resolver, err := confmap.NewResolver(settings)
	if err != nil {
		return nil, err
	}
	merged, err := resolver.Resolve(ctx)
	if err != nil {
		return nil, err
	}
	return merged, resolver.Shutdown(ctx)
}

// Between lists what differs: first what leaves and how, then how often, then every other key. Values of other keys
// are left out, because a header or a URL may hold a secret.
func Between(before, after *confmap.Conf) ([]Change, error) {
	var all []Change
	for _, compare := range []func(before, after *confmap.Conf) ([]Change, error){ofRules, ofStats, ofReadings} {
		found, err := compare(before, after)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return append(all, ofKeys(before, after)...), nil
}

// IsLooser reports whether more leaves than before of what left already: more exactly, or more often.
func (c Change) IsLooser() bool {
	return slices.Contains([]string{finer, exact, moreOften}, c.Kind)
}

// The kinds that are more than words.
const (
	rounder   = "rounder"
	finer     = "finer"
	exact     = "exact"
	moreOften = "more often"
)

// each calls what compares a component, by its key, with its former self; one that is new or gone has an empty one.
func each[C any](before, after *confmap.Conf, section, kind string, empty func() *C, compare func(key string, before, after *C)) error {
	read := func(all *confmap.Conf, id string) (*C, error) {
		cfg := empty()
		under, err := all.Sub(section + confmap.KeyDelimiter + id)
		if err != nil {
			return nil, err
		}
		if err := under.Unmarshal(cfg); err != nil {
			return nil, fmt.Errorf("%s::%s: %w", section, id, err)
		}
		return cfg, nil
	}
	for _, id := range ids(section, kind, before, after) {
		was, err := read(before, id)
		if err != nil {
			return err
		}
		is, err := read(after, id)
		if err != nil {
			return err
		}
		compare(section+confmap.KeyDelimiter+id, was, is)
	}
	return nil
}

func ids(section, kind string, all ...*confmap.Conf) (found []string) {
	for _, conf := range all {
		under, err := conf.Sub(section)
		if err != nil {
			continue
		}
		for id := range under.ToStringMap() {
			if name, _, _ := strings.Cut(id, "/"); name == kind && !slices.Contains(found, id) {
				found = append(found, id)
			}
		}
	}
	slices.Sort(found)
	return found
}

// told are the parts that have words of their own.
var told = map[string][]string{
	"processors": {"metrics", "attributes", "resource", "timestamps"},
	"exporters":  {"stats"},
	"receivers":  {"metrics", "events", "resource"},
}

// kinds are the components whose parts are told.
var kinds = map[string]string{"processors": "anonymizer", "exporters": "collect", "receivers": "appusage"}

func ofKeys(before, after *confmap.Conf) (found []Change) {
	var keys []string
	for _, key := range slices.Concat(before.AllKeys(), after.AllKeys()) {
		path := strings.Split(key, confmap.KeyDelimiter)
		if len(path) > 2 && slices.Contains(told[path[0]], path[2]) {
			if kind, _, _ := strings.Cut(path[1], "/"); kind == kinds[path[0]] {
				continue
			}
		}
		if !reflect.DeepEqual(before.Get(key), after.Get(key)) {
			if len(path) > 3 && path[2] == "mismatches" { // as a whole: nothing of it leaves
				key = strings.Join(path[:4], confmap.KeyDelimiter)
			}
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		how := "has another value"
		switch {
		case !before.IsSet(key):
			how = "is set"
		case !after.IsSet(key):
			how = "is no longer set"
		}
		found = append(found, Change{"setting", key, how, key})
	}
	return found
}

func noRules() *anonymizer.Config {
	return anonymizer.NewFactory().CreateDefaultConfig().(*anonymizer.Config)
}

func noStats() *collectexporter.Config  { return &collectexporter.Config{} }
func nothing() *appusagereceiver.Config { return &appusagereceiver.Config{} }
