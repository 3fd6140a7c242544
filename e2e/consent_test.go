// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/base64"
	"encoding/json"
	"errors"
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
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
		if errors.Is(err, os.ErrNotExist) {
			continue // a running process has renamed it meanwhile
		}
		require.NoError(t, err)
		files[entry.Name()] = string(text)
	}
	return files
}

func TestWhatWasSentStaysToBeSeenWhileOff(t *testing.T) {
	t.Parallel()
	makers := newEndpoint(t)
	s := newSite(makers, t)
	_, code := s.oneShot(t, "app:once")
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

	once, code := s.oneShot(t, "app:once")
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
		"its storage is another one": func(t *testing.T, s *site, _ string) {
			s.more = []string{"--config", "yaml:{extensions: {headcount: {storage: file_storage/own}, file_storage/own: {directory: " + filepath.Join(t.TempDir(), "own") + ", create_directory: true}}, service: {extensions: [headcount, file_storage, file_storage/own]}}"}
		},
		"all but the lock is removed": func(t *testing.T, _ *site, state string) {
			for file := range contents(t, state) {
				if file != "headcount.lock" {
					require.NoError(t, os.Remove(filepath.Join(state, file)))
				}
			}
		},
		"the extension is renamed": func(_ *testing.T, s *site, _ string) {
			s.more = []string{"--config", renamed}
		},
		"its storage is taken away": func(_ *testing.T, s *site, _ string) {
			s.more = []string{"--config", "yaml:extensions::headcount::storage: null"}
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
	require.NoError(t, d.signal(syscall.SIGHUP))
	require.Eventually(t, func() bool { return strings.Count(d.stderr.String(), "Everything is ready") == 2 }, patience, settled/100)
	d.stop(t)
	assert.Equal(t, 2, strings.Count(d.stderr.String(), "Usage statistics are off"), "once when it was chosen, once after the reload")
	assert.LessOrEqual(t, len(makers.received()), sent+1, "but one that was under way")
}

// Whatever the makers' side does with it: what nobody has taken is gone from the bytes, in plain and as the files write it.
func TestNothingOfWhatWasWithdrawnIsInTheBytes(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"later":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"refused":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) },
		"no answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			makers := newEndpoint(t)
			makers.answers(answer)
			s := newSite(makers, t)
			_, err := open(t, s.database).Exec("DELETE FROM explorer_explorervalue WHERE key = 'UUID'")
			require.NoError(t, err)
			s.more = []string{"--config", "app:sql-explorer-strict"}
			state := s.env["HEADCOUNT_STATE_DIR"]
			d := s.start(t)
			makers.awaits(t, 1)
			require.NoError(t, os.WriteFile(filepath.Join(state, "exporter_collect__metrics.damaged-20261101T000000Z"), []byte("a torn queue with a report in it"), 0o600))
			id := value1(t, filepath.Join(state, "receiver_appusage_"), `"record":"([0-9a-f-]{36})"`)
			secret := value1(t, filepath.Join(state, "processor_anonymizer_"), `"secret":"([A-Za-z0-9+/=]{40,})"`)
			withdrawn := map[string]string{"the id": id, "the secret": secret, "what was moved aside": "a report in it"}
			for i, p := range makers.received() {
				withdrawn["body "+strconv.Itoa(i)] = p.body
				withdrawn["the outgoing id"] = parseReport(t, p.body).InstanceID
			}
			found := func() (all []string) {
				for name, text := range contents(t, state) {
					for what, w := range withdrawn {
						if holds(text, w) {
							all = append(all, what+" in "+name)
						}
					}
				}
				return all
			}
			require.NotEmpty(t, found(), "so that it could be found")
			d.choose(t, "off")
			assert.Empty(t, found())
			d.stop(t)
			assert.Empty(t, found(), "after the end")
		})
	}
}

// holds finds text also where it is written in base64, at whatever place it begins there.
func holds(content, text string) bool {
	if strings.Contains(content, text) {
		return true
	}
	for skip := range 3 {
		inside := text[min(skip, len(text)):]
		if encoded := base64.StdEncoding.EncodeToString([]byte(inside[:len(inside)/3*3])); encoded != "" && strings.Contains(content, encoded) {
			return true
		}
	}
	return false
}

// value1 waits until a file holds what the pattern means: a report can arrive before its id is noted.
func value1(t *testing.T, file, pattern string) (value string) {
	t.Helper()
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(file)
		found := regexp.MustCompile(pattern).FindStringSubmatch(string(text))
		if err != nil || found == nil {
			return false
		}
		value = found[1]
		return true
	}, patience, 20*time.Millisecond, pattern)
	return value
}
