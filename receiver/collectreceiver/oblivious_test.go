// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer/consumertest"

	"github.com/headcount-otel/headcount/collect/conformance"
	"github.com/headcount-otel/headcount/oblivious"
)

// newObliviousRig is a receiver with two keys, and a transport with each.
func newObliviousRig(t *testing.T, sink *consumertest.MetricsSink) (*rig, []*oblivious.Transport) {
	t.Helper()
	cfg := defaultOblivious()
	var transports []*oblivious.Transport
	for id, kem := range []uint16{oblivious.X25519, oblivious.XWing} {
		key, err := oblivious.GenerateKey(byte(id+1), kem)
		require.NoError(t, err)
		text, err := key.MarshalText()
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), "key.pem")
		require.NoError(t, os.WriteFile(file, text, 0o600))
		cfg.KeyFiles = append(cfg.KeyFiles, file)
		base := &http.Transport{DisableCompression: true}
		t.Cleanup(base.CloseIdleConnections)
		transports = append(transports, &oblivious.Transport{Key: &key.PublicKey, Base: base})
	}
	r := newRig(t, sink, func(c *Config) { c.Oblivious = configoptional.Some(cfg) })
	for _, transport := range transports {
		transport.Relay = r.url + "/oblivious"
	}
	return r, transports
}

// always adds an Idempotency-Key where a request of the suite has none: this way
// demands one. What is longer than any message is refused outside, for all to see.
type always struct{ http.RoundTripper }

func (a always) RoundTrip(r *http.Request) (*http.Response, error) {
	if len(r.Header[idempotencyKey]) == 0 {
		r.Header = r.Header.Clone()
		if r.Header == nil {
			r.Header = http.Header{}
		}
		r.Header.Set(idempotencyKey, rand.Text())
	}
	resp, err := a.RoundTripper.RoundTrip(r)
	if relay := new(oblivious.RelayError); errors.As(err, &relay) && relay.Status == http.StatusRequestEntityTooLarge {
		refusal := http.Header{"Content-Type": {"application/json"}}
		return &http.Response{StatusCode: relay.Status, Header: refusal, Body: io.NopCloser(strings.NewReader(`{"error":"outside"}`)), Request: r}, nil
	}
	return resp, err
}

func TestConformanceInside(t *testing.T) {
	r, transports := newObliviousRig(t, new(consumertest.MetricsSink))
	conformance.Suite{
		Endpoint: r.url + "/stat", Accepted: []byte(usage(`"users":35,"version":"5.3"`)), Patience: time.Minute, Transport: always{transports[0]},
	}.Run(t)
}

func TestEachKeyOpensUntilItIsTakenAway(t *testing.T) {
	sink := new(consumertest.MetricsSink)
	r, transports := newObliviousRig(t, sink)
	for _, transport := range transports {
		resp := postThrough(t, transport, r.url+"/stat", rand.Text())
		assert.Equal(t, http.StatusOK, resp.StatusCode)
	}
	assert.Equal(t, 2, sink.DataPointCount())
}

// Within the window a relay that sends a report again changes nothing: the key inside is remembered.
func TestAReplayCountsOnce(t *testing.T) {
	sink := new(consumertest.MetricsSink)
	r, transports := newObliviousRig(t, sink)
	var message []byte
	transports[0].Base = roundTrip(func(req *http.Request) (*http.Response, error) {
		message, _ = io.ReadAll(req.Body)
		for range 2 {
			again := req.Clone(req.Context())
			again.Body = io.NopCloser(bytes.NewReader(message))
			resp, err := http.DefaultTransport.RoundTrip(again)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
		}
		req.Body = io.NopCloser(bytes.NewReader(message))
		return http.DefaultTransport.RoundTrip(req)
	})
	resp := postThrough(t, transports[0], r.url+"/stat", "one")
	assert.Equal(t, http.StatusOK, resp.StatusCode, "it is known already")
	assert.Equal(t, 1, sink.DataPointCount())
}

func TestInsideAKeyIsDemanded(t *testing.T) {
	sink := new(consumertest.MetricsSink)
	r, transports := newObliviousRig(t, sink)
	resp := postThrough(t, transports[0], r.url+"/stat", "")
	assert.Equal(t, http.StatusBadRequest, resp.StatusCode)
	assert.Zero(t, sink.DataPointCount())
}

func TestKeysArePublished(t *testing.T) {
	r, transports := newObliviousRig(t, new(consumertest.MetricsSink))
	answer := r.do(http.MethodGet, "/.well-known/ohttp-gateway", "")
	assert.Equal(t, oblivious.KeysType, answer.header.Get("Content-Type"))
	keys, err := oblivious.ParseKeys([]byte(answer.body))
	require.NoError(t, err)
	require.Len(t, keys, 2)
	assert.Equal(t, oblivious.KeysText(transports[0].Key, transports[1].Key), oblivious.KeysText(keys...))
}

func TestObliviousConfig(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	assert.False(t, cfg.Oblivious.HasValue(), "nothing is opened unless it is configured")
	bad := Oblivious{Path: "oblivious"}
	require.ErrorContains(t, bad.Validate(), `path: "oblivious"`)
	require.ErrorContains(t, bad.Validate(), "key_files: missing")
	require.ErrorContains(t, bad.Validate(), "window: 0s")

	folder := t.TempDir()
	file := filepath.Join(folder, "key.pem")
	require.NoError(t, os.WriteFile(file, []byte("no key, but a secret"), 0o600))
	_, err := (&Oblivious{KeyFiles: []string{file}}).privateKeys()
	require.ErrorContains(t, err, "no private key of Oblivious HTTP")
	assert.NotContains(t, err.Error(), "secret")
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func postThrough(t *testing.T, transport http.RoundTripper, url, key string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader([]byte(usage(`"users":35`))))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set(idempotencyKey, key)
	}
	resp, err := transport.RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp
}
