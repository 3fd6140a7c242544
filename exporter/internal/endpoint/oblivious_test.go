// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configopaque"

	"github.com/headcount-otel/headcount/oblivious"
	"github.com/headcount-otel/headcount/oblivious/bhttp"
)

// gateway is a makers' endpoint behind a relay that passes on all, or answers itself.
type gateway struct {
	keys    string
	relay   *httptest.Server
	handler *oblivious.Handler
	status  int // the makers' answer
	seen    func(*http.Request)
	outer   func(http.ResponseWriter, *http.Request) bool
	serve   func(*http.Request)
	inside  []http.Header

	mu    sync.Mutex
	lines []http.Header
}

// outside are the headers that reached the relay.
func (g *gateway) outside() []http.Header {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.lines)
}

func newGateway(t *testing.T) *gateway {
	t.Helper()
	key, err := oblivious.GenerateKey(1, oblivious.X25519)
	require.NoError(t, err)
	keys, err := oblivious.NewGateway(key)
	require.NoError(t, err)
	g := &gateway{keys: oblivious.KeysText(&key.PublicKey), status: http.StatusOK}
	g.handler = &oblivious.Handler{Gateway: keys, Window: time.Minute, Inner: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.inside = append(g.inside, r.Header)
		if g.serve != nil {
			g.serve(r)
		}
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(g.status)
	})}
	g.relay = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		g.lines = append(g.lines, r.Header)
		g.mu.Unlock()
		if g.seen != nil {
			g.seen(r)
		}
		if g.outer == nil || !g.outer(w, r) {
			g.handler.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(g.relay.Close)
	return g
}

// answered is the sealed answer to a request that reached the relay.
func (g *gateway) answered(r *http.Request) []byte {
	recorded := httptest.NewRecorder()
	g.handler.ServeHTTP(recorded, r)
	return recorded.Body.Bytes()
}

// request is one for this gateway.
func (g *gateway) request(t *testing.T) *http.Request {
	keys, err := oblivious.ParseKeysText(g.keys)
	require.NoError(t, err)
	inner := &bhttp.Request{Method: http.MethodPost, Scheme: "https", Authority: "makers.invalid", Path: "/stat", Header: http.Header{}}
	inner.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	message, _, err := oblivious.Seal(keys[0], inner.Append(nil, 2048))
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(message))
	r.Header.Set("Content-Type", oblivious.RequestType)
	return r
}

// endpoint is one that only the relay can reach: its own name is nobody's.
func (g *gateway) endpoint(t *testing.T, headers configopaque.MapList) *Endpoint {
	t.Helper()
	o := &Oblivious{Relay: g.relay.URL, Keys: g.keys}
	require.NoError(t, o.Validate())
	base := http.DefaultTransport.(*http.Transport).Clone()
	through, err := o.Through(base)
	require.NoError(t, err)
	e, err := New(t.Context(), "https://makers.invalid/stat", WithHeaders(through, headers), patience, "headcount/1.2.3")
	require.NoError(t, err)
	t.Cleanup(e.CloseIdleConnections)
	return e
}

func TestThroughARelay(t *testing.T) {
	g := newGateway(t)
	e := g.endpoint(t, configopaque.MapList{{Name: "X-Tenant", Value: "shop"}})
	answer, err := e.Post(t.Context(), Message{Body: []byte("{}"), IdempotencyKey: "key"})
	require.NoError(t, err)
	assert.Equal(t, 200, answer.Status)
	require.Len(t, g.inside, 1)
	assert.Equal(t, "key", g.inside[0].Get("Idempotency-Key"))
	assert.Equal(t, "shop", g.inside[0].Get("X-Tenant"), "the endpoint's headers go inside")
	assert.Empty(t, g.inside[0].Get("User-Agent"))
	g.outside()[0].Del("Content-Length")
	assert.Equal(t, http.Header{"Content-Type": {oblivious.RequestType}}, g.outside()[0])
}

func TestTheEndpointsWordIsInside(t *testing.T) {
	g := newGateway(t)
	g.status = http.StatusTooManyRequests
	answer, err := g.endpoint(t, nil).Post(t.Context(), Message{Body: []byte("{}"), IdempotencyKey: "key"})
	require.NoError(t, err)
	assert.Equal(t, Answer{Status: 429, RetryAfter: time.Minute}, answer)
}

// What the relay says of itself is never taken for the endpoint's word: no report is dropped for it.
func TestTheRelaysWord(t *testing.T) {
	g := newGateway(t)
	for status, wait := range map[int]time.Duration{400: 0, 403: 0, 404: 0, 413: 0, 429: 30 * time.Second, 500: 0, 502: 0, 503: 30 * time.Second} {
		g.outer = func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "words of the relay's")
			return true
		}
		answer, err := g.endpoint(t, nil).Post(t.Context(), Message{Body: []byte("{}"), IdempotencyKey: "key"})
		require.ErrorContains(t, err, "the relay answered with status")
		assert.NotContains(t, err.Error(), "words")
		assert.Equal(t, Answer{RetryAfter: wait}, answer, status)
	}
}

// There is no way but the relay's.
func TestADeadRelayIsNotGoneAround(t *testing.T) {
	g := newGateway(t)
	e := g.endpoint(t, nil)
	g.relay.Close()
	_, err := e.Post(t.Context(), Message{Body: []byte("{}"), IdempotencyKey: "key"})
	require.EqualError(t, err, "makers.invalid: the relay: connection refused")
}

func TestObliviousValidates(t *testing.T) {
	keys := newGateway(t).keys
	for want, o := range map[string]Oblivious{
		"relay: missing":   {Keys: keys},
		"relay: not a URL": {Relay: "relay", Keys: keys},
		"relay: relay.example.com is not reached by": {Relay: "http://relay.example.com", Keys: keys},
		"relay: the URL of relay.example.com holds":  {Relay: "https://me:secret@relay.example.com", Keys: keys},
		"keys: missing":                                {Relay: "https://relay.example.com"},
		"keys: keys_file says them too":                {Relay: "https://relay.example.com", Keys: keys, KeysFile: "keys"},
		"keys: no base64":                              {Relay: "https://relay.example.com", Keys: "?"},
		"keys: no key configuration of Oblivious HTTP": {Relay: "https://relay.example.com", Keys: "AAE="},
	} {
		err := o.Validate()
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "secret")
	}
	file := filepath.Join(t.TempDir(), "keys")
	require.NoError(t, os.WriteFile(file, []byte("keys: "+keys+"\n"), 0o600))
	o := Oblivious{Relay: "https://relay.example.com", KeysFile: file}
	require.NoError(t, o.Validate())
	_, err := o.Through(http.DefaultTransport)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte("?"), 0o600))
	_, err = o.Through(http.DefaultTransport)
	require.EqualError(t, err, "oblivious::keys_file: no base64: write what `headcount keys` prints")
	o.KeysFile += ".absent"
	_, err = o.Through(http.DefaultTransport)
	require.ErrorContains(t, err, "oblivious::keys_file")
}
