// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
)

// made are the system calls that make or write a file, or listen.
var made = regexp.MustCompile(`(?m)^.*(?:mkdir(?:at)?\(|creat\(|listen\(|unlink(?:at)?\(|rename(?:at2?)?\(|open(?:at)?\([^\n]*(?:O_WRONLY|O_RDWR|O_CREAT)).*$`)

// makesNothing runs the program under strace and sees that it makes and writes no file,
// connects to nothing, looks no name up, and listens for its pages alone.
func makesNothing(t *testing.T, env environment, pages int, configs ...string) {
	t.Helper()
	debian.NeedsProgram(t, "strace", "strace")
	calls := filepath.Join(t.TempDir(), "calls")
	argv := []string{
		"strace", "-f", "-qq", "-s", "256", "-e", "trace=network,open,openat,creat,mkdir,mkdirat,unlink,unlinkat,rename,renameat,renameat2",
		"-o", calls, filepath.Join(root, "_build", "headcount"),
	}
	for _, config := range configs {
		argv = append(argv, "--config", config)
	}
	d := startCommand(t, env, argv...)
	if pages > 0 {
		d.says(t, "These components ask for consent here")
		d.says(t, "Everything is ready")
		d.stop(t)
	} else {
		d.ends(t)
	}
	text, err := os.ReadFile(calls)
	require.NoError(t, err)
	listening := 0
	for _, call := range made.FindAllString(string(text), -1) {
		if strings.Contains(call, "listen(") {
			listening++
		} else {
			assert.Regexp(t, `"/dev/(null|tty)"`, call)
		}
	}
	assert.NotContains(t, d.stderr.String(), "never said whether they ask", "every component came")
	assert.Equal(t, pages, listening, "only the page listens")
	assert.Empty(t, connect.FindAllString(string(text), -1), "connections and look-ups")
}

// renamed gives the extension another name, and forgets what the profile wrote under its own.
const renamed = "yaml:{extensions: {headcount: null, headcount/ours: {mode: on, endpoint: '127.0.0.1:0', storage: file_storage}}, receivers: {appusage: {consent: headcount/ours}}, processors: {anonymizer: {consent: headcount/ours}}, exporters: {collect: {consent: headcount/ours}}, service: {extensions: [headcount/ours, file_storage]}}"

// through sends reports over a relay, whose name a look-up would show.
const through = "yaml:exporters::collect::oblivious: {relay: 'https://relay.example.invalid/makers', keys: AC0BACAx4fBadAECEVIg6a+Rj3OGdK7JX1TbbgTrcFqujnmBVQAIAAEAAQABAAM=}"

func TestOffMakesNothing(t *testing.T) {
	t.Parallel()
	shop := "file:" + filepath.Join(root, "examples", "otlp", "profile.yaml")
	for name, tt := range map[string]struct {
		configs []string
		signal  environment
		pages   int
	}{
		"the profile":            {[]string{"app:sql-explorer"}, environment{"DO_NOT_TRACK": "1"}, 1},
		"strict":                 {[]string{"app:sql-explorer", "app:strict"}, environment{"HEADCOUNT_MODE": "off"}, 1},
		"the relay, strict":      {[]string{"app:sql-explorer-relay", "app:strict"}, environment{"DO_NOT_TRACK": "yes"}, 1},
		"a preview":              {[]string{"app:sql-explorer", "app:preview"}, environment{"EXPLORER_ENABLE_ANONYMOUS_STATS": "False"}, 0},
		"once":                   {[]string{"app:sql-explorer", "app:once"}, environment{"DO_NOT_TRACK": "1"}, 0},
		"no variable is named":   {[]string{"app:sql-explorer", "yaml:extensions::headcount::environment: null"}, environment{"DO_NOT_TRACK": "1"}, 1},
		"no consent key at all":  {[]string{"app:sql-explorer-relay", "yaml:{receivers: {collect: {consent: null}}, processors: {anonymizer: {consent: null, storage: file_storage}}, exporters: {collect: {consent: null}}}"}, environment{"HEADCOUNT_MODE": "off"}, 1},
		"the variables are gone": {[]string{"app:sql-explorer", "yaml:extensions::headcount::environment: null"}, environment{"EXPLORER_ENABLE_ANONYMOUS_STATS": "False"}, 1},
		"one of them is gone":    {[]string{"app:sql-explorer", "yaml:extensions: {headcount: {environment: {EXPLORER_ENABLE_ANONYMOUS_STATS: null}}}"}, environment{"EXPLORER_ENABLE_ANONYMOUS_STATS": "no"}, 1},
		"another extension":      {[]string{"app:sql-explorer", renamed}, environment{"EXPLORER_ENABLE_ANONYMOUS_STATS": "0"}, 1},
		"an extension beside it": {[]string{"app:sql-explorer", "yaml:{extensions: {headcount/b: {mode: on}}, receivers: {appusage: {consent: null}}, exporters: {collect: {consent: null}}, service: {extensions: [headcount, headcount/b, file_storage]}}"}, environment{"EXPLORER_ENABLE_ANONYMOUS_STATS": "off"}, 1},
		"through a relay":        {[]string{"app:sql-explorer", through}, environment{"DO_NOT_TRACK": "TRUE"}, 1},
		"over OTLP":              {[]string{"app:otlp", shop}, environment{"DO_NOT_TRACK": "2"}, 1},
		"over OTLP, by the file": {[]string{"app:otlp", shop, "yaml:extensions::headcount::mode: off"}, nil, 1},
		"a variable is reversed": {[]string{"app:sql-explorer", "yaml:extensions::headcount::environment::DO_NOT_TRACK: opt_in"}, environment{"DO_NOT_TRACK": "1"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(newEndpoint(t), t)
			s.env["HEADCOUNT_STATE_DIR"] = filepath.Join(t.TempDir(), "state")
			s.env["HEADCOUNT_COLLECT_ENDPOINT"] = "127.0.0.1:0"
			s.env["HEADCOUNT_OTLP"] = "127.0.0.1:0"
			s.env["SHOP_COLLECT_URL"] = "https://collect.example.invalid/stat"
			for variable, value := range tt.signal {
				s.env[variable] = value
			}
			makesNothing(t, s.env, tt.pages, tt.configs...)
			assert.NoDirExists(t, s.env["HEADCOUNT_STATE_DIR"])
		})
	}
}

// Off was chosen on the page: the next life writes nothing either, and changes no byte.
func TestOffOnThePageMakesNothingLater(t *testing.T) {
	t.Parallel()
	for name, configs := range map[string][]string{
		"the profile":     {"app:sql-explorer"},
		"strict":          {"app:sql-explorer", "app:strict"},
		"the relay":       {"app:sql-explorer-relay", "app:strict"},
		"through a relay": {"app:sql-explorer", through},
		"over OTLP":       {"app:otlp", "file:" + filepath.Join(root, "examples", "otlp", "profile.yaml")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(newEndpoint(t), t)
			s.env["HEADCOUNT_COLLECT_ENDPOINT"] = "127.0.0.1:0"
			s.env["HEADCOUNT_OTLP"] = "127.0.0.1:0"
			s.env["SHOP_COLLECT_URL"] = "https://collect.example.invalid/stat"
			argv := []string{filepath.Join(root, "_build", "headcount")}
			for _, config := range configs {
				argv = append(argv, "--config", config)
			}
			d := startCommand(t, s.env, argv...)
			d.says(t, "Everything is ready")
			d.choose(t, "off")
			d.stop(t)
			before := contents(t, s.env["HEADCOUNT_STATE_DIR"])
			makesNothing(t, s.env, 1, configs...)
			assert.Equal(t, before, contents(t, s.env["HEADCOUNT_STATE_DIR"]))
		})
	}
}

// A preview keeps nothing: its secret is in memory alone, and what is kept already stays as it is, byte for byte.
func TestAPreviewKeepsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(newEndpoint(t), t)
	state := s.env["HEADCOUNT_STATE_DIR"]
	_, code := s.oneShot(t, "app:strict", "--config", "app:preview")
	assert.Zero(t, code)
	assert.Empty(t, contents(t, state))

	_, code = s.oneShot(t, "app:strict", "--config", "app:once")
	require.Zero(t, code)
	before := contents(t, state)
	require.Contains(t, before["processor_anonymizer_"], "secret")
	_, code = s.oneShot(t, "app:strict", "--config", "app:preview")
	assert.Zero(t, code)
	assert.Equal(t, before, contents(t, state))
}
