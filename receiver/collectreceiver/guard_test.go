// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/receiver/collectreceiver/internal/metadata"
	"github.com/headcount-otel/headcount/trust"
)

func taken(context.Context, pmetric.Metrics) error { return nil }

// A browser that another site, or another site's name, sends here is refused; whatever
// has no origin, as programs have none, is not.
func TestGuardOnLoopback(t *testing.T) {
	r := newRig(t, consumerFunc(taken), func(cfg *Config) { cfg.Hosts = []string{"collect.example.com"} })
	own := strings.TrimPrefix(r.url, "http://")
	for name, c := range map[string]struct {
		host, origin string
		status       int
	}{
		"own address":           {own, "", http.StatusOK},
		"localhost":             {"localhost:4390", "", http.StatusOK},
		"IPv6":                  {"[::1]:4390", "", http.StatusOK},
		"behind a proxy":        {"collect.example.com", "", http.StatusOK},
		"own origin":            {own, "http://" + own, http.StatusOK},
		"rebound name":          {"evil.example:4390", "", http.StatusMisdirectedRequest},
		"rebound, its origin":   {"evil.example", "http://evil.example", http.StatusMisdirectedRequest},
		"another site":          {own, "https://evil.example", http.StatusForbidden},
		"a file":                {own, "null", http.StatusForbidden},
		"an address of the net": {"192.0.2.7:4390", "", http.StatusMisdirectedRequest},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/stat", strings.NewReader(usage(`"users":1`)))
			require.NoError(t, err)
			request.Host = c.host
			request.Header.Set("Content-Type", "application/json")
			if c.origin != "" {
				request.Header.Set("Origin", c.origin)
			}
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			assert.Equal(t, c.status, response.StatusCode)
		})
	}
}

// Beyond loopback an endpoint has whatever names its makers gave it.
func TestNoGuardBeyondLoopback(t *testing.T) {
	h, err := newHandler(receivertest.NewNopSettings(metadata.Type), createDefaultConfig().(*Config), consumerFunc(taken))
	require.NoError(t, err)
	request := httptest.NewRequest(http.MethodGet, "http://collect.example.com/", nil)
	for address, status := range map[string]int{"192.0.2.1": http.StatusOK, "127.0.0.1": http.StatusMisdirectedRequest} {
		answer := httptest.NewRecorder()
		h.guard(isLoopback(&net.TCPAddr{IP: net.ParseIP(address)}), h).ServeHTTP(answer, request)
		assert.Equal(t, status, answer.Code)
	}
}

// A relay beside one application passes on the reports of one installation.
func TestOneInstallation(t *testing.T) {
	passed := 0
	r := newRig(t, consumerFunc(func(context.Context, pmetric.Metrics) error { passed++; return nil }), func(cfg *Config) { cfg.MaxInstallations = 1 })
	now := time.Now()
	r.receiver.handler.tenants.now = func() time.Time { return now }
	stat := func(id string) string { return strings.Replace(usage(`"users":1`), "secret-id", id, 1) }
	assert.Equal(t, http.StatusOK, r.post(stat("own")).status)
	for range 40 {
		answer := r.post(stat("invented"))
		assert.Equal(t, http.StatusForbidden, answer.status)
		assert.NotContains(t, answer.body, "invented")
	}
	assert.Equal(t, http.StatusOK, r.post(stat("own")).status)
	now = now.Add(tenancy + time.Hour)
	assert.Equal(t, http.StatusOK, r.post(stat("installed anew")).status, "a place that nobody uses is free again")
	assert.Equal(t, 3, passed)
}

// Whoever sends what is no stat takes nobody's turn.
func TestOnlyValidStatsCount(t *testing.T) {
	r := newRig(t, consumerFunc(taken), func(cfg *Config) {
		cfg.RateLimit.Total = configoptional.Some(Rate{Requests: 2, Per: time.Hour})
	})
	for range 100 {
		assert.Equal(t, http.StatusBadRequest, r.post("{}").status)
		assert.Equal(t, http.StatusBadRequest, r.post(usage(`"users":"text"`)).status)
	}
	assert.Equal(t, http.StatusOK, r.post(usage(`"users":1`)).status)
	assert.Equal(t, http.StatusOK, r.post(usage(`"users":1`)).status)
	assert.Equal(t, http.StatusTooManyRequests, r.post(usage(`"users":1`)).status)
}

func TestLimitOfOneNetwork(t *testing.T) {
	cfg := RateLimit{Address: configoptional.Some(Rate{Requests: 1, Per: time.Hour})}
	l := newLimits(cfg, time.Now)
	assert.Zero(t, l.address("192.0.2.7:1000"))
	assert.NotZero(t, l.address("192.0.2.200:2000"), "the same /24")
	assert.Zero(t, l.address("198.51.100.1:1000"))
	assert.Zero(t, l.address("[2001:db8:1:200::1]:1"))
	assert.NotZero(t, l.address("[2001:db8:1:2ff::2]:1"), "the same /56")
	for range 10 {
		assert.Zero(t, l.address("127.0.0.1:1"), "a proxy on this machine")
	}
}

// A pipeline that gives no answer costs a sender the timeout, and no more; what it takes
// in later is known as a repetition then.
func TestPipelineThatGivesNoAnswer(t *testing.T) {
	answer, passed := make(chan struct{}), 0
	var mutex sync.Mutex
	r := newRig(t, consumerFunc(func(context.Context, pmetric.Metrics) error {
		<-answer
		mutex.Lock()
		defer mutex.Unlock()
		passed++
		return nil
	}), func(cfg *Config) { cfg.PipelineTimeout = 50 * time.Millisecond })
	for range 3 {
		a := r.post(usage(`"users":1`), "Idempotency-Key", "k")
		assert.Equal(t, http.StatusServiceUnavailable, a.status)
		assert.Equal(t, "30", a.header.Get("Retry-After"))
	}
	close(answer)
	r.receiver.handler.passing.Wait()
	assert.Equal(t, http.StatusOK, r.post(usage(`"users":1`), "Idempotency-Key", "k").status)
	assert.Equal(t, 1, passed)
}

// Who first waits for another delivery of the same report, and then for the pipeline, waits no
// longer for both than for one.
func TestBothWaitsAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls, over := 0, make(chan struct{})
		cfg := createDefaultConfig().(*Config)
		cfg.Unmapped = mapping.Keep
		h, err := newHandler(receivertest.NewNopSettings(metadata.Type), cfg, consumerFunc(func(context.Context, pmetric.Metrics) error {
			if calls++; calls == 1 {
				time.Sleep(2 * time.Second)
				return errors.New("away")
			}
			<-over
			return nil
		}))
		require.NoError(t, err)
		h.ledger = trust.NopObserver{}
		begun := time.Now()
		var senders sync.WaitGroup
		for range 2 {
			senders.Go(func() {
				of, refused := h.read(bytes.NewBufferString(usage(`"users":1`)))
				require.Nil(t, refused)
				refused = h.once(t.Context(), of, "k")
				assert.Equal(t, http.StatusServiceUnavailable, refused.status)
				assert.Equal(t, retryLater, refused.retryAfter)
				assert.LessOrEqual(t, time.Since(begun), cfg.PipelineTimeout)
			})
		}
		senders.Wait()
		assert.Equal(t, cfg.PipelineTimeout, time.Since(begun))
		close(over)
		h.passing.Wait()
	})
}

// A pipeline that answers nothing does not fill the memory.
func TestPipelineThatHoldsTooMuch(t *testing.T) {
	r := newRig(t, consumerFunc(taken), nil)
	r.receiver.handler.waiting.Store(maxWaiting)
	assert.Equal(t, http.StatusServiceUnavailable, r.post(usage(`"users":1`)).status)
	r.receiver.handler.waiting.Store(0)
	assert.Equal(t, http.StatusOK, r.post(usage(`"users":1`)).status)
}

func TestIdentityIsNoEncoding(t *testing.T) {
	r := newRig(t, consumerFunc(taken), nil)
	assert.Equal(t, http.StatusOK, r.post(usage(`"users":1`), "Content-Encoding", "identity").status)
	assert.Equal(t, http.StatusOK, r.post(usage(`"users":1`), "Content-Encoding", "Identity").status)
	assert.Equal(t, http.StatusUnsupportedMediaType, r.post(usage(`"users":1`), "Content-Encoding", "br").status)
}

// A compressed report takes the way through the Collector's whole chain, whose spans
// would name the client's address.
func TestServerMakesNoSpan(t *testing.T) {
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	set := receivertest.NewNopSettings(metadata.Type)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	r := startRig(t, consumerFunc(taken), set, componenttest.NewNopHost(), nil)
	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	_, err := io.WriteString(w, usage(`"users":1`))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.Equal(t, http.StatusOK, r.post(body.String(), "Content-Encoding", "gzip").status)

	spans := telemetry.SpanRecorder.Ended()
	assert.Len(t, spans, 1, "the pipeline's own span alone")
	for _, span := range spans {
		for _, a := range span.Attributes() {
			assert.NotContains(t, []any{semconv.ClientAddressKey, semconv.NetworkPeerAddressKey, semconv.ServerAddressKey}, a.Key)
		}
	}
}

// The id is metadata only where it is asked for, and nothing else ever is.
func TestMetadataKey(t *testing.T) {
	var info client.Info
	next := consumerFunc(func(ctx context.Context, _ pmetric.Metrics) error { info = client.FromContext(ctx); return nil })
	r := newRig(t, next, func(cfg *Config) { cfg.MetadataKey = "installation" })
	require.Equal(t, http.StatusOK, r.post(usage(`"users":1`)).status)
	assert.Equal(t, []string{"secret-id"}, info.Metadata.Get("installation"))
	assert.Equal(t, client.Info{Metadata: info.Metadata}, info)
}
