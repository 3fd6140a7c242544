// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqlexplorer

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Settings are what a site cannot change while it runs. They are the names in site/settings.py.
type Settings struct {
	Database     map[string]any `json:"database"` // an entry of Django's DATABASES
	UseTZ        bool           `json:"use_tz"`
	TimeZone     string         `json:"time_zone"`
	AssistantKey string         `json:"assistant_key,omitempty"`
	AssistantURL string         `json:"assistant_url,omitempty"`
}

// SQLite is the entry of DATABASES under which each installation has a file of its own.
func SQLite() map[string]any {
	return map[string]any{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
}

// Site is a running Django site, in which installations are played one after another.
type Site struct {
	commands *json.Encoder
	answers  *json.Decoder
	stderr   *bytes.Buffer
}

// Start starts a site. It ends with the test.
func (p Python) Start(t testing.TB, settings Settings) *Site {
	t.Helper()
	command := p.Command(t, settings, "drive.py", p.template(settings))
	s := &Site{stderr: &bytes.Buffer{}}
	command.Stderr = s.stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.commands, s.answers = json.NewEncoder(stdin), json.NewDecoder(stdout)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_, _ = io.Copy(io.Discard, stdout)
		if err := command.Wait(); err != nil {
			t.Errorf("the site: %v\n%s", err, s.stderr)
		}
	})
	return s
}

// Command is a Python program in whose environment Django finds the site with these settings, and which
// may import the site's modules.
func (p Python) Command(t testing.TB, settings Settings, args ...string) *exec.Cmd {
	t.Helper()
	site, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(p.program, args...)
	command.Dir = p.site
	command.Env = append(os.Environ(), "SITE="+string(site), "DJANGO_SETTINGS_MODULE=settings", "PYTHONPATH="+p.site,
		"PYTHONDONTWRITEBYTECODE=1", "PYTHONUTF8=1", "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	return command
}

// template names the database with the app's migrations: a file, or on a server a database.
func (p Python) template(settings Settings) string {
	if settings.Database["ENGINE"] == SQLite()["ENGINE"] {
		return filepath.Join(filepath.Dir(filepath.Dir(p.program)), "template.sqlite3")
	}
	return "template_" + strings.ReplaceAll(p.version.App, ".", "_")
}

// Play makes an installation, lets happen in it what should, and returns when the app has sent all it sends.
func (s *Site) Play(t testing.TB, installation Installation) {
	t.Helper()
	if err := s.commands.Encode(installation); err != nil {
		t.Fatalf("the site: %v", err)
	}
	var answer struct{ Database, Error string }
	if err := s.answers.Decode(&answer); err != nil {
		t.Fatalf("the site: %v", err)
	}
	if answer.Error != "" {
		t.Fatalf("the app: %s", answer.Error)
	}
}
