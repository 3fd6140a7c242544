// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A file that takes a profile's variable away does not take its say, and that is said, also after a reload.
func TestALaterFileTakesNoSignalAway(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	s := newSite(makers, t)
	s.env["EXPLORER_ENABLE_ANONYMOUS_STATS"] = "False"
	file := filepath.Join(t.TempDir(), "site.yaml")
	require.NoError(t, os.WriteFile(file, []byte("{}"), 0o600))
	s.more = []string{"--config", "file:" + file}
	d := s.start(t)
	d.says(t, "Everything is ready")
	assert.NotContains(t, d.stderr.String(), "it keeps its say")

	for i, text := range []string{
		"extensions::headcount::environment: null",
		"extensions: {headcount: null, headcount/two: {mode: on, storage: file_storage}}\nreceivers: {appusage: {consent: null}}\nprocessors: {anonymizer: {consent: null}}\nexporters: {collect: {consent: null}}\nservice: {extensions: [headcount/two, file_storage]}",
	} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		require.NoError(t, d.signal(syscall.SIGHUP))
		require.Eventually(t, func() bool { return strings.Count(d.stderr.String(), "Everything is ready") == i+2 }, patience, settled/100)
		said := d.stderr.String()
		assert.Equal(t, i+1, strings.Count(said, "app:sql-explorer names it (opt_in), and a later file takes it away"), said)
		assert.Equal(t, i+2, strings.Count(said, "Usage statistics are off"), said)
	}
	d.stop(t)
	assert.Empty(t, makers.received())
}

// Where no extension is left that could be asked, nothing starts.
func TestALaterFileTakesTheExtensionAway(t *testing.T) {
	t.Parallel()
	for name, over := range map[string]string{
		"null":           "{extensions: {headcount: null}, receivers: {appusage: {consent: null}}, processors: {anonymizer: {consent: null}}, exporters: {collect: {consent: null}}, service: {extensions: [file_storage]}}",
		"another list":   "{receivers: {appusage: {consent: null}}, processors: {anonymizer: {consent: null}}, exporters: {collect: {consent: null}}, service: {extensions: [file_storage]}}",
		"no list at all": "{receivers: {appusage: {consent: null, storage: null}}, processors: {anonymizer: {consent: null}}, exporters: {collect: {consent: null, storage: null, sending_queue: {storage: null}}}, service: {extensions: null}}",
		"keys that stay": "{service: {extensions: [file_storage]}}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			makers := newEndpoint(t)
			s := newSite(makers, t)
			s.env["DO_NOT_TRACK"] = "1"
			s.more = []string{"--config", "yaml:" + over}
			d := s.start(t)
			d.ends(t)
			assert.Error(t, d.err)
			assert.Regexp(t, `add (headcount|it) to service::extensions|name it under service::extensions`, d.stderr.String())
			assert.Empty(t, makers.received())
		})
	}
}
