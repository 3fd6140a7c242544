// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package oblivious

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
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
)

// openpcc compiles bench/openpcc, another implementation in Go, in a module of its own.
func openpcc(t *testing.T) string {
	t.Helper()
	if os.Getenv("HEADCOUNT_PROVE") == "" {
		t.Skip("SKIP: openpcc's ohttp is a module of its own to download and compile; HEADCOUNT_PROVE=1 does it")
	}
	program, err := filepath.Abs("../_build/openpcc")
	require.NoError(t, err)
	out, err := exec.Command("go", "build", "-C", "../bench/openpcc", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

// behindNginx is a gateway of ours behind the documented relay, and the relay's URL.
func behindNginx(t *testing.T, kem uint16, suite Suite) (m *makers, keys, relay string) {
	t.Helper()
	key := generated(t, 3, kem)
	key.Suites, key.listed = []Suite{suite}, []Suite{suite}
	gateway, err := NewGateway(key)
	require.NoError(t, err)
	m = &makers{status: http.StatusTooManyRequests}
	server := httptest.NewServer(&Handler{Gateway: gateway, Inner: m, Window: time.Minute})
	t.Cleanup(server.Close)
	relay, _ = relayed(t, strings.TrimPrefix(server.URL, "http://"))
	return m, hex.EncodeToString(AppendKeys(nil, &key.PublicKey)), relay
}

// throughNginx posts a report by our transport through the documented relay to a gateway.
func throughNginx(t *testing.T, gateway string, keys []byte) *http.Response {
	t.Helper()
	parsed, err := ParseKeys(keys)
	require.NoError(t, err)
	relay, _ := relayed(t, gateway)
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.DisableCompression = true
	t.Cleanup(base.CloseIdleConnections)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://collect.example.com/stat", strings.NewReader("{}"))
	require.NoError(t, err)
	req.Header = http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"k"}}
	resp, err := (&Transport{Relay: relay, Key: parsed[0], Base: base}).RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp
}

var kems = map[string]uint16{"x25519": X25519, "p256": P256}

// TestOpenpcc has openpcc's client report through nginx to our gateway, and our transport to its gateway.
func TestOpenpcc(t *testing.T) {
	program := openpcc(t)
	for name, kem := range kems {
		t.Run("from/"+name, func(t *testing.T) {
			m, keys, relay := behindNginx(t, kem, Suite{1, 1})
			out, err := exec.Command(program, "client", keys, relay).CombinedOutput()
			require.NoError(t, err, "%s", out)
			assert.Equal(t, "429\n", string(out))
			require.Len(t, m.requests, 1)
			assert.Equal(t, "from-openpcc", m.requests[0].Header.Get("Idempotency-Key"))
			assert.Equal(t, "{}", m.bodies[0])
		})
		t.Run("to/"+name, func(t *testing.T) {
			peer := speak(t, program, "gateway", name)
			t.Cleanup(func() { _ = peer.in.Close() })
			keys := peer.bytes()
			resp := throughNginx(t, peer.line(), keys)
			assert.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
			assert.Equal(t, "60", resp.Header.Get("Retry-After"))
			assert.Equal(t, "POST collect.example.com /stat k {}", peer.line())
		})
	}
}

// TestRustThroughNginx has Rust's client report through nginx to our gateway, and our transport to Rust's server.
func TestRustThroughNginx(t *testing.T) {
	program := peer(t)
	for name, kem := range map[string]uint16{"x25519": X25519, "p256": P256, "x-wing": XWing} {
		for _, suite := range []Suite{{1, 1}, {1, 3}} {
			t.Run(fmt.Sprintf("from/%s/%d", name, suite.AEAD), func(t *testing.T) {
				m, keys, relay := behindNginx(t, kem, suite)
				rust := speak(t, program, "client", keys, "known", time.Now().UTC().Format(http.TimeFormat))
				resp, err := http.Post(relay, RequestType, bytes.NewReader(rust.bytes()))
				require.NoError(t, err)
				defer http.DefaultClient.CloseIdleConnections()
				defer resp.Body.Close()
				require.Equal(t, http.StatusOK, resp.StatusCode)
				sealed, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				rust.say(sealed)
				assert.Equal(t, "429", rust.line())
				require.Len(t, m.requests, 1)
				assert.Equal(t, "from-rust", m.requests[0].Header.Get("Idempotency-Key"))
			})
			t.Run(fmt.Sprintf("to/%s/%d", name, suite.AEAD), func(t *testing.T) {
				rust := speak(t, program, "server", fmt.Sprint(kem), fmt.Sprint(suite.KDF), fmt.Sprint(suite.AEAD), "known")
				keys := rust.bytes()
				var inside string
				gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					message, _ := io.ReadAll(r.Body)
					rust.say(message)
					inside = rust.line()
					w.Header().Set("Content-Type", ResponseType)
					_, _ = w.Write(rust.bytes())
				}))
				t.Cleanup(gateway.Close)
				resp := throughNginx(t, strings.TrimPrefix(gateway.URL, "http://"), keys)
				assert.Equal(t, http.StatusAccepted, resp.StatusCode)
				assert.Equal(t, "60", resp.Header.Get("Retry-After"))
				assert.Equal(t, "POST collect.example.com /stat {}", inside)
			})
		}
	}
}
