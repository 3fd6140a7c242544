// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
	"github.com/headcount-otel/headcount/trust/trusttest"
)

// A Collector that traces itself and propagates: no traceparent leaves, and no span holds the URL.
func TestNoTraceLeaves(t *testing.T) {
	before := otel.GetTextMapPropagator()
	otel.SetTextMapPropagator(propagation.TraceContext{})
	t.Cleanup(func() { otel.SetTextMapPropagator(before) })
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	t.Cleanup(func() { require.NoError(t, provider.Shutdown(context.Background())) })

	makers := newEndpoint(t, status(http.StatusOK))
	cfg := createDefaultConfig().(*Config)
	cfg.ClientConfig.Endpoint = makers.URL + "/stat?SECRET"
	settings := componenttest.NewNopTelemetrySettings()
	settings.TracerProvider = provider
	client, err := newClient(t.Context(), cfg, trusttest.Host{}, settings, "headcount/1.2.3")
	require.NoError(t, err)
	ctx, span := provider.Tracer("test").Start(t.Context(), "parent")
	_, err = client.Post(ctx, endpoint.Message{Body: []byte(`{"instanceId":"i-1","time":1.0,"value":{"k":1},"name":"STARTUP"}`), IdempotencyKey: "key"})
	require.NoError(t, err)
	span.End()
	client.CloseIdleConnections()
	assert.NotContains(t, makers.awaits(t, 1)[0].header, "Traceparent")
	assert.Len(t, spans.Ended(), 1, "the test's own and no other")
}
