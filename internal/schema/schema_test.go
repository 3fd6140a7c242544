// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"

	"github.com/headcount-otel/headcount"
	"github.com/headcount-otel/headcount/anonymizer"
	"github.com/headcount-otel/headcount/connector/fleetconnector"
	"github.com/headcount-otel/headcount/exporter/collectexporter"
	"github.com/headcount-otel/headcount/extension/filestorage"
	"github.com/headcount-otel/headcount/internal/schema"
	"github.com/headcount-otel/headcount/processor/installationprocessor"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver"
	"github.com/headcount-otel/headcount/receiver/collectreceiver"
)

const file = "../../docs/schema/headcount.json"

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.Open(file)
	require.NoError(t, err)
	defer func() { _ = text.Close() }()
	parsed, err := jsonschema.UnmarshalJSON(text)
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("headcount.json", parsed))
	made, err := compiler.Compile("headcount.json")
	require.NoError(t, err)
	return made
}

// documents are the configurations of the repository: profiles, valid files of tests, and those in the documents.
func documents(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range []string{"../../apps/*.yaml", "../../testdata/valid/*.yaml", "../../testdata/warned/*.yaml", "../../docs/deploying/*/*.yaml", "../../examples/*/*.yaml"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			found[file] = string(text)
		}
	}
	for _, pattern := range []string{"../../docs/*.md", "../../docs/*/*.md", "../../*/README.md", "../../*/*/README.md"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for i, block := range strings.Split(string(text), "\n```yaml")[1:] {
				_, block, _ = strings.Cut(block, "\n")
				block, _, _ = strings.Cut(block, "\n```")
				found[file+"#"+string(rune('a'+i))] = block
			}
		}
	}
	return found
}

// configurations are the documents that have a component's section.
func configurations(t *testing.T) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	for name, text := range documents(t) {
		var root map[string]any
		if yaml.Unmarshal([]byte(text), &root) != nil {
			continue
		}
		for section := range factories {
			if _, has := root[section].(map[string]any); has {
				found[name] = root
			}
		}
	}
	return found
}

var factories = map[string][]component.Factory{
	"extensions": {headcount.NewFactory(), filestorage.NewFactory()},
	"receivers":  {appusagereceiver.NewFactory(), collectreceiver.NewFactory()},
	"processors": {anonymizer.NewFactory(), installationprocessor.NewFactory()},
	"connectors": {fleetconnector.NewFactory()},
	"exporters":  {collectexporter.NewFactory()},
}

func TestSchemaIsThatOfTheStructs(t *testing.T) {
	text, err := os.Open(file)
	require.NoError(t, err)
	defer func() { _ = text.Close() }()
	committed, err := jsonschema.UnmarshalJSON(text)
	require.NoError(t, err)
	assert.Equal(t, plain(t, schema.Make(schema.Comments("../.."))), plain(t, committed), "make generate makes it anew")
}

func TestEachConfigurationIsValid(t *testing.T) {
	made := compiled(t)
	all := configurations(t)
	require.Greater(t, len(all), 40)
	for name, root := range all {
		assert.NoError(t, made.Validate(root), name)
	}
}

// A misspelt key is refused by the schema exactly where the component refuses it.
func TestMisspeltKeysAreRefused(t *testing.T) {
	made := compiled(t)
	misspelt := 0
	seen := map[string]bool{} // maps with the same keys in the same component are of one struct
	for name, root := range configurations(t) {
		for section, ours := range factories {
			components, _ := root[section].(map[string]any)
			for id, cfg := range components {
				kind, _, _ := strings.Cut(id, "/")
				for _, factory := range ours {
					if factory.Type().String() != kind {
						continue
					}
					if cfg, isMap := cfg.(map[string]any); isMap && decodes(factory, cfg) == nil {
						eachMap(cfg, func(at map[string]any, key string) {
							shape := fmt.Sprint(section, kind, slices.Sorted(maps.Keys(at)), key)
							if seen[shape] {
								return
							}
							seen[shape] = true
							value := at[key]
							at[key+"x"] = value
							delete(at, key)
							refused := decodes(factory, cfg) != nil
							said := made.Validate(map[string]any{section: map[string]any{id: cfg}}) != nil
							assert.Equal(t, refused, said, "%s: %s::%s: %sx", name, section, id, key)
							misspelt++
							delete(at, key+"x")
							at[key] = value
						})
					}
				}
			}
		}
	}
	assert.Greater(t, misspelt, 400)
}

// A misspelt word is refused by the schema only where the component refuses it, and by both where there are few words.
func TestMisspeltWordsAreRefused(t *testing.T) {
	made := compiled(t)
	words := map[string]bool{}
	seen := map[string]bool{}
	for name, root := range configurations(t) {
		for section, ours := range factories {
			components, _ := root[section].(map[string]any)
			for id, cfg := range components {
				factory := ofKind(ours, id)
				whole, isMap := cfg.(map[string]any)
				if factory == nil || !isMap || valid(factory, whole) != nil {
					continue
				}
				eachMap(whole, func(at map[string]any, key string) {
					word, isText := at[key].(string)
					if shape := fmt.Sprint(section, slices.Sorted(maps.Keys(at)), key, word); !isText || seen[shape] {
						return
					} else {
						seen[shape] = true
					}
					at[key] = word + "x"
					if made.Validate(map[string]any{section: map[string]any{id: whole}}) != nil && !strings.ContainsAny(word, "0123456789") {
						assert.Error(t, valid(factory, whole), "%s: %s::%s: %s: %sx", name, section, id, key, word)
						words[word] = true
					}
					at[key] = word
				})
			}
		}
	}
	for _, word := range []string{"on", "local", "opt_out", "opt_in", "shown", "bool", "int", "sum", "minor", "quarter", "keep", "json", "label", "down"} {
		assert.Contains(t, words, word)
	}
}

// valid is the component's own verdict on a configuration.
func valid(factory component.Factory, cfg map[string]any) error {
	into := factory.CreateDefaultConfig()
	if err := confmap.NewFromStringMap(cfg).Unmarshal(into); err != nil {
		return err
	}
	return confmap.Validate(into)
}

func ofKind(ours []component.Factory, id string) component.Factory {
	kind, _, _ := strings.Cut(id, "/")
	for _, factory := range ours {
		if factory.Type().String() == kind {
			return factory
		}
	}
	return nil
}

// A time needs its unit: a number would count nanoseconds, which validate refuses as well.
func TestTimesHaveAUnit(t *testing.T) {
	made := compiled(t)
	for written, isRight := range map[any]bool{"30d": true, "1h30m": true, "0s": true, "${env:EVERY:-12h}": true, 720: false, "1 month": false, "never": false} {
		err := made.Validate(map[string]any{"receivers": map[string]any{"appusage": map[string]any{"collection_interval": written}}})
		assert.Equal(t, isRight, err == nil, "%v", written)
	}
}

// decodes is the component's own verdict on a configuration's keys.
func decodes(factory component.Factory, cfg map[string]any) error {
	into := factory.CreateDefaultConfig()
	if reflect.ValueOf(into).Kind() != reflect.Pointer {
		into = &into
	}
	return confmap.NewFromStringMap(cfg).Unmarshal(into)
}

// eachMap visits each key of each map; the visitor leaves the map as it found it.
func eachMap(node any, visit func(at map[string]any, key string)) {
	switch node := node.(type) {
	case map[string]any:
		for _, key := range slices.Collect(maps.Keys(node)) {
			visit(node, key)
			eachMap(node[key], visit)
		}
	case []any:
		for _, each := range node {
			eachMap(each, visit)
		}
	}
}

// plain is a value as JSON has it.
func plain(t *testing.T, value any) any {
	t.Helper()
	text, err := yaml.Marshal(value)
	require.NoError(t, err)
	var out any
	require.NoError(t, yaml.Unmarshal(text, &out))
	return out
}
