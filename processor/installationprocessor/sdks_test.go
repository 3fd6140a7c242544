// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/storagetest"
)

// TestExponentialHistogramsAndExemplarsOfEachSDK has two processes count as each SDK does within a sampled span: 54
// orders, and 57 waits in an exponential histogram. testdata/sdks/record.sh recorded three of them.
func TestExponentialHistogramsAndExemplarsOfEachSDK(t *testing.T) {
	requests := map[string][]byte{"go": ofGo(t)}
	for _, language := range []string{"python", "node", "java"} {
		recorded, err := os.ReadFile("testdata/sdks/" + language + ".binpb")
		require.NoError(t, err)
		requests[language] = recorded
	}
	for language, request := range requests {
		t.Run(language, func(t *testing.T) {
			r := newRig(t, storagetest.NewStorageHost(), noStorage)
			for _, process := range []string{"a", "b"} {
				sent := pmetricotlp.NewExportRequest()
				require.NoError(t, sent.UnmarshalProto(request))
				_, exemplars := waitsOf(t, sent.Metrics())
				assert.Equal(t, language != "node", exemplars > 0, "exemplars as this SDK sends them: %d", exemplars)
				sent.Metrics().ResourceMetrics().At(0).Resource().Attributes().PutStr(instanceID, process)
				r.consume(t, sent.Metrics())
			}
			require.NoError(t, r.Shutdown(context.Background()))
			all := r.sink.AllMetrics()
			require.Len(t, all, 1)
			waits, exemplars := waitsOf(t, all[0])
			assert.EqualValues(t, 2*57, waits.Count())
			counted := waits.ZeroCount()
			for _, n := range waits.Positive().BucketCounts().All() {
				counted += n
			}
			assert.Equal(t, waits.Count(), counted)
			assert.Zero(t, exemplars, "which would be kept on disk")
		})
	}
}

// waitsOf finds the exponential histogram, and counts all exemplars.
func waitsOf(t *testing.T, md pmetric.Metrics) (waits pmetric.ExponentialHistogramDataPoint, exemplars int) {
	t.Helper()
	found := false
	for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		switch m.Name() {
		case "shop.orders":
			exemplars += m.Sum().DataPoints().At(0).Exemplars().Len()
		case "shop.waits":
			require.Equal(t, pmetric.MetricTypeExponentialHistogram, m.Type())
			waits, found = m.ExponentialHistogram().DataPoints().At(0), true
			exemplars += waits.Exemplars().Len()
		}
	}
	require.True(t, found)
	return waits, exemplars
}

// ofGo is what Go's SDK sends.
func ofGo(t *testing.T) (request []byte) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { request, _ = io.ReadAll(r.Body) }))
	defer server.Close()
	exporter, err := otlpmetrichttp.New(t.Context(), otlpmetrichttp.WithEndpointURL(server.URL), otlpmetrichttp.WithCompression(otlpmetrichttp.NoCompression))
	require.NoError(t, err)
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)), sdkmetric.WithView(sdkmetric.NewView(
		sdkmetric.Instrument{Name: "shop.waits"},
		sdkmetric.Stream{Aggregation: sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}},
	)))
	meter := provider.Meter("shop")
	orders, err := meter.Int64Counter("shop.orders")
	require.NoError(t, err)
	waits, err := meter.Float64Histogram("shop.waits")
	require.NoError(t, err)
	sampled := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled,
	}))
	orders.Add(sampled, 54)
	for n := range 57 {
		waits.Record(sampled, 1+1.5*float64(n))
	}
	require.NoError(t, provider.Shutdown(t.Context()))
	return request
}
