// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configauth"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/extension/extensionauth"

	"github.com/headcount-otel/headcount/trust/trusttest"
)

func TestLargeAnswersAreNotRead(t *testing.T) {
	var written atomic.Int64
	makers := newEndpoint(t, func(w http.ResponseWriter, _ *http.Request) {
		block := make([]byte, 64<<10)
		for {
			n, err := w.Write(block)
			written.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	r := newRig(t, makers.URL, nil, nil).start(t)
	r.scrape(t, "i-1", 20)
	require.Eventually(t, func() bool {
		wait, err := r.sender.Tracker.Wait(t.Context(), keyOf("i-1"), "STARTUP", time.Hour)
		return err == nil && wait > 0
	}, patience, 5*time.Millisecond, "accepted by its status")
	require.NoError(t, r.Shutdown(t.Context()))
	makers.CloseClientConnections()
	assert.Less(t, written.Load(), int64(64<<20))
}

// The client's settings are the Collector's own: a private CA, a client certificate, a proxy, an auth extension.
func TestClientSettings(t *testing.T) {
	makers := newEndpoint(t, status(http.StatusOK))
	secure := httptest.NewUnstartedServer(makers)
	secure.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	certificate, key := secure.TLS.Certificates[0].Certificate[0], secure.TLS.Certificates[0].PrivateKey
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	folder := t.TempDir()
	certFile, keyFile := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	require.NoError(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}), 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600))

	t.Run("a private CA and a client certificate", func(t *testing.T) {
		r := newRig(t, secure.URL, nil, func(cfg *Config) {
			cfg.ClientConfig.TLS.CAFile = certFile
			cfg.ClientConfig.TLS.CertFile, cfg.ClientConfig.TLS.KeyFile = certFile, keyFile
		}).start(t)
		before := len(makers.received())
		r.scrape(t, "i-1", 20)
		makers.awaits(t, before+1)
	})
	t.Run("a missing CA fails at start", func(t *testing.T) {
		r := newRig(t, secure.URL, nil, func(cfg *Config) { cfg.ClientConfig.TLS.CAFile = keyFile + ".missing" })
		require.ErrorContains(t, r.Start(t.Context(), trusttest.Host{}), "key.pem.missing")
		require.NoError(t, r.Shutdown(t.Context()))
	})
	t.Run("a proxy", func(t *testing.T) {
		var asked atomic.Value
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Store(r.URL.String())
			w.WriteHeader(http.StatusOK)
		}))
		defer proxy.Close()
		r := newRig(t, "http://collect.example.invalid/stat", nil, func(cfg *Config) {
			cfg.AllowInsecure = true
			cfg.ClientConfig.ProxyURL = proxy.URL
		}).start(t)
		r.scrape(t, "i-1", 20)
		require.Eventually(t, func() bool { return asked.Load() != nil }, patience, 5*time.Millisecond)
		assert.Equal(t, "http://collect.example.invalid/stat", asked.Load())
	})
	t.Run("an auth extension", func(t *testing.T) {
		id := component.MustNewID("bearer")
		r := newRig(t, makers.URL, trusttest.Host{id: bearer{}}, func(cfg *Config) {
			cfg.ClientConfig.Auth = configoptional.Some(configauth.Config{AuthenticatorID: id})
		}).start(t)
		before := len(makers.received())
		r.scrape(t, "i-2", 20)
		assert.Equal(t, "Bearer token", makers.awaits(t, before+1)[before].header.Get("Authorization"))
	})
}

type bearer struct {
	component.StartFunc
	component.ShutdownFunc
}

var _ extensionauth.HTTPClient = bearer{}

func (bearer) RoundTripper(base http.RoundTripper) (http.RoundTripper, error) {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer token")
		return base.RoundTrip(r)
	}), nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// At most one look-up for a try, and none while nothing is due.
func TestLookUps(t *testing.T) {
	r := newRig(t, "https://collect.example.invalid/stat", nil, func(cfg *Config) {
		cfg.RetryOnFailure.InitialInterval = 20 * time.Millisecond
	}).start(t)
	var tries, lookUps atomic.Int64
	base := r.client.Transport
	r.client.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
		tries.Add(1)
		return base.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
			DNSStart: func(httptrace.DNSStartInfo) { lookUps.Add(1) },
		})))
	})
	require.NoError(t, r.sender.Tracker.Accepted(t.Context(), keyOf("resting"), "STARTUP", time.Hour)())
	for range 100 {
		r.scrape(t, "resting", 20)
	}
	assert.Zero(t, tries.Load())
	for range 100 {
		r.scrape(t, "i-1", 20) // one copy joins the queue
	}
	require.Eventually(t, func() bool { return tries.Load() >= 3 }, patience, time.Millisecond)
	require.NoError(t, r.Shutdown(t.Context()))
	assert.LessOrEqual(t, lookUps.Load(), tries.Load())
	assert.Positive(t, lookUps.Load())
	assert.Less(t, tries.Load(), int64(20), "one copy, with a growing back-off")
	assert.Equal(t, 1, r.logs.FilterMessageSnippet("could not be delivered").Len(), fmt.Sprint(r.logs.All()))
}
