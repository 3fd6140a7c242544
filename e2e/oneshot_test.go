// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"errors"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// oneShot runs a profile that ends by itself, and returns its exit code.
func (s *site) oneShot(t *testing.T, overlay string, more ...string) (*distribution, int) {
	t.Helper()
	d := start(t, s.env, append(append([]string{}, "--config", "app:sql-explorer", "--config", overlay), more...)...)
	d.ends(t)
	var exit *exec.ExitError
	if errors.As(d.err, &exit) {
		return d, exit.ExitCode()
	}
	require.NoError(t, d.err)
	return d, 0
}

func TestPreviewShowsAndSendsNothing(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	s := newSite(makers, t)
	for range 2 { // the second time as the first: a preview moves no cursor
		d, code := s.oneShot(t, "app:preview")
		assert.Zero(t, code)
		shown := d.stdout.String()
		assert.Regexp(t, `^Nothing is sent to 127\.0\.0\.1:\d+: this run shows what would be\.\n`, shown)
		assert.Equal(t, 1, strings.Count(shown, "What was read here, and what of it leaves"))
		assert.Regexp(t, `explorer\.query_log\.count +1550 +rounded to 100.* +1600\n`, shown)
		assert.Equal(t, 2, strings.Count(shown, "Would have been sent to "))
		assert.Contains(t, shown, `"total_log_count":1600`)
		assert.Contains(t, shown, `"sql_len":58`)
	}
	assert.Empty(t, makers.received())
	assert.Empty(t, stateOf(t, s.env["HEADCOUNT_STATE_DIR"], "appusage"))
	assert.Empty(t, stateOf(t, s.env["HEADCOUNT_STATE_DIR"], "collect"))

	d, code := s.oneShot(t, "app:once")
	assert.Zero(t, code, d.stderr.String())
	for _, p := range makers.received() {
		_, value, found := strings.Cut(p.body, `"value":`) // before it stands the day, which may have ended meanwhile
		require.True(t, found)
		assert.Contains(t, previewed(t, s), value, "what a preview shows is what leaves")
	}
}

func previewed(t *testing.T, s *site) string {
	t.Helper()
	d, _ := s.oneShot(t, "app:preview")
	return d.stdout.String()
}

func TestPreviewFindsWhatIsIncomplete(t *testing.T) {
	t.Parallel()
	s := newSite(newEndpoint(t), t)
	_, err := open(t, s.database).Exec("DROP TABLE explorer_query")
	require.NoError(t, err)
	d, code := s.oneShot(t, "app:preview")
	assert.Equal(t, 1, code)
	assert.Contains(t, d.stdout.String(), "STARTUP_STATS is incomplete and was not sent")
	assert.Contains(t, d.stderr.String(), "explorer.query.count")
}

func TestPreviewOfNothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*site){
		"off":         func(s *site) { s.env["DO_NOT_TRACK"] = "1" },
		"no database": func(s *site) { s.env["DATABASE_URL"] = "sqlite:////nowhere/app.sqlite3" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(newEndpoint(t), t)
			change(s)
			_, code := s.oneShot(t, "app:preview")
			assert.Equal(t, 1, code)
		})
	}
}

func TestPreviewInLocalMode(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	s := newSite(makers, t)
	s.env["HEADCOUNT_MODE"] = "local"
	d, code := s.oneShot(t, "app:preview")
	assert.Zero(t, code)
	assert.Equal(t, 2, strings.Count(d.stdout.String(), "Would have been sent to "))
	assert.Empty(t, makers.received())
}

func TestOnceDeliversWhatIsDue(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	s := newSite(makers, t)
	d, code := s.oneShot(t, "app:once")
	assert.Zero(t, code)
	assert.Len(t, makers.reports(t), 2)
	assert.Regexp(t, `^QUERY_RUN accepted by \S+, next due [^;]+; STARTUP_STATS accepted by \S+, next due [^;\n]+\n$`, d.stdout.String())
	assert.Contains(t, d.stderr.String(), "Privacy review")
	assert.NotContains(t, d.stderr.String(), `"resource"`, "the id that the Collector draws for itself")

	d, code = s.oneShot(t, "app:once")
	assert.Zero(t, code, "nothing was due")
	assert.Len(t, makers.received(), 2)
	assert.Empty(t, d.stdout.String()+d.stderr.String(), "cron mails nothing, and no warning twice")
}

// An endpoint that asks to be left alone is, by later runs as well, and no run sits there for it.
func TestOnceWithAnEndpointThatAsksToWait(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	makers.answers(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	s := newSite(makers, t)
	d, code := s.oneShot(t, "app:once", "--config", "yaml:extensions::headcount::deadline: 30m")
	assert.Equal(t, 1, code)
	assert.Regexp(t, `(?m)^Error: QUERY_RUN: \S+ answered with status 503; it waits, and is tried again by a run after [^;]+; STARTUP_STATS waits, and is not tried again before [^;]+$`, d.stderr.String())
	assert.NotContains(t, d.stderr.String(), "could not be delivered", "the last line says it")
	d, code = s.oneShot(t, "app:once")
	assert.Zero(t, code, "there was nothing to do yet")
	assert.Empty(t, d.stdout.String()+d.stderr.String())
	assert.Len(t, makers.received(), 1)
}

func TestOnceWithNothingPermitted(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"off", "local"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			makers := newEndpoint(t)
			s := newSite(makers, t)
			s.env["HEADCOUNT_MODE"] = mode
			_, code := s.oneShot(t, "app:once")
			assert.Zero(t, code, "that is what the operator wants")
			assert.Empty(t, makers.received())
		})
	}
}

func TestOnceWithAnEndpointThatIsDown(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	answer := makers.answer
	makers.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	s := newSite(makers, t)
	d, code := s.oneShot(t, "app:once", "--config", "yaml:extensions::headcount::deadline: 10s")
	assert.Equal(t, 1, code)
	for _, untrue := range []string{"Dropping data", "nothing came of it", "Failed to shutdown"} {
		assert.NotContains(t, d.stderr.String(), untrue)
	}
	assert.Regexp(t, `(?m)^Error: QUERY_RUN: .*; STARTUP_STATS\b.*$`, d.stderr.String())

	makers.answers(answer)
	makers.mu.Lock()
	makers.posts = nil
	makers.mu.Unlock()
	_, code = s.oneShot(t, "app:once")
	assert.Zero(t, code)
	assert.Contains(t, makers.reports(t), "STARTUP_STATS", "the next time delivers")
}

// Without the extension everything else works, and with two of them each component asks the one that it names.
func TestWithoutAndWithTwoExtensions(t *testing.T) {
	t.Parallel()
	t.Run("without", func(t *testing.T) {
		t.Parallel()
		makers := newEndpoint(t)
		s := newSite(makers, t)
		s.more = []string{
			"--config", "yaml:receivers::appusage::consent: none", "--config", "yaml:processors::anonymizer::consent: none",
			"--config", "yaml:exporters::collect::consent: none", "--config", "yaml:service::extensions: [file_storage]",
		}
		d := s.start(t)
		makers.awaits(t, 2)
		d.stop(t)
	})
	t.Run("two", func(t *testing.T) {
		t.Parallel()
		makers := newEndpoint(t)
		s := newSite(makers, t)
		s.more = []string{
			"--config", "yaml:extensions::headcount/local: {mode: local}", "--config", "yaml:exporters::collect::consent: headcount/local",
			"--config", "yaml:service::extensions: [headcount, headcount/local, file_storage]",
		}
		d := s.start(t)
		d.says(t, "Usage statistics are on")
		d.says(t, "Usage statistics are local")
		d.says(t, "Nothing is sent") // the exporter asks the one, and the receiver, which reads, may ask the other
		assert.Empty(t, makers.received())
		d.stop(t)
	})
}
