// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/storagetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/collect/signature"
	"github.com/headcount-otel/headcount/oblivious"
	"github.com/headcount-otel/headcount/receiver/collectreceiver/internal/metadata"
	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

var theirs, attackers = signature.Secret{1}, signature.Secret{2}

// keys counts Idempotency-Keys, so that no two reports of a test have one.
var keys atomic.Int64

// signed is a report as a sender with this secret makes it.
func signed(t *testing.T, id, body string, secret signature.Secret, at time.Time) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/stat", strings.NewReader(body))
	r.Host = "127.0.0.1"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", fmt.Sprint("key-", keys.Add(1)))
	require.NoError(t, signature.Sign(r, []byte(body), secret.Key(id), at))
	return r
}

// answerTo is the receiver's answer to a request, as its handler gives it.
func (r *rig) answerTo(request *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	r.receiver.handler.ServeHTTP(recorder, request)
	return recorder
}

func bodyOf(id string, users int) string {
	return fmt.Sprintf(`{"instanceId":%q,"time":1795392000.0,"value":{"users":%d},"name":"USAGE"}`, id, users)
}

// Whoever knows an id cannot report under it once its installation has.
func TestTheFirstSignedReportBindsTheID(t *testing.T) {
	sink := new(consumertest.MetricsSink)
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	set := receivertest.NewNopSettings(metadata.Type)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	r := startRig(t, sink, set, componenttest.NewNopHost(), nil)
	now := time.Now()
	send := func(id string, users int, secret signature.Secret, at time.Time) int {
		return r.answerTo(signed(t, id, bodyOf(id, users), secret, at)).Code
	}
	require.Equal(t, 200, r.post(bodyOf("i-1", 1)).status, "an older version of the sender signs nothing")
	require.Equal(t, 200, send("i-1", 2, theirs, now))
	require.Equal(t, 200, send("i-1", 3, theirs, now))
	assert.Equal(t, 403, send("i-1", 666, attackers, now), "another key")
	assert.Equal(t, 403, r.post(bodyOf("i-1", 666)).status, "no signature")
	assert.Equal(t, 200, r.post(bodyOf("i-2", 4)).status, "whose sender never signs")
	assert.Equal(t, 403, send("i-3", 666, theirs, now.Add(-5*24*time.Hour)), "one that was kept")
	assert.Equal(t, 403, send("i-3", 666, theirs, now.Add(5*24*time.Hour)))
	assert.Equal(t, 200, send("i-3", 5, theirs, now.Add(-3*24*time.Hour)), "a clock that is wrong by days")

	forged := signed(t, "i-1", bodyOf("i-1", 3), theirs, now)
	forged.Body = http.NoBody
	assert.Equal(t, 400, r.answerTo(forged).Code)
	changed := signed(t, "i-1", bodyOf("i-1", 3), theirs, now)
	other := signed(t, "i-1", bodyOf("i-1", 666), attackers, now)
	changed.Body = other.Body
	assert.Equal(t, 400, r.answerTo(changed).Code)
	replayed := signed(t, "i-1", bodyOf("i-1", 3), theirs, now)
	again := signed(t, "i-1", bodyOf("i-1", 3), theirs, now)
	again.Header = replayed.Header
	require.Equal(t, 200, r.answerTo(replayed).Code)
	taken := len(sink.AllMetrics())
	assert.Equal(t, 200, r.answerTo(again).Code, "a repetition")
	assert.Len(t, sink.AllMetrics(), taken, "and nothing new")

	for _, m := range sink.AllMetrics() {
		users := m.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().At(0).IntValue()
		assert.NotEqual(t, int64(666), users)
	}
	counted, err := telemetry.GetMetric("otelcol_receiver_collect_signatures_refused")
	require.NoError(t, err)
	assert.Equal(t, int64(5), sumOf(counted), "a body that is no report has no signature to refuse")
}

// A report that another's signature spoils takes nobody's turn.
func TestARefusedSignatureTakesNoTurn(t *testing.T) {
	r := newRig(t, new(consumertest.MetricsSink), func(c *Config) {
		c.RateLimit.Installation = configoptional.Some(Rate{Requests: 3, Per: time.Hour})
		c.RateLimit.Total = configoptional.Some(Rate{Requests: 3, Per: time.Hour})
	})
	require.Equal(t, 200, r.answerTo(signed(t, "i-1", bodyOf("i-1", 1), theirs, time.Now())).Code)
	for range 10 {
		require.Equal(t, 403, r.answerTo(signed(t, "i-1", bodyOf("i-1", 1), attackers, time.Now())).Code)
		require.Equal(t, 403, r.post(bodyOf("i-1", 1)).status)
	}
	assert.Equal(t, 200, r.answerTo(signed(t, "i-1", bodyOf("i-1", 1), theirs, time.Now())).Code)
}

// A limit that refuses an invented report binds nothing and writes nothing.
func TestWhatALimitRefusesBindsNothing(t *testing.T) {
	r := newRig(t, new(consumertest.MetricsSink), func(c *Config) {
		c.RateLimit.Total = configoptional.Some(Rate{Requests: 1, Per: time.Hour})
	})
	for i := range 10 {
		id := fmt.Sprint("i-", i)
		r.answerTo(signed(t, id, bodyOf(id, 1), attackers, time.Now()))
	}
	assert.Len(t, r.receiver.handler.signers.known, 1)
}

func TestSignaturesMayBeRequired(t *testing.T) {
	r := newRig(t, new(consumertest.MetricsSink), func(c *Config) { c.Signatures.Required = true })
	assert.Equal(t, 403, r.post(bodyOf("i-1", 1)).status)
	assert.Equal(t, 200, r.answerTo(signed(t, "i-1", bodyOf("i-1", 1), theirs, time.Now())).Code)
}

// Of two first reports at the same time one is refused, and its reports stay so.
func TestTwoFirstReports(t *testing.T) {
	for range 20 {
		r := newRig(t, new(consumertest.MetricsSink), nil)
		var codes [2]int
		var both sync.WaitGroup
		for i, secret := range []signature.Secret{theirs, attackers} {
			request := signed(t, "i-1", bodyOf("i-1", 1), secret, time.Now())
			both.Go(func() { codes[i] = r.answerTo(request).Code })
		}
		both.Wait()
		assert.ElementsMatch(t, []int{200, 403}, codes[:])
	}
}

// The keys survive a restart; what is damaged is an error, not somebody else's turn.
func TestKeysSurviveARestart(t *testing.T) {
	factory := filestorage.NewFactory()
	cfg := factory.CreateDefaultConfig().(*filestorage.Config)
	cfg.Directory = t.TempDir()
	ext, err := factory.Create(t.Context(), extensiontest.NewNopSettings(factory.Type()), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ext.Shutdown(context.Background())) })
	id := component.MustNewID("file_storage")
	host := trusttest.Host{id: ext}
	with := func(c *Config) { c.Storage = &id }
	set := receivertest.NewNopSettings(metadata.Type)
	first := startRig(t, new(consumertest.MetricsSink), set, host, with)
	require.Equal(t, 200, first.answerTo(signed(t, "i-1", bodyOf("i-1", 1), theirs, time.Now())).Code)
	require.NoError(t, first.receiver.Shutdown(t.Context()))
	second := startRig(t, new(consumertest.MetricsSink), set, host, with)
	assert.Equal(t, 403, second.answerTo(signed(t, "i-1", bodyOf("i-1", 1), attackers, time.Now())).Code)
	assert.Equal(t, 200, second.answerTo(signed(t, "i-1", bodyOf("i-1", 1), theirs, time.Now())).Code)
}

// A record that cannot be read is an error: its installation's place would be free.
func TestGarbledKeys(t *testing.T) {
	memory := storagetest.NewInMemoryStorageExtension("test")
	client, err := memory.GetClient(t.Context(), component.KindReceiver, component.NewID(metadata.Type), "")
	require.NoError(t, err)
	store := state.Over(client)
	load := func() error {
		return newSigners(createDefaultConfig().(*Config).Signatures, time.Hour, time.Now).load(t.Context(), store, zap.NewNop())
	}
	require.NoError(t, load())
	for _, record := range []any{1, signerRecord{}, signerRecord{Key: make([]byte, 15)}} {
		require.NoError(t, store.Save(t.Context(), signerPrefix+strings.Repeat("0", 32), signerVersion, record))
		require.ErrorContains(t, load(), "garbled")
	}
	require.NoError(t, store.Save(t.Context(), signerPrefix+strings.Repeat("0", 32), signerVersion, signerRecord{Key: make([]byte, 16)}))
	require.NoError(t, load())
	require.NoError(t, store.Save(t.Context(), signerPrefix+"x", signerVersion, signerRecord{Key: make([]byte, 16)}))
	require.ErrorContains(t, load(), "garbled")
}

// A key is forgotten when its installation reports no more, and makes room for another.
func TestKeysAreForgotten(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	s := newSigners(Signatures{Retention: 720 * time.Hour, MaxKeys: 2}, 168*time.Hour, func() time.Time { return now })
	key := func(of signature.Secret, id string) []byte { return of.Key(id)[32:] }
	require.True(t, s.bind("i-1", key(theirs, "i-1")))
	now = now.Add(700 * time.Hour)
	require.True(t, s.bind("i-1", key(theirs, "i-1")), "it reports on")
	require.True(t, s.bind("i-2", key(theirs, "i-2")))
	require.True(t, s.bind("i-3", key(theirs, "i-3")), "taken in without a key")
	require.False(t, s.knows("i-3"))
	now = now.Add(100 * time.Hour)
	require.False(t, s.admits("i-1", key(attackers, "i-1")))
	require.False(t, s.bind("i-1", key(attackers, "i-1")))
	now = now.Add(720 * time.Hour)
	assert.False(t, s.knows("i-1"))
	assert.True(t, s.bind("i-1", key(attackers, "i-1")))
	assert.True(t, s.bind("i-3", key(theirs, "i-3")))
	assert.True(t, s.knows("i-3"))
}

// Inside Oblivious HTTP it is the same.
func TestSignaturesInside(t *testing.T) {
	r, transports := newObliviousRig(t, new(consumertest.MetricsSink))
	send := func(transport *oblivious.Transport, secret signature.Secret) int {
		request := signed(t, "i-1", bodyOf("i-1", 1), secret, time.Now())
		request.URL.Scheme, request.URL.Host, request.RequestURI = "http", "127.0.0.1", ""
		resp, err := transport.RoundTrip(request)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	assert.Equal(t, 200, send(transports[0], theirs))
	assert.Equal(t, 403, send(transports[1], attackers))
	assert.Equal(t, 403, r.post(bodyOf("i-1", 1)).status)
}
