// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
)

// choose turns the page's switch, through its API.
func (d *distribution) choose(t *testing.T, mode string) {
	t.Helper()
	page, err := url.Parse(d.page(t))
	require.NoError(t, err)
	request, err := http.NewRequest(http.MethodPost, "http://"+page.Host+"/api/v1/switch", strings.NewReader(`{"mode":"`+mode+`"}`))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+page.Query().Get("token"))
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode, string(text))
}

type status struct {
	Mode        string   `json:"mode"`
	Reason      string   `json:"reason"`
	InstanceIDs []string `json:"instance_ids"`
	Ledger      struct {
		Entries int `json:"entries"`
	} `json:"ledger"`
}

func (d *distribution) status(t *testing.T) (s status) {
	t.Helper()
	page, err := url.Parse(d.page(t))
	require.NoError(t, err)
	answer, err := http.Get("http://" + page.Host + "/api/v1/status?token=" + page.Query().Get("token"))
	require.NoError(t, err)
	defer answer.Body.Close()
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&s))
	return s
}

// contents is every file of a folder.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		require.NoError(t, err)
		files[entry.Name()] = string(text)
	}
	return files
}

// made are the system calls that make or write a file, or listen.
var made = regexp.MustCompile(`(?m)^.*(?:mkdir(?:at)?\(|creat\(|listen\(|unlink(?:at)?\(|rename(?:at2?)?\(|open(?:at)?\([^\n]*(?:O_WRONLY|O_RDWR|O_CREAT)).*$`)

// renamed gives the extension another name, and forgets what the profile wrote under its own.
const renamed = "yaml:{extensions: {headcount: null, headcount/ours: {mode: on, endpoint: '127.0.0.1:0', storage: file_storage}}, receivers: {appusage: {consent: headcount/ours}}, processors: {anonymizer: {consent: headcount/ours}}, exporters: {collect: {consent: headcount/ours}}, service: {extensions: [headcount/ours, file_storage]}}"

func TestOffMakesNothing(t *testing.T) {
	debian.NeedsProgram(t, "strace", "strace")
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
		"a variable is reversed": {[]string{"app:sql-explorer", "yaml:extensions::headcount::environment::DO_NOT_TRACK: opt_in"}, environment{"DO_NOT_TRACK": "1"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(newEndpoint(t), t)
			calls := filepath.Join(t.TempDir(), "calls")
			s.env["HEADCOUNT_STATE_DIR"] = filepath.Join(t.TempDir(), "state")
			s.env["HEADCOUNT_COLLECT_ENDPOINT"] = "127.0.0.1:0"
			for variable, value := range tt.signal {
				s.env[variable] = value
			}
			argv := []string{"strace", "-f", "-qq", "-s", "256", "-e", "trace=open,openat,creat,mkdir,mkdirat,listen,unlink,unlinkat,rename,renameat,renameat2", "-o", calls, filepath.Join(root, "_build", "headcount")}
			for _, config := range tt.configs {
				argv = append(argv, "--config", config)
			}
			d := startCommand(t, s.env, argv...)
			if tt.pages > 0 {
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
			assert.Equal(t, tt.pages, listening, "only the page listens")
			assert.NoDirExists(t, s.env["HEADCOUNT_STATE_DIR"])
		})
	}
}

func TestWhatWasSentStaysToBeSeenWhileOff(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	s := newSite(makers, t)
	_, code := s.errand(t, "app:once")
	require.Zero(t, code)
	require.Len(t, makers.received(), 2)
	before := contents(t, s.env["HEADCOUNT_STATE_DIR"])

	s.env["DO_NOT_TRACK"] = "1"
	d := s.start(t)
	d.says(t, "Everything is ready")
	got := d.status(t)
	assert.Equal(t, "off", got.Mode)
	assert.Equal(t, 2, got.Ledger.Entries)
	assert.Equal(t, []string{makers.instance(t)}, got.InstanceIDs, "the id to quote")
	d.stop(t)
	assert.Equal(t, before, contents(t, s.env["HEADCOUNT_STATE_DIR"]), "nothing is written")
	assert.Len(t, makers.received(), 2)
}

func TestWhatWaitedWhenConsentEndedNeverLeaves(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]environment{"off": {"DO_NOT_TRACK": "1"}, "local": {"HEADCOUNT_MODE": "local"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			makers := newEndpoint(t)
			makers.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
			s := newSite(makers, t)
			d := s.start(t)
			makers.awaits(t, 1)
			d.stop(t)
			waited := len(makers.received())

			for variable, value := range end {
				s.env[variable] = value
			}
			d = s.start(t)
			d.says(t, "Everything is ready")
			d.stop(t)
			for variable := range end {
				delete(s.env, variable)
			}
			require.Len(t, makers.received(), waited)
			_, err := open(t, s.database).Exec("DELETE FROM explorer_querylog WHERE id % 2 = 0")
			require.NoError(t, err)
			makers.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
			d = s.start(t)
			makers.awaits(t, waited+2)
			d.stop(t)
			for _, p := range makers.received()[waited:] {
				assert.NotContains(t, p.body, `"total_log_count":1600`, "a report of before")
			}
		})
	}
}

func TestOneHeadcountUsesAFolder(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	s := newSite(makers, t)
	service := s.start(t)
	service.says(t, "Everything is ready")

	second := s.start(t)
	second.ends(t)
	assert.Error(t, second.err)
	assert.Contains(t, second.stderr.String(), "another Headcount (process "+strconv.Itoa(service.cmd.Process.Pid)+") uses "+s.env["HEADCOUNT_STATE_DIR"])

	once, code := s.errand(t, "app:once")
	assert.Zero(t, code)
	assert.Contains(t, once.stderr.String(), "Another Headcount uses the state folder and delivers what is due")
	service.stop(t)
}

// Off was chosen on the page; whatever then befalls, it is not on again by itself.
func TestTheChoiceIsNotLostByAccident(t *testing.T) {
	t.Parallel()
	for name, befalls := range map[string]func(t *testing.T, s *site, state string){
		"a restart": func(*testing.T, *site, string) {},
		"its own file is emptied": func(t *testing.T, _ *site, state string) {
			require.NoError(t, os.Truncate(filepath.Join(state, "extension_headcount_"), 0))
		},
		"its own file is removed": func(t *testing.T, _ *site, state string) {
			require.NoError(t, os.Remove(filepath.Join(state, "extension_headcount_")))
		},
		"all that knows is removed": func(t *testing.T, _ *site, state string) {
			for _, file := range []string{"extension_headcount_", "consent.json", "consent.copy.json"} {
				require.NoError(t, os.Remove(filepath.Join(state, file)))
			}
		},
		"the extension is renamed": func(_ *testing.T, s *site, _ string) {
			s.more = []string{"--config", renamed}
		},
		"the machine is copied": func(t *testing.T, s *site, state string) {
			elsewhere := filepath.Join(t.TempDir(), "copy")
			require.NoError(t, os.CopyFS(elsewhere, os.DirFS(state)))
			require.NoError(t, os.Chmod(elsewhere, 0o700))
			s.env["HEADCOUNT_STATE_DIR"] = elsewhere
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			makers := newEndpoint(t)
			s := newSite(makers, t)
			d := s.start(t)
			makers.awaits(t, 2)
			d.choose(t, "off")
			d.stop(t)
			sent := len(makers.received())
			befalls(t, s, s.env["HEADCOUNT_STATE_DIR"])
			d = s.start(t)
			d.says(t, "Everything is ready")
			assert.Equal(t, "off", d.status(t).Mode)
			d.stop(t)
			assert.Len(t, makers.received(), sent)
		})
	}
}

func TestAChoiceOutlivesAReloadWithoutStorage(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	s := newSite(makers, t)
	s.more = []string{"--config", "yaml:{extensions: {headcount: {storage: null}}}"}
	d := s.start(t)
	makers.awaits(t, 2)
	d.choose(t, "off")
	sent := len(makers.received())
	require.NoError(t, syscall.Kill(d.cmd.Process.Pid, syscall.SIGHUP))
	require.Eventually(t, func() bool { return strings.Count(d.stderr.String(), "Everything is ready") == 2 }, patience, settled/100)
	d.stop(t)
	assert.Equal(t, 2, strings.Count(d.stderr.String(), "Usage statistics are off"), "once when it was chosen, once after the reload")
	assert.Len(t, makers.received(), sent)
}

func TestNothingOfWhatWasWithdrawnIsInTheBytes(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	makers.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	s := newSite(makers, t)
	_, err := open(t, s.database).Exec("DELETE FROM explorer_explorervalue WHERE key = 'UUID'")
	require.NoError(t, err)
	s.more = []string{"--config", "app:sql-explorer-strict"}
	d := s.start(t)
	makers.awaits(t, 1)
	state := s.env["HEADCOUNT_STATE_DIR"]
	id := value1(t, contents(t, state)["receiver_appusage_"], `"record":"([0-9a-f-]{36})"`)
	secret := value1(t, contents(t, state)["processor_anonymizer_"], `"secret":"([A-Za-z0-9+/=]{40,})"`)
	body := makers.received()[0].body

	d.choose(t, "off")
	for when := range 2 {
		for name, text := range contents(t, state) {
			for what, withdrawn := range map[string]string{"the id": id, "the secret": secret, "a body": body} {
				assert.False(t, bytes.Contains([]byte(text), []byte(withdrawn)), "%s in %s, %d", what, name, when)
			}
		}
		if when == 0 {
			d.stop(t)
		}
	}
}

func value1(t *testing.T, text, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	require.Len(t, found, 2, pattern)
	return found[1]
}
