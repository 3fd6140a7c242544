// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"crypto/ed25519"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configcompression"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/headcount-otel/headcount/collect/signature"
	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
	"github.com/headcount-otel/headcount/oblivious"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

// signedBy is the key that signed a report, as an endpoint reads it.
func signedBy(t *testing.T, p post) ed25519.PublicKey {
	t.Helper()
	signer, err := signature.Verify(&http.Request{Method: http.MethodPost, Header: p.header}, []byte(p.body))
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), signer.Created, 2*signature.Grain)
	assert.Zero(t, signer.Created.Unix()%3600, "no clock is told exactly")
	return signer.Key
}

// signs is an exporter as the profiles have it.
func signs(cfg *Config) {
	persistent(cfg)
	cfg.Sign = true
}

// later is a clock that is ahead.
func later(ahead *atomic.Int64) func() time.Time {
	return func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
}

// Each id has a key of its own, the same after a restart and in a try that waited on disk.
func TestReportsAreSigned(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	ahead := atomic.Int64{}
	ahead.Store(int64(2 * time.Hour))
	h := trusttest.Host{storageID: fileStorage(t, t.TempDir(), nil)}
	first := newRig(t, makers.URL, h, signs).start(t)
	first.scrape(t, "i-1", 20)
	first.scrape(t, "i-2", 20)
	makers.awaits(t, 2)
	require.NoError(t, first.Shutdown(t.Context()))

	makers.answers(status(http.StatusServiceUnavailable))
	second := newRig(t, makers.URL, h, signs)
	second.now = later(&ahead)
	second.start(t)
	second.scrape(t, "i-1", 25) // draws the moment for which it waits
	ahead.Add(int64(2 * time.Hour))
	second.scrape(t, "i-1", 25)
	makers.awaits(t, 3)
	require.NoError(t, second.Shutdown(t.Context()))
	makers.answers(status(http.StatusOK))
	third := newRig(t, makers.URL, h, signs)
	third.now = later(&ahead)
	third.start(t)
	posts := makers.awaits(t, 4)

	keys := map[string]ed25519.PublicKey{}
	for _, p := range posts {
		key := signedBy(t, p)
		if before, met := keys[p.stat.InstanceID]; met {
			assert.Equal(t, before, key, "the key is the id's, through restarts")
		}
		keys[p.stat.InstanceID] = key
	}
	assert.Len(t, keys, 2)
	assert.NotEqual(t, keys["i-1"], keys["i-2"], "a name that follows another does not lead back to it")
}

func TestReportsAreNotSignedUnasked(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	newRig(t, makers.URL, trusttest.Host{storageID: fileStorage(t, t.TempDir(), nil)}, persistent).start(t).scrape(t, "i-1", 20)
	header := makers.awaits(t, 1)[0].header
	for _, name := range signature.Fields() {
		assert.NotContains(t, header, name)
	}
}

func TestSignIsChecked(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	cfg.ClientConfig.Endpoint = "https://collect.example.com/stat"
	cfg.Sign = true
	require.ErrorContains(t, cfg.Validate(), "sign: true needs a storage")
	signs(cfg)
	require.NoError(t, cfg.Validate())
	cfg.ClientConfig.Compression = configcompression.TypeGzip
	require.ErrorContains(t, cfg.Validate(), "compression: a signature")
	for _, name := range signature.Fields() {
		require.ErrorContains(t, endpoint.CheckHeader(strings.ToLower(name)), "the exporter sets this header itself")
	}
}

// A withdrawal forgets the secret, also in the bytes of the file; a new consent has another.
func TestAWithdrawalForgetsTheKeys(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	folder := t.TempDir()
	site := trusttest.NewExtension(trust.On)
	h := trusttest.Host{consentID: site, storageID: fileStorage(t, folder, nil)}
	r := newRig(t, makers.URL, h, func(cfg *Config) {
		signs(cfg)
		cfg.Consent = &consentID
	}).start(t)
	content := func() string {
		stored, err := os.ReadFile(filepath.Join(folder, memoryFile))
		require.NoError(t, err)
		return string(stored)
	}
	const secretRecord = `{"version":1,"record":"`
	require.NotContains(t, content(), secretRecord, "nothing is made before something is sent")
	r.scrape(t, "i-1", 20)
	before := signedBy(t, makers.awaits(t, 1)[0])
	require.Contains(t, content(), secretRecord)

	require.NoError(t, site.Withdraw(t.Context()))
	assert.NotContains(t, content(), secretRecord)
	_, err := r.keys.KeyOf(t.Context(), "i-1")
	require.ErrorContains(t, err, "withdrawn", "what was under way makes no new one")
	assert.NotContains(t, content(), secretRecord)

	site.SetMode(trust.On)
	r.scrape(t, "i-2", 20)
	posts := makers.awaits(t, 2)
	assert.NotEqual(t, before, signedBy(t, posts[1]))
	_, err = r.keys.KeyOf(t.Context(), "i-1")
	require.NoError(t, err)
}

// A garbled secret refuses to start: a new one would have the endpoint refuse its own installation.
func TestAGarbledSecretRefusesToStart(t *testing.T) {
	h := trusttest.Host{storageID: fileStorage(t, t.TempDir(), nil)}
	client, err := h[storageID].(storage.Extension).GetClient(t.Context(), component.KindExporter, component.MustNewID("collect"), "")
	require.NoError(t, err)
	require.NoError(t, client.Set(t.Context(), "secret", []byte(`{"version":1,"record":"AAAA"}`)))
	require.NoError(t, client.Close(t.Context()))
	r := newRig(t, "http://127.0.0.1:1", h, signs)
	require.ErrorContains(t, r.Start(t.Context(), h), `stored state "secret" is garbled`)
	require.NoError(t, r.Shutdown(t.Context()))
}

// Through a relay the signature is inside, where the relay does not see it.
func TestTheSignatureIsInside(t *testing.T) {
	key, err := oblivious.GenerateKey(1, oblivious.X25519)
	require.NoError(t, err)
	keys, err := oblivious.NewGateway(key)
	require.NoError(t, err)
	makers := newEndpoint(t, status(http.StatusOK))
	outside := make(chan http.Header, 10)
	gateway := &oblivious.Handler{Gateway: keys, Window: time.Minute, Inner: makers}
	relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		outside <- r.Header.Clone()
		gateway.ServeHTTP(w, r)
	}))
	t.Cleanup(relay.Close)
	r := newRig(t, "https://makers.invalid/stat", trusttest.Host{storageID: fileStorage(t, t.TempDir(), nil)}, func(cfg *Config) {
		signs(cfg)
		cfg.Oblivious = configoptional.Some(endpoint.Oblivious{Relay: relay.URL, Keys: oblivious.KeysText(&key.PublicKey)})
	}).start(t)
	r.scrape(t, "i-1", 20)
	signedBy(t, makers.awaits(t, 1)[0])
	header := <-outside
	for _, name := range signature.Fields() {
		assert.NotContains(t, header, name)
	}
}
