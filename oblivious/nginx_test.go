// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/debian"
	"github.com/headcount-otel/headcount/internal/porttest"
)

// relayed starts a real nginx with the configuration of docs/oblivious.md, before gateway.
func relayed(t *testing.T, gateway string) (url, folder string) {
	t.Helper()
	debian.NeedsProgram(t, "nginx", "nginx-light")
	documented, address := documentedRelay(t, "nginx"), porttest.Address(t)
	server := strings.NewReplacer("127.0.0.1:8080", address, "127.0.0.1:4390", gateway, "/dev/null crit", "error.log crit").Replace(documented)
	require.Contains(t, server, address)

	folder, err := os.MkdirTemp("", "headcount-nginx-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	var temporary strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary.WriteString(kind + "_temp_path " + kind + ";\n")
	}
	config := "daemon off; master_process off; pid nginx.pid; error_log stderr crit;\nevents {}\nhttp {\naccess_log off;\n" + temporary.String() + server + "\n}\n"
	require.NoError(t, os.WriteFile(filepath.Join(folder, "nginx.conf"), []byte(config), 0o600))
	nginx := exec.Command("nginx", "-p", folder, "-c", "nginx.conf")
	nginx.Stderr = os.Stderr
	require.NoError(t, nginx.Start())
	t.Cleanup(func() {
		_ = nginx.Process.Kill()
		_ = nginx.Wait()
	})
	awaitListener(t, address)
	return "http://" + address + "/example-makers", folder
}

// TestNginxPassesOnTheMessageAlone runs the documented relay: nothing of the sender reaches the gateway, and one path passes.
func TestNginxPassesOnTheMessageAlone(t *testing.T) {
	var folder string
	passesOnTheMessageAlone(t, http.StatusForbidden, func(t *testing.T, gateway string) (url string) {
		t.Helper()
		url, folder = relayed(t, gateway)
		return url
	})
	logged, err := os.ReadFile(filepath.Join(folder, "error.log"))
	require.NoError(t, err)
	assert.NotContains(t, string(logged), "127.0.0.1", "its error log has no addresses")
	_, err = os.Stat(filepath.Join(folder, "access.log"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// passesOnTheMessageAlone tries a relay, which refuses another method so.
func passesOnTheMessageAlone(t *testing.T, refusal int, relayed func(t *testing.T, gateway string) (url string)) {
	t.Helper()
	r := newRig(t)
	var reached []*http.Request
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		reached = append(reached, req.Clone(t.Context()))
		w.Header().Set("Set-Cookie", "id=1")
		r.handler.ServeHTTP(w, req)
	}))
	t.Cleanup(gateway.Close)
	relay := relayed(t, strings.TrimPrefix(gateway.URL, "http://"))
	r.client.Relay = relay
	resp, err := r.post(t, "{}")
	require.NoError(t, err)
	assert.Equal(t, http.StatusAccepted, resp.StatusCode)
	require.Len(t, r.makers.requests, 1)

	// A sender that says everything about itself.
	message, exchange, err := Seal(r.client.Key, inside(t))
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, relay+"?id=7", bytes.NewReader(message))
	require.NoError(t, err)
	for name, value := range map[string]string{
		"Content-Type": RequestType, "User-Agent": "headcount/1.2.3 (host-17)", "Cookie": "id=7", "Forwarded": "for=192.0.2.7", "X-Forwarded-For": "192.0.2.7",
		"Via": "1.1 host-17", "Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Authorization": "Basic aWQ6Nw==", "X-Real-Ip": "192.0.2.7",
		"Accept-Language": "de", "Baggage": "id=7", "Dnt": "1", "From": "host-17@example.com", "Idempotency-Key": "7", "Origin": "https://host-17.example.com",
		"Referer": "https://host-17.example.com/", "Sec-Ch-Ua": "headcount", "True-Client-Ip": "192.0.2.7", "Warning": "199 host-17",
	} {
		req.Header.Set(name, value)
	}
	answered, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(t, err)
	defer answered.Body.Close()
	require.Equal(t, http.StatusOK, answered.StatusCode)
	assert.Empty(t, answered.Header.Get("Set-Cookie"))
	sealed := new(bytes.Buffer)
	_, err = sealed.ReadFrom(answered.Body)
	require.NoError(t, err)
	_, err = exchange.Open(sealed.Bytes())
	require.NoError(t, err)

	require.Len(t, reached, 2)
	for _, req := range reached {
		req.Header.Del("Content-Length")
		assert.Equal(t, http.Header{"Content-Type": {RequestType}}, req.Header)
		assert.Equal(t, "collect.example.com", req.Host)
		assert.Equal(t, "/oblivious", req.RequestURI, "a query does not pass either")
	}

	for _, other := range []string{"/", "/example-makers/x", "/oblivious", "/stat"} {
		answered, err := http.Post(strings.Replace(relay, "/example-makers", other, 1), RequestType, bytes.NewReader(message))
		require.NoError(t, err)
		require.NoError(t, answered.Body.Close())
		assert.Equal(t, http.StatusNotFound, answered.StatusCode, other)
	}
	get, err := http.Get(relay)
	require.NoError(t, err)
	require.NoError(t, get.Body.Close())
	assert.Equal(t, refusal, get.StatusCode)
	assert.Len(t, reached, 2)
	http.DefaultClient.CloseIdleConnections()
}

// inside is a report as it stands inside.
func inside(t *testing.T) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://collect.example.com/stat", strings.NewReader("{}"))
	require.NoError(t, err)
	inner, err := (&Transport{}).inner(req)
	require.NoError(t, err)
	inner.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	return inner.Append(nil, requestSizes...)
}
