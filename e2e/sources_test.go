// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// listen serves each connection to a free port of this machine.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				serve(conn)
				_ = conn.Close()
			}()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().String()
}

// TestHostileSources reads from a good file while every other source does its worst: the good
// figure is sent, each of the others is named in the log, none by its secrets, at debug level
// too, and the process stays small and stops when it is told to.
func TestHostileSources(t *testing.T) {
	const secret = "hunter2"
	chunk := []byte(strings.Repeat("["+secret+",", 1<<12))
	endless := func(w io.Writer) {
		for err := error(nil); err == nil; {
			_, err = w.Write(chunk)
		}
	}
	untilClosed := func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/endless":
			endless(w)
		case "/deep":
			_, _ = io.WriteString(w, strings.Repeat("[", 1<<19))
		case "/redirect":
			http.Redirect(w, r, "http://127.0.0.1:1/?"+secret, http.StatusFound)
		case "/silent":
			<-r.Context().Done()
		default:
			http.Error(w, secret, http.StatusUnauthorized)
		}
	}))
	defer web.Close()
	folder := t.TempDir()
	good, pipe, garbled := filepath.Join(folder, "good.json"), filepath.Join(folder, "pipe.json"), filepath.Join(folder, "garbled.toml")
	require.NoError(t, os.WriteFile(good, []byte(`{"users": 42}`), 0o600))
	require.NoError(t, os.WriteFile(garbled, []byte("password = "+secret), 0o600))
	require.NoError(t, unix.Mkfifo(pipe, 0o600))

	sources := map[string]struct{ source, reading, says string }{
		"a_good":          {"file: {path: " + good + "}", "field: {pointer: /users}", ""},
		"file_pipe":       {"file: {path: " + pipe + "}", "field: {pointer: /a}", "no regular file"},
		"file_garbled":    {"file: {path: " + garbled + "}", "field: {pointer: /a}", "no TOML"},
		"http_endless":    {"http: {endpoint: \"" + web.URL + "/endless?token=" + secret + "\"}", "field: {pointer: /a}", "max_response_size"},
		"http_deep":       {"http: {endpoint: " + web.URL + "/deep}", "field: {pointer: /a}", "no JSON"},
		"http_redirect":   {"http: {endpoint: " + web.URL + "/redirect}", "field: {pointer: /a}", "redirects"},
		"http_login":      {"http: {endpoint: \"" + web.URL + "\", headers: {Authorization: Bearer " + secret + "}}", "field: {pointer: /a}", "wants a login"},
		"http_silent":     {"http: {endpoint: " + web.URL + "/silent, timeout: 200ms}", "field: {pointer: /a}", "took too long"},
		"memcached_huge":  {"memcached: {endpoint: \"" + listen(t, func(c net.Conn) { _, _ = fmt.Fprint(c, "VALUE k 0 1073741824\r\n"); endless(c) }) + "\"}", "get: {key: k}", "64 KiB"},
		"memcached_quiet": {"memcached: {endpoint: \"" + listen(t, untilClosed) + "\"}", "get: {key: k}", "does not answer"},
		"redis_stalls": {"redis: {url: \"redis://user:" + secret + "@" + listen(t, func(c net.Conn) {
			_, _ = bufio.NewReader(c).ReadString('\n')
			_, _ = io.WriteString(c, "*2\r\n+server\r\n+redis\r\n")
			untilClosed(c)
		}) + "\"}", "get: {key: k}", "does not answer"},
		"redis_huge": {"redis: {url_env: REDIS_URL}", "scard: {key: k}", "too large, or does not follow"},
		"redis_gone": {"redis: {url: \"redis://user:" + secret + "@127.0.0.1:1/0\"}", "llen: {key: k}", "cannot be reached"},
	}
	var config strings.Builder
	config.WriteString("extensions: {file_storage: {directory: " + t.TempDir() + "}}\nreceivers:\n  appusage:\n    storage: file_storage\n    initial_delay: 0s\n    timeout: 8s\n    sources:\n")
	for name, s := range sources {
		fmt.Fprintf(&config, "      %s: {%s}\n", name, s.source)
	}
	config.WriteString("    metrics:\n")
	for name, s := range sources {
		fmt.Fprintf(&config, "      m.%s: {source: %s, %s}\n", name, name, s.reading)
	}
	makers := newEndpoint(t)
	config.WriteString(`
processors:
  anonymizer: {metrics: {m.a_good: {round: {to: 1}}}, resource: {service.instance.id: {keep: true}}}
exporters:
  collect: {endpoint: ` + makers.URL + `, stats: {GOOD: {interval: 1h, value: {users: {metric: m.a_good}}}}}
service:
  extensions: [file_storage]
  telemetry: {metrics: {level: none}, logs: {level: debug}}
  pipelines:
    metrics: {receivers: [appusage], processors: [anonymizer], exporters: [collect]}
`)
	file := filepath.Join(t.TempDir(), "site.yaml")
	require.NoError(t, os.WriteFile(file, []byte(config.String()), 0o600))
	huge := listen(t, func(c net.Conn) { _, _ = io.WriteString(c, "$9000000000000000\r\n"); endless(c) })
	d := start(t, environment{"REDIS_URL": "redis://user:" + secret + "@" + huge}, "--config", "file:"+file)
	makers.awaits(t, 1)
	assert.Equal(t, "42", string(makers.reports(t)["GOOD"].Value["users"]))
	assert.Less(t, residentMiB(t, d.cmd.Process.Pid), 200)
	d.stop(t) // its last lines are read only then
	for name, s := range sources {
		if s.says != "" {
			assert.Regexp(t, name+`.*`+s.says, d.stderr.String())
		}
	}
	assert.NotContains(t, d.stderr.String()+d.stdout.String(), secret)
}

// residentMiB is the most memory that a process has had.
func residentMiB(t *testing.T, pid int) (mebibytes int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	_, peak, found := strings.Cut(string(status), "VmHWM:")
	require.True(t, found)
	_, err = fmt.Sscanf(peak, "%d kB", &mebibytes)
	require.NoError(t, err)
	return mebibytes >> 10
}
