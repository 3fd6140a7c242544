// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/trust"
)

// The dimensions of the table, of which the root package tries all values in process.
var (
	choices = []string{"", "off", "local", "on"} // on the page, in an earlier life; on is off first

	signals = []struct {
		env  environment
		goes trust.Mode
	}{
		{environment{}, trust.On},
		{environment{"DO_NOT_TRACK": "0", "HEADCOUNT_MODE": "ON"}, trust.On},
		{environment{"EXPLORER_ENABLE_ANONYMOUS_STATS": "True"}, trust.On},
		{environment{"HEADCOUNT_MODE": "local"}, trust.Local},
		{environment{"HEADCOUNT_MODE": "Off"}, trust.Off},
		{environment{"HEADCOUNT_MODE": "on", "DO_NOT_TRACK": " Yes "}, trust.Off},
		{environment{"DO_NOT_TRACK": "certainly"}, trust.Off},
		{environment{"EXPLORER_ENABLE_ANONYMOUS_STATS": "False"}, trust.Off},
	}

	// accidents befall a file between two lives; only the first leaves it to be read.
	accidents = []func(path string) error{
		func(string) error { return nil },
		os.Remove,
		func(path string) error { return os.Truncate(path, 0) },
		func(path string) error { return os.WriteFile(path, []byte(`{"version":9}`), 0o600) },
	}

	extensions = []string{"", "yaml:{extensions: {headcount: null, headcount/ours: {mode: on, until: delivered, storage: file_storage}}, receivers: {appusage: {consent: headcount/ours}}, processors: {anonymizer: {consent: headcount/ours}}, exporters: {collect: {consent: headcount/ours}}, service: {extensions: [headcount/ours, file_storage]}}"}
	keys       = []string{"", "yaml:{receivers: {appusage: {consent: null}}, processors: {anonymizer: {consent: null}}, exporters: {collect: {consent: null}}}"}
)

var modeInForce = regexp.MustCompile(`Usage statistics are (\w+)`)

// The built program in a sample of all combinations, under strace: what it says, connects
// to and opens is never more than the strictest signal that was given and not taken back.
func TestNoSampledCombinationIsMoreOpenThanWhatWasSaid(t *testing.T) {
	t.Parallel()
	debian.NeedsProgram(t, "strace", "strace")
	sample := 6
	if os.Getenv("HEADCOUNT_PROVE") != "" {
		sample = 200
	}
	earlier := make([]string, len(choices))
	for i, choice := range choices {
		earlier[i] = earlierLife(t, choice)
	}
	for i := range sample {
		rest := i * 3797 // the golden section of all 6144, and prime to them, so that a sample is spread
		pick := func(of int) int {
			picked := rest % of
			rest /= of
			return picked
		}
		signal, choice := signals[pick(len(signals))], pick(len(choices))
		first, second, stored := pick(len(accidents)), pick(len(accidents)), pick(3) // a torn file of bbolt's ends the process
		renamed, unkeyed := pick(2), pick(2)
		t.Run(fmt.Sprintf("%d, page %q, %v, files %d %d %d, renamed %d, unkeyed %d", i, choices[choice], signal.env, first, second, stored, renamed, unkeyed), func(t *testing.T) {
			makers := newEndpoint(t)
			s := newSite(makers, t)
			maps.Copy(s.env, signal.env)
			state := filepath.Join(t.TempDir(), "state")
			s.env["HEADCOUNT_STATE_DIR"] = state
			require.NoError(t, os.CopyFS(state, os.DirFS(earlier[choice])))
			require.NoError(t, os.Chmod(state, 0o700))
			require.NoError(t, accidents[first](filepath.Join(state, "consent.json")))
			require.NoError(t, accidents[second](filepath.Join(state, "consent.copy.json")))
			require.NoError(t, accidents[stored](filepath.Join(state, "extension_headcount_")))

			said := signal.goes
			if chosen, err := trust.ParseMode(choices[choice]); err == nil {
				said = min(said, chosen)
			}
			if first > 0 && second > 0 && (stored > 0 || renamed > 0) { // nothing that remembers is left
				said = trust.Off
			}
			got := s.traced(t, extensions[renamed], keys[unkeyed])
			if said != trust.Off && stored == 2 && renamed == 0 { // what was sent is lost: nothing starts over it unasked
				assert.Contains(t, got.log, "it is damaged: it is empty")
				assert.Error(t, got.ended)
				assert.False(t, got.openDatabase)
				assert.Empty(t, got.connects)
				return
			}
			require.NoError(t, got.ended)
			assert.Contains(t, modeInForce.FindStringSubmatch(got.log), said.String())
			assert.Equal(t, said != trust.Off, got.openDatabase, "the database is read")
			if said != trust.On {
				assert.Empty(t, got.connects, "connections and look-ups")
				assert.Empty(t, makers.received())
			} else {
				assert.NotEmpty(t, makers.received(), "so that the other rows could have failed")
			}
		})
	}
}

// earlierLife is a run that was on, in which the operator chose, and its state folder afterwards.
func earlierLife(t *testing.T, choice string) string {
	t.Helper()
	makers := newEndpoint(t)
	s := newSite(makers, t)
	d := s.start(t)
	makers.awaits(t, 2)
	if choice == "on" {
		d.choose(t, "off")
	}
	if choice != "" {
		d.choose(t, choice)
	}
	d.stop(t)
	return s.env["HEADCOUNT_STATE_DIR"]
}

// traced runs the profile once, with every start-up stat due again, and tells what it did.
func (s *site) traced(t *testing.T, overlays ...string) traced {
	t.Helper()
	calls := filepath.Join(t.TempDir(), "calls")
	argv := []string{
		"strace", "-f", "-qq", "-s", "256", "-e", "trace=network,open,openat,creat", "-o", calls,
		filepath.Join(root, "_build", "headcount"), "--config", "app:sql-explorer", "--config", "app:once",
		"--config", "yaml:service::telemetry::logs::level: info", "--config", "yaml:exporters::collect::stats::STARTUP_STATS::interval: 1s",
	}
	for _, overlay := range overlays {
		if overlay != "" {
			argv = append(argv, "--config", overlay)
		}
	}
	d := startCommand(t, s.env, argv...)
	d.ends(t)
	text, err := os.ReadFile(calls)
	require.NoError(t, err)
	return traced{ended: d.err, log: d.stderr.String(), connects: connect.FindAllString(string(text), -1), openDatabase: opening.Match(text)}
}
