// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package checkconverter

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
)

// free are the names that their writer makes up, and the columns, which only the database knows.
var free = regexp.MustCompile(`::(where|since)::[^:]+$|::newest::by$|::events::[^:]+$|::stats::[^:]+$|::value::[^:]+$|::environment::[^:]+$`)

// open are the files whose pipelines bring what no configuration tells, or end where nothing tells what is
// expected, with what is free there.
var open = map[string]*regexp.Regexp{
	"groups-added-up.yaml": regexp.MustCompile(`::by: plan$`),   // a column, whose groups nothing else names
	"fleet.yaml":           regexp.MustCompile(`^processors::`), // behind the connector
	"gateway.yaml":         regexp.MustCompile(`^processors::`), // from other programs, over OTLP
	"makers.yaml":          regexp.MustCompile(`^receivers::`),  // to an exporter of another type
	"own-backend.yaml":     regexp.MustCompile(`^receivers::appusage::(metrics|resource)::[^:]+$`),
}

// values are the keys whose values are names of something else in the configuration.
var values = regexp.MustCompile(`::(metric|resource|by|source|storage|consent|ledger)$`)

// Each key and each reference in each valid file is misspelt in turn. Somebody has to say something.
func TestEachMisspeltKeyIsSaid(t *testing.T) {
	files, err := filepath.Glob("../testdata/valid/*.yaml")
	require.NoError(t, err)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			for _, misspell := range misspellings(t, file) {
				assert.True(t, isSaid(t, misspell.conf(t, file)), "nobody says anything of %s", misspell.name)
			}
		})
	}
}

// The same for a site's file over a profile: one entry, one of whose names is misspelt.
func TestEachMisspeltOverlayIsSaid(t *testing.T) {
	for _, file := range []string{"../apps/sql-explorer.yaml", "../apps/collect-endpoint.yaml"} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			for _, misspell := range misspellings(t, file) {
				merged := load(t, file)
				require.NoError(t, merged.Merge(confmap.NewFromStringMap(misspell.overlay)))
				assert.True(t, isSaid(t, merged), "nobody says anything of an overlay with %s", misspell.name)
			}
		})
	}
}

// isSaid reports whether a component refuses its section, or a check finds something.
func isSaid(t *testing.T, conf *confmap.Conf) bool {
	t.Helper()
	s, err := readConfig(conf)
	if err != nil {
		return true
	}
	for _, kind := range s.sections() {
		for _, cfg := range kind.configs {
			if cfg != nil && confmap.Validate(cfg) != nil {
				return true
			}
		}
	}
	warnings, errs := s.check()
	return errs != nil || len(warnings) > 0
}

// misspelling is a key or a reference with a letter too many.
type misspelling struct {
	name    string
	apply   func(root map[string]any)
	overlay map[string]any
}

func (m misspelling) conf(t *testing.T, file string) *confmap.Conf {
	t.Helper()
	root := load(t, file).ToStringMap()
	m.apply(root)
	return confmap.NewFromStringMap(root)
}

func misspellings(t *testing.T, file string) []misspelling {
	t.Helper()
	root := load(t, file).ToStringMap()
	var all []misspelling
	for _, section := range []string{"extensions", "receivers", "processors", "connectors", "exporters"} {
		components, _ := root[section].(map[string]any)
		for id, cfg := range components {
			if ofOurs := slices.Contains([]string{"headcount", "appusage", "collect", "anonymizer", "fleet"}, typeOf(id)); ofOurs && cfg != nil {
				all = append(all, misspellBelow([]string{section, id}, cfg)...)
			}
		}
	}
	if isFree := open[filepath.Base(file)]; isFree != nil {
		all = slices.DeleteFunc(all, func(m misspelling) bool { return isFree.MatchString(m.name) })
	}
	slices.SortFunc(all, func(a, b misspelling) int { return strings.Compare(a.name, b.name) })
	return all
}

func misspellBelow(path []string, node any) (all []misspelling) {
	name := strings.Join(path, "::")
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			below := append(slices.Clone(path), key)
			if value == nil { // an entry that is taken away
				continue
			}
			if !free.MatchString(strings.Join(below, "::")) {
				wrong := key + "x"
				all = append(all, misspelling{
					name: strings.Join(below, "::"),
					apply: func(root map[string]any) {
						at := find(root, path)
						at[wrong] = at[key]
						delete(at, key)
					},
					overlay: nest(append(slices.Clone(path), wrong), value),
				})
			}
			all = append(all, misspellBelow(below, value)...)
		}
	case string:
		if values.MatchString(name) && !free.MatchString(name) {
			last := len(path) - 1
			all = append(all, misspelling{
				name:    name + ": " + node,
				apply:   func(root map[string]any) { find(root, path[:last])[path[last]] = node + "x" },
				overlay: nest(path, node+"x"),
			})
		}
	}
	return all
}

func find(root map[string]any, path []string) map[string]any {
	for _, key := range path {
		root = root[key].(map[string]any)
	}
	return root
}

func nest(path []string, value any) map[string]any {
	for _, key := range slices.Backward(path) {
		value = map[string]any{key: value}
	}
	return value.(map[string]any)
}

func load(t *testing.T, file string) *confmap.Conf {
	t.Helper()
	conf, err := confmaptest.LoadConf(file)
	require.NoError(t, err)
	return conf
}
