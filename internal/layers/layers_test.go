// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/layers"
)

func write(t *testing.T, text string) string {
	t.Helper()
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("site.yaml", []byte(text), 0o600))
	return "file:site.yaml"
}

func TestWarnings(t *testing.T) {
	const rules = "processors:\n  anonymizer:\n    metrics:\n      "
	for name, c := range map[string]struct {
		text, warning string
		first         bool
		overlay       string
	}{
		"null for what is not there": {
			text:    rules + "explorer.query_log.cuont: null\n",
			warning: "site.yaml:4: processors::anonymizer::metrics::explorer.query_log.cuont: null takes nothing away, because no file before this one has such an entry (there is explorer.query_log.count)",
		},
		"null for what no installation processor has": {
			text:    "processors:\n  installation:\n    gather: null\n",
			warning: "site.yaml:3: processors::installation::gather: null takes nothing away",
		},
		"null for NULL":          {text: "receivers: {appusage: {metrics: {shop.users: {source: db, count: {table: users, where: {deleted_at: null, paid_at: {not: null}}}}}}}\n"},
		"null for what is there": {text: rules + "explorer.query_log.count: null\n"},
		"a value that is there already": {
			text:    rules + "explorer.query_log.count: {round: {to: 100}}\n",
			warning: "site.yaml:4: processors::anonymizer::metrics::explorer.query_log.count::round::to: changes nothing: app:sql-explorer says the same in line",
		},
		"another value": {text: rules + "explorer.query_log.count: {round: {to: 1000}}\n"},
		"before the profile": {
			text: rules + "explorer.query_log.count: {round: {to: 1000}}\n", first: true,
			warning: "site.yaml:4: processors::anonymizer::metrics::explorer.query_log.count::round::to: has no effect: app:sql-explorer comes later and says otherwise; name site.yaml after it",
		},
		"null before the profile": {
			text: "exporters: {collect: {stats: {STARTUP_STATS: {value: {user_dbs: null}}}}}", first: true,
			warning: "site.yaml:1: exporters::collect::stats::STARTUP_STATS::value::user_dbs: has no effect: app:sql-explorer comes later and says otherwise; name site.yaml after it",
		},
		"a rule that is turned off, and was not there": {
			text:    rules + "explorer.query_log.count: {keep: false}\n",
			warning: "site.yaml:4: processors::anonymizer::metrics::explorer.query_log.count::keep: says nothing, because a rule takes effect by being there: write null",
		},
		"nothing suppressed":                 {text: rules + "explorer.query_log.count: {suppress_below: 0}\n", warning: "suppress_below: says nothing"},
		"a rule that is turned off":          {text: rules + "explorer.query_run.sql_len: {keep: false, round: {to: 10}}\n"},
		"a rule that is turned off, and new": {text: rules + "shop.orders: {keep: false, round: {to: 10}}\n"},
		"a map without entries": {
			text:    "exporters: {collect: {stats: {STARTUP_STATS: {value: {user_dbs: {}}}}}}",
			warning: "user_dbs: {} changes nothing of what app:sql-explorer says in line",
		},
		"a component that is empty, because its keys stand beside it": {
			text:    "processors:\n  anonymizer:\n  metrics: {explorer.query_log.count: {round: {to: 1000}}}\n",
			warning: "site.yaml:2: processors::anonymizer: is empty, which takes away all that app:sql-explorer says of it: is what follows indented too little?",
		},
		"the storage of a look": {text: "processors: {anonymizer: {storage: file_storage}}\n", overlay: "app:preview"},
		"a section that is empty": {
			text:    "receivers:\nprocessors: {anonymizer: {metrics: {shop.orders: {keep: true}}}}\n",
			warning: "site.yaml:1: receivers: is empty, which takes away all that app:sql-explorer says of it: is what follows indented too little?",
		},
		"a component that a variable would bring": {
			text:    "extensions:\n  headcount: ${env:NO_SUCH_VARIABLE}\n",
			warning: "site.yaml:2: extensions::headcount: is empty, because the environment variable NO_SUCH_VARIABLE is not set, which takes away all that app:sql-explorer says of it: set it, or remove the line",
		},
		"keys that a variable would bring": {
			text:    "receivers: {appusage: {metrics: '${NO_SUCH_VARIABLE:-}'}}\n",
			warning: "site.yaml:1: receivers::appusage::metrics: is empty, because the environment variable NO_SUCH_VARIABLE is not set, which",
		},
		"a new component that a variable would bring": {
			text:    "extensions: {headcount/ours: '${env:NO_SUCH_VARIABLE}'}\n",
			warning: "site.yaml:1: extensions::headcount/ours: is empty, because the environment variable NO_SUCH_VARIABLE is not set: set it",
		},
		"a variable with another value":     {text: "extensions: {headcount: '${env:NO_SUCH_VARIABLE:-{mode: local}}'}\n"},
		"a component that another replaces": {text: "extensions: {headcount: null, headcount/ours: {mode: on}}"},
		"an empty file":                     {text: "\n", warning: "site.yaml: holds nothing"},
		"a file of comments":                {text: "# processors:\n"},
		"a number in eights": {
			text:    rules + "explorer.query_log.count: {round: {to: 0100}}\n",
			warning: "site.yaml:4: processors::anonymizer::metrics::explorer.query_log.count::round::to: 0100 is read as 64, because a number that begins with a zero counts in eights: write it without the zero, or, if it is a text, in quotes",
		},
		"eights in a list": {
			text:    rules + "explorer.query_log.count: {round: null, bucket: {bounds: [00, 020]}}\n",
			warning: "bucket::bounds: 020 is read as 16",
		},
		"a text that begins with a zero": {text: "receivers: {appusage: {resource: {a: {value: '0100'}}}}"},
		"others' components":             {text: "exporters:\n  debug:\n"},
		"a component without keys":       {text: "exporters: {collect: {}}\n", warning: "site.yaml:1: exporters::collect: {} changes nothing of what app:sql-explorer says of it: write null to take it away, or name what is to change"},
		"a section without components":   {text: "receivers: {}\n", warning: "site.yaml:1: receivers: {} changes nothing"},
		"pipelines without one":          {text: "service: {pipelines: {}}\n", warning: "site.yaml:1: service::pipelines: {} changes nothing"},
		"a pipeline without a list":      {text: "service: {pipelines: {metrics: {}}}\n", warning: "site.yaml:1: service::pipelines::metrics: {} changes nothing"},
		"a new component without keys":   {text: "exporters: {nop: {}}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			uris := []string{"app:sql-explorer", write(t, c.text)}
			if c.first {
				uris[0], uris[1] = uris[1], uris[0]
			}
			if c.overlay != "" {
				uris = append(uris, c.overlay)
			}
			all, err := layers.Read(uris)
			require.NoError(t, err)
			warnings := layers.Warnings(all)
			if c.warning == "" {
				assert.Empty(t, warnings)
				return
			}
			require.Len(t, warnings, 1)
			assert.Contains(t, warnings[0], c.warning)
		})
	}
}

// Overlays of ours over profiles of ours say nothing in vain.
// A maker's own file is a profile, too.
func TestASiteBeforeAMakersFile(t *testing.T) {
	site := write(t, "processors: {anonymizer: {metrics: {shop.orders: {round: {to: 1000}}}}}\n")
	require.NoError(t, os.WriteFile("maker.yaml", []byte(`
receivers: {appusage: {resource: {service.name: {value: shop}}}}
processors: {anonymizer: {metrics: {shop.orders: {round: {to: 10}}}}}
`), 0o600))
	for _, uris := range [][]string{{"app:base", site, "file:maker.yaml"}, {site, "app:base", "file:maker.yaml"}} {
		all, err := layers.Read(uris)
		require.NoError(t, err)
		warnings := layers.Warnings(all)
		require.Len(t, warnings, 1)
		assert.Contains(t, warnings[0], "site.yaml:1: processors::anonymizer::metrics::shop.orders::round::to: has no effect: maker.yaml comes later")
	}
	all, err := layers.Read([]string{"app:base", "file:maker.yaml", site})
	require.NoError(t, err)
	assert.Empty(t, layers.Warnings(all))
}

func TestOverlaysOfOurs(t *testing.T) {
	for _, uris := range [][]string{
		{"app:sql-explorer", "app:strict", "app:preview"},
		{"app:sql-explorer", "app:demo"},
		{"app:sql-explorer", "app:5.1", "app:5.0", "app:4.2", "app:once"},
		{"app:sql-explorer-relay", "app:strict"},
	} {
		all, err := layers.Read(uris)
		require.NoError(t, err)
		assert.Empty(t, layers.Warnings(all), uris)
	}
}

func TestSlipOfYAMLNamesFileAndLine(t *testing.T) {
	_, err := layers.Read([]string{write(t, "processors:\n  anonymizer: {metrics: {\n")})
	require.ErrorContains(t, err, "site.yaml: line ")
	_, err = layers.Read([]string{write(t, "processors: {}\nservice: {}\nprocessors: {}\n")})
	require.EqualError(t, err, `site.yaml: line 3: mapping key "processors" already defined at line 1`)
	_, err = layers.Read([]string{write(t, "processors: {}\n---\nexporters: {}\n")})
	require.ErrorContains(t, err, "site.yaml: line 3: a second document begins here, and only the first would count")
	_, err = layers.Read([]string{write(t, "---\nprocessors: {}\n---\n")})
	require.NoError(t, err)
	_, err = layers.Read([]string{write(t, "processors: {}\n...\nextensions: {headcount: {mode: off}}\n")})
	require.ErrorContains(t, err, "site.yaml: line ")
	require.ErrorContains(t, err, "what stands behind the end of the document would not count")
	_, err = layers.Read([]string{write(t, "processors: {}\n...\n# no more\n")})
	require.NoError(t, err)
	_, err = layers.Read([]string{"sql-explorer"})
	require.ErrorContains(t, err, "write app:sql-explorer for the profile of this name")
	_, err = layers.Read([]string{"file:" + filepath.Join(t.TempDir(), "missing.yaml")})
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// Two spellings of one key do not add up: the later in the alphabet takes the other's place, be it `mode: off`.
func TestAKeyInTwoSpellingsIsRefused(t *testing.T) {
	const want = "site.yaml:2: extensions::headcount: stands in line 1 too, in another spelling, and only one of the two would count: write all that is below it in one place"
	for _, text := range []string{
		"extensions::headcount: {endpoint: ''}\nextensions: {headcount: {mode: off}}\n",
		"extensions: {headcount: {mode: off}}\nextensions::headcount: {endpoint: ''}\n",
		"extensions: {headcount: {endpoint: ''}}\n'extensions::headcount': {<<: {mode: off}}\n",
	} {
		_, err := layers.Read([]string{"app:sql-explorer", write(t, text)})
		require.EqualError(t, err, want, text)
	}
	for _, text := range []string{
		"extensions:\n  headcount::mode: off\n",
		"extensions: {headcount: {endpoint: ''}, \n  headcount::mode: off}\n",
		"extensions: {headcount: {<<: {endpoint: ''}}, <<: {\n  headcount::mode: off}}\n",
	} {
		_, err := layers.Read([]string{"app:sql-explorer", write(t, text)})
		require.EqualError(t, err, "site.yaml:2: extensions::headcount::mode: below the top, keys that :: joins are lost by chance where another place says the same: write each in a line of its own", text)
	}
	for _, text := range []string{
		"extensions::headcount::mode: off\nextensions: {headcount: {endpoint: ''}}\n",
		"extensions::headcount::mode: off\nextensions::headcount::endpoint: ''\n",
		"extensions: {headcount: {<<: {mode: on, endpoint: ''}, mode: off}}\n",
		"extensions: {headcount: {<<: [{mode: off}, {mode: on}]}}\n",
	} {
		_, err := layers.Read([]string{"app:sql-explorer", write(t, text)})
		require.NoError(t, err, text)
	}
}

// What stands where keys belong would take away what is below it, a wish to be off among it.
func TestAValueInPlaceOfKeysIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"extensions:\n  headcount: off\n":           `site.yaml:2: extensions::headcount: is "off", a single value, where keys belong: write them below it, such as mode: off`,
		"extensions:\n  headcount:\n    mode:off\n": `site.yaml:2: extensions::headcount: is "mode:off", a single value, where keys belong: write a blank after the colon of mode`,
		"extensions: {headcount: [mode, off]}":      "extensions::headcount: is a list where keys belong: write them without dashes",
		"extensions: off":                           "site.yaml:1: extensions: is a single value where keys belong",
		"extensions::headcount: off":                "extensions::headcount",
		"exporters: {collect: 0}":                   `exporters::collect: is "0", a single value, where keys belong: write them below it, or null to take it away`,
		"exporters: {otlphttp: https://a:b@c}":      "site.yaml:1: exporters::otlphttp: is a single value where keys belong",
		"service: off":                              "site.yaml:1: service: is a single value",
		"mode=off":                                  "site.yaml: line 1: is a single value, and no configuration",
		"- extensions: {}":                          "site.yaml: line 1: is a list, and no configuration",
	} {
		_, err := layers.Read([]string{"app:sql-explorer", write(t, text)})
		require.ErrorContains(t, err, want, text)
	}
	for _, text := range []string{
		"extensions: {headcount: '${file:headcount.yaml}'}", "'${env:SITE}'", "extensions: {headcount: null}", "x: &a {mode: off}\nextensions: {headcount: *a}", "service: {extensions: [headcount]}",
	} {
		_, err := layers.Read([]string{"app:sql-explorer", write(t, text)})
		require.NoError(t, err, text)
	}
}

func TestAFileThatCannotBeReadSaysTheRemedy(t *testing.T) {
	write(t, "")
	for uri, want := range map[string]string{
		"file:.":             "write a --config for each file in it",
		"file:*.yaml":        "write a --config for each file",
		"site.yaml,b.yaml":   "write a --config for each file",
		"~/site.yaml":        "write the whole path",
		"file:site.yaml ":    "write the whole path",
		"site.yml":           "there is site.yaml",
		"":                   "--config: names nothing",
		"file:elsewhere.txt": "no such file",
	} {
		_, err := layers.Read([]string{uri})
		require.ErrorContains(t, err, want, uri)
	}
}
