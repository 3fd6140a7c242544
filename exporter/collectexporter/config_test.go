// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
)

// load reads one instance of testdata/config.yaml as the Collector does.
func load(t *testing.T, name string) (*Config, error) {
	t.Helper()
	all, err := confmaptest.LoadConf("testdata/config.yaml")
	require.NoError(t, err)
	sub, err := all.Sub(name)
	require.NoError(t, err)
	cfg := createDefaultConfig().(*Config)
	if err := sub.Unmarshal(cfg); err != nil {
		return cfg, err
	}
	return cfg, confmap.Validate(cfg)
}

func TestDefaults(t *testing.T) {
	cfg, err := load(t, "collect")
	require.NoError(t, err)
	assert.Equal(t, 5*time.Second, cfg.ClientConfig.Timeout)
	assert.Empty(t, cfg.ClientConfig.Compression)
	assert.Equal(t, 10, cfg.ClientConfig.Keepalive.Get().MaxIdleConnsPerHost)
	assert.True(t, cfg.SendingQueue.HasValue())
	assert.Nil(t, cfg.SendingQueue.Get().StorageID)
	assert.True(t, cfg.RetryOnFailure.Enabled)
	assert.Zero(t, cfg.RetryOnFailure.MaxElapsedTime, "it never gives up")
	assert.Equal(t, time.Hour, cfg.RetryOnFailure.MaxInterval)
	assert.True(t, cfg.RequireAnonymizer)
	assert.False(t, cfg.AllowInsecure)
	assert.False(t, cfg.DryRun)
	assert.Nil(t, cfg.Consent)
}

func TestFullConfig(t *testing.T) {
	cfg, err := load(t, "collect/full")
	require.NoError(t, err)
	storage := component.MustNewID("file_storage")
	assert.Equal(t, &storage, cfg.Storage)
	assert.Equal(t, &storage, cfg.SendingQueue.Get().StorageID)
	assert.EqualValues(t, 50, cfg.SendingQueue.Get().QueueSize)
	assert.Equal(t, "events", cfg.Stats["RUN"].Pace)
	assert.Equal(t, 30*time.Minute, cfg.RetryOnFailure.MaxInterval)
	assert.Equal(t, 5*time.Second, cfg.RetryOnFailure.InitialInterval, "the others keep their defaults")
}

func TestGoodConfigs(t *testing.T) {
	for _, name := range []string{"no_queue", "loopback", "loopback6", "localhost", "insecure"} {
		_, err := load(t, "collect/"+name)
		require.NoError(t, err, name)
	}
}

// Each error names the key and says what to write instead.
func TestBadConfigs(t *testing.T) {
	for name, want := range map[string][]string{
		"missing":     {"endpoint: missing", "https://collect.example.com/stat"},
		"url":         {"endpoint: not a URL", "write one such as"},
		"no_host":     {"endpoint: not a URL"},
		"userinfo":    {"endpoint: ", "user name or password", "auth:"},
		"fragment":    {"endpoint: ", "fragment"},
		"scheme":      {"endpoint: ", `"ftp"`, "write https://"},
		"http":        {"endpoint: ", "collect.example.com", "https://", "allow_insecure: true"},
		"looks_local": {"endpoint: ", "localhost.example.com", "allow_insecure: true"},
		"timeout":     {"timeout: 0s", "5s"},
		"header":      {"headers::idempotency-key", "remove"},
		"split":       {"sending_queue::batch::max_size: 100", "split a resource", "remove max_size"},
		"interval":    {"stats::STARTUP_STATS::interval", "168h"},
		"pace":        {"stats::STREAM::interval", "24h0m0s", "12h0m0s", `"events"`},
		"fields":      {"stats::RUN: value: ", "no fields"},
		"stats":       {"stats: holds no stat", "USAGE", "mode: off under extensions::headcount"},
		"each_stat":   {"stats: holds no stat", "remove the key"},
		"cookies":     {"cookies: ", "remove"},
		"key":         {"retries"},
		"stat_key":    {"stats", "every"},
		"tls_key":     {"tls", "ca"},
		"plain_tls":   {"tls: the endpoint has no TLS", "write https:// for http://"},
		"queue_key":   {"sending_queue", "size"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, "collect/bad_"+name)
			require.Error(t, err)
			for _, text := range want {
				assert.ErrorContains(t, err, text)
			}
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}

// A variable's text stays text where text is wanted, and what a later file sets to null is gone.
func TestVariablesAndOverlays(t *testing.T) {
	t.Setenv("TOKEN", "0123")
	resolver, err := confmap.NewResolver(confmap.ResolverSettings{
		URIs: []string{
			"yaml:{endpoint: 'https://collect.example.com/stat', storage: file_storage, headers: {X-Token: '${env:TOKEN}'}}",
			"yaml:{stats: {A: {interval: 1h, value: {users: {metric: a}}}, B: {interval: 1h, value: {users: {metric: b}}}}}",
			"yaml:{storage: null, stats: {A: null}}",
		},
		ProviderFactories: []confmap.ProviderFactory{yamlprovider.NewFactory(), envprovider.NewFactory()},
	})
	require.NoError(t, err)
	conf, err := resolver.Resolve(t.Context())
	require.NoError(t, err)
	cfg := createDefaultConfig().(*Config)
	require.NoError(t, conf.Unmarshal(cfg))
	token, _ := cfg.ClientConfig.Headers.Get("X-Token")
	assert.EqualValues(t, "0123", token)
	assert.Equal(t, []string{"B"}, cfg.Stats.Names())
	assert.Nil(t, cfg.Storage)
}

// Whatever stands around the host, an error does not repeat it: it may be a password or a token.
func FuzzEndpoint(f *testing.F) {
	for _, around := range []string{"", ":", "%", "/", "#", " "} {
		f.Add("https://", around)
		f.Add("http://", around)
		f.Add("", around)
	}
	f.Fuzz(func(t *testing.T, before, around string) {
		const secret = "hunter2secret"
		for _, endpoint := range []string{
			before + secret + around + "@host/",
			before + "host/?" + around + secret,
			before + "host/#" + around + secret,
		} {
			cfg := createDefaultConfig().(*Config)
			cfg.ClientConfig.Endpoint = endpoint
			if u, err := url.Parse(endpoint); err == nil && (strings.Contains(u.Host, secret) || strings.Contains(u.Scheme, secret)) {
				continue // it is the host then
			}
			if err := cfg.Validate(); err != nil {
				assert.NotContains(t, err.Error(), secret)
			}
		}
	})
}
