// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/receiver/collectreceiver/internal/metadata"
	"github.com/headcount-otel/headcount/trust"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

func TestAccepts(t *testing.T) {
	sink := new(consumertest.MetricsSink)
	r := newRig(t, sink, nil)
	got := r.post(usage(`"users":35,"users_by_plan":{"free":20,"pro":15},"version":"5.3","unnamed":1`))
	assert.Equal(t, http.StatusOK, got.status)
	assert.Empty(t, got.body)

	require.Len(t, sink.AllMetrics(), 1)
	resource := sink.AllMetrics()[0].ResourceMetrics().At(0)
	assert.Equal(t, map[string]any{"service.instance.id": "secret-id", "service.version": "5.3"}, resource.Resource().Attributes().AsRaw())
	metrics := resource.ScopeMetrics().At(0).Metrics()
	require.Equal(t, 2, metrics.Len())
	assert.Equal(t, "app.users", metrics.At(0).Name())
	users := metrics.At(0).Gauge().DataPoints().At(0)
	assert.Equal(t, int64(35), users.IntValue())
	assert.Equal(t, time.Unix(1795392000, 0).UTC(), users.Timestamp().AsTime())
	assert.Equal(t, 2, metrics.At(1).Gauge().DataPoints().Len())
}

func TestAcceptsAsWritten(t *testing.T) {
	r := newRig(t, consumertest.NewNop(), nil)
	body := usage(`"users":35`)
	for name, got := range map[string]answer{
		"charset":  r.do(http.MethodPost, "/stat", body, "Content-Type", `Application/JSON; charset="UTF-8"`),
		"a query":  r.do(http.MethodPost, "/stat?x=y", body, "Content-Type", "application/json"),
		"no value": r.post(usage("")),
		"a null":   r.post(usage(`"users":null`)),
	} {
		assert.Equal(t, http.StatusOK, got.status, name)
	}
}

func TestRefusesFields(t *testing.T) {
	sink := new(consumertest.MetricsSink)
	r := newRig(t, sink, nil)
	for body, want := range map[string]string{
		usage(`"users":"secret"`):                                 `{"error":"wrong type: value: \"users\" is a number"}`,
		strings.Replace(usage(`"users":1`), "USAGE", "SECRET", 1): `{"error":"this endpoint does not know a stat of this name"}`,
	} {
		got := r.post(body)
		assert.Equal(t, http.StatusBadRequest, got.status)
		assert.Equal(t, want+"\n", got.body)
		assert.Equal(t, "application/json", got.header.Get("Content-Type"))
	}
	assert.Empty(t, sink.AllMetrics())
}

func TestKeepsUnmapped(t *testing.T) {
	sink := new(consumertest.MetricsSink)
	r := newRig(t, sink, func(c *Config) { c.Stats, c.Unmapped = nil, mapping.Keep })
	assert.Equal(t, http.StatusOK, r.post(strings.Replace(usage(`"sql_len":58`), "USAGE", "QUERY_RUN", 1)).status)
	assert.Equal(t, "QUERY_RUN.sql_len", sink.AllMetrics()[0].ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Name())
}

func TestShowsLedgerWhatWasAccepted(t *testing.T) {
	ledger := trusttest.NewExtension(trust.On)
	id := component.MustNewID("headcount")
	refuse := error(nil)
	sink := consumerFunc(func(context.Context, pmetric.Metrics) error { return refuse })
	r := startRig(t, sink, receivertest.NewNopSettings(metadata.Type), trusttest.Host{id: ledger},
		func(c *Config) { c.Ledger = &id })
	body := usage(`"users":1`)
	r.post(body)
	refuse = errors.New("not now")
	r.post(body)
	refuse = nil
	r.post(usage(`"users":2,"error":"a traceback"`))
	assert.Equal(t, []string{body}, ledger.AllReceived())
}

func TestErrorTextNeverPasses(t *testing.T) {
	for _, unmapped := range []mapping.Unmapped{mapping.Drop, mapping.Keep} {
		sink := new(consumertest.MetricsSink)
		r := newRig(t, sink, func(c *Config) { c.Unmapped = unmapped })
		assert.Equal(t, http.StatusOK, r.post(usage(`"error":"a traceback"`)).status)
		assert.Empty(t, sink.AllMetrics())
		assert.Equal(t, http.StatusOK, r.post(usage(`"error":"a traceback","users":1`)).status)
		marshaled, err := (&pmetric.JSONMarshaler{}).MarshalMetrics(sink.AllMetrics()[0])
		require.NoError(t, err)
		assert.NotContains(t, string(marshaled), "traceback")
	}
}

func TestPipelineRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want int
	}{
		"for now":  {errors.New("secret"), http.StatusServiceUnavailable},
		"for good": {consumererror.NewPermanent(errors.New("secret")), http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			core, logs := observer.New(zap.WarnLevel)
			set := receivertest.NewNopSettings(metadata.Type)
			set.Logger = zap.New(core)
			r := startRig(t, consumertest.NewErr(c.err), set, componenttest.NewNopHost(), nil)
			for range 3 {
				got := r.post(usage(`"users":1`))
				assert.Equal(t, c.want, got.status)
				assert.NotContains(t, got.body, "secret")
			}
			assert.Len(t, logs.All(), 1, "said once")
		})
	}
}

func TestPanicIsAnswered(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	set := receivertest.NewNopSettings(metadata.Type)
	set.Logger = zap.New(core)
	r := startRig(t, consumerFunc(func(context.Context, pmetric.Metrics) error { panic("secret") }), set, componenttest.NewNopHost(), nil)
	assert.Equal(t, http.StatusInternalServerError, r.post(usage(`"users":1`), "Idempotency-Key", "k").status)
	require.Len(t, logs.All(), 1)
	assert.NotContains(t, logs.All()[0].Message, "secret")
}

func TestExplains(t *testing.T) {
	r := newRig(t, consumertest.NewNop(), nil)
	got := r.do(http.MethodGet, "/", "")
	assert.Equal(t, http.StatusOK, got.status)
	assert.Equal(t, "text/plain; charset=utf-8", got.header.Get("Content-Type"))
	assert.Contains(t, got.body, "POST /stat")
	assert.Empty(t, r.do(http.MethodHead, "/", "").body)
}

func TestPathOfItsOwn(t *testing.T) {
	r := newRig(t, consumertest.NewNop(), func(c *Config) { c.Path = "/" })
	assert.Equal(t, http.StatusOK, r.do(http.MethodGet, "/", "").status)
	assert.Equal(t, http.StatusOK, r.do(http.MethodPost, "/", usage(`"users":1`), "Content-Type", "application/json").status)
	assert.Equal(t, "GET, HEAD, POST", r.do(http.MethodPut, "/", "").header.Get("Allow"))
}

func TestRateLimits(t *testing.T) {
	r := newRig(t, consumertest.NewNop(), func(c *Config) {
		c.RateLimit.Installation = configoptional.Some(Rate{Requests: 2, Per: time.Hour})
		c.RateLimit.Total = configoptional.Some(Rate{Requests: 3, Per: time.Hour})
	})
	body := usage(`"users":1`)
	assert.Equal(t, http.StatusOK, r.post(body).status)
	assert.Equal(t, http.StatusOK, r.post(body).status)
	got := r.post(body)
	assert.Equal(t, http.StatusTooManyRequests, got.status)
	assert.Equal(t, `{"error":"too many reports from this installation; try again later"}`+"\n", got.body)
	assert.Equal(t, "1800", got.header.Get("Retry-After"))
	assert.Equal(t, http.StatusOK, r.post(strings.Replace(body, "secret-id", "another", 1)).status, "who sends too much takes nobody's turn")
	got = r.post(strings.Replace(body, "secret-id", "a third", 1))
	assert.Equal(t, http.StatusTooManyRequests, got.status)
	assert.Contains(t, got.body, "too many reports; try")
	assert.Equal(t, "1200", got.header.Get("Retry-After"))
}

func TestCountsWhatIsDropped(t *testing.T) {
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	set := receivertest.NewNopSettings(metadata.Type)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	r := startRig(t, consumertest.NewNop(), set, componenttest.NewNopHost(), nil)
	r.post(usage(`"users":1,"a":1,"error":"x"`), "Idempotency-Key", "k")
	r.post(usage(`"users":1`), "Idempotency-Key", "k")
	r.post("")
	counts := map[string]int64{}
	for _, name := range []string{"otelcol_receiver_collect_fields_dropped", "otelcol_receiver_collect_repetitions", "otelcol_receiver_accepted_metric_points"} {
		m, err := telemetry.GetMetric(name)
		require.NoError(t, err)
		counts[name] = sumOf(m)
	}
	assert.Equal(t, map[string]int64{"otelcol_receiver_collect_fields_dropped": 2, "otelcol_receiver_collect_repetitions": 1, "otelcol_receiver_accepted_metric_points": 1}, counts)
	m, err := telemetry.GetMetric("otelcol_receiver_collect_requests")
	require.NoError(t, err)
	assert.Equal(t, int64(3), sumOf(m))
}

func TestTakenPortFailsAtStart(t *testing.T) {
	taken := newRig(t, consumertest.NewNop(), nil)
	cfg := createDefaultConfig().(*Config)
	cfg.ServerConfig.NetAddr.Endpoint = taken.receiver.address.String()
	r, err := newReceiver(receivertest.NewNopSettings(metadata.Type), cfg, consumertest.NewNop())
	require.NoError(t, err)
	assert.ErrorContains(t, r.Start(context.Background(), componenttest.NewNopHost()), "endpoint: ")
	assert.NoError(t, r.Shutdown(context.Background()))
}

func TestShutdownBeforeStartAndTwice(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	cfg.ServerConfig.NetAddr.Endpoint = "127.0.0.1:0"
	r, err := newReceiver(receivertest.NewNopSettings(metadata.Type), cfg, consumertest.NewNop())
	require.NoError(t, err)
	require.NoError(t, r.Shutdown(context.Background()))
	require.NoError(t, r.Start(context.Background(), componenttest.NewNopHost()))
	require.NoError(t, r.Shutdown(context.Background()))
	require.NoError(t, r.Shutdown(context.Background()))
}
