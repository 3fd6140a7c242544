// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/headcount-otel/headcount/exporter/collectmetric"
	"github.com/headcount-otel/headcount/internal/porttest"
)

// sdkProfile serves the Collector and the Go program. Without stats, all that passes leaves as USAGE.
const sdkProfile = `
receivers: {otlp: {protocols: {http: {endpoint: %q}}}}
processors:
  anonymizer:
    metrics:
      app.counter.*:   {round: {to: 10}}
      app.updown.*:    {clamp: {min: -50, max: 50}, round: {to: 5}}
      app.gauge.*:     {round: {to: 2}, merge: max}
      app.histogram.*: {bucket: {hysteresis: 0}}
      app.exact:       {keep: true}
    attributes:
      plan: {allow: [free, pro], other: other}
    resource:
      service.instance.id: {keep: true}
      service.version:     {version: minor}
exporters:
  collect: {endpoint: %q, retry_on_failure: {initial_interval: 100ms}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    metrics: {receivers: [otlp], processors: [anonymizer], exporters: [collect]}
`

// Random instruments and measurements: collectmetric's stat is that of SDK, OTLP and distribution.
func TestCollectmetricReportsWhatTheDistributionReports(t *testing.T) {
	t.Parallel()
	const cases = 60
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	byItself, collected, intake := newEndpoint(t), newEndpoint(t), porttest.Address(t)
	config := filepath.Join(t.TempDir(), "collector.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, sdkProfile, intake, collected.URL), 0o600))
	collector := start(t, nil, "--config", "file:"+config)
	collector.says(t, "Everything is ready")
	over, err := otlpmetrichttp.New(t.Context(), otlpmetrichttp.WithEndpointURL("http://"+intake+"/v1/metrics"))
	require.NoError(t, err)

	for i := range cases {
		rm := randomMeasurements(t, random, fmt.Sprintf("installation-%d", i))
		require.NoError(t, over.Export(t.Context(), rm))
		alone, err := collectmetric.New(t.Context(), collectmetric.WithStateDir(t.TempDir()),
			collectmetric.WithProfile(fmt.Appendf(nil, sdkProfile, intake, byItself.URL)))
		require.NoError(t, err)
		require.NoError(t, alone.Export(t.Context(), rm))
		require.NoError(t, alone.Shutdown(t.Context()))
	}
	posts := byItself.received()
	require.Len(t, posts, cases)
	collected.awaits(t, len(posts))
	require.NoError(t, over.Shutdown(context.Background()))
	collector.stop(t)

	want := map[string]string{}
	for _, p := range collected.received() {
		want[parseReport(t, p.body).InstanceID] = p.body
	}
	require.Len(t, want, len(posts))
	keys := 0
	for _, p := range posts {
		r := parseReport(t, p.body)
		keys += len(r.Value)
		assert.Equal(t, want[r.InstanceID], p.body)
	}
	require.Greater(t, keys, 3*len(posts), "they say something")
}

// randomMeasurements records with instruments of every kind.
func randomMeasurements(t *testing.T, random *rand.Rand, installation string) *metricdata.ResourceMetrics {
	t.Helper()
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader),
		sdkmetric.WithResource(resource.NewSchemaless(
			attribute.String("service.instance.id", installation),
			attribute.String("service.version", fmt.Sprintf("%d.%d.%d", random.IntN(9), random.IntN(9), random.IntN(9))),
			attribute.String("host.name", "secret"))),
		sdkmetric.WithView(sdkmetric.NewView(sdkmetric.Instrument{Name: "exponential"},
			sdkmetric.Stream{Aggregation: sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 20, MaxScale: 3}})))
	defer func() { require.NoError(t, provider.Shutdown(context.Background())) }()
	meter := provider.Meter(fmt.Sprintf("scope-%d", random.IntN(3)))

	ints := random.IntN(2) == 0
	for range 1 + random.IntN(4) {
		plan := metric.WithAttributes(
			attribute.String("plan", []string{"free", "pro", "acme"}[random.IntN(3)]),
			attribute.Int("user", random.IntN(5)))
		number := random.Float64() * math.Pow(10, float64(random.IntN(6)))
		if ints {
			recordInt(t, meter, int64(number), plan)
		} else {
			recordFloat(t, meter, number, plan)
		}
	}
	exact, err := meter.Int64Gauge("app.exact")
	require.NoError(t, err)
	exact.Record(t.Context(), random.Int64N(1000)-500)
	unnamed, err := meter.Int64Counter("other.secret")
	require.NoError(t, err)
	unnamed.Add(t.Context(), 1)

	var rm metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &rm))
	return &rm
}

func recordInt(t *testing.T, meter metric.Meter, number int64, with metric.MeasurementOption) {
	t.Helper()
	counter, err := meter.Int64Counter("app.counter.int")
	require.NoError(t, err)
	counter.Add(t.Context(), number, with)
	upDown, err := meter.Int64UpDownCounter("app.updown.int")
	require.NoError(t, err)
	upDown.Add(t.Context(), 40-number, with)
	gauge, err := meter.Int64Gauge("app.gauge.int")
	require.NoError(t, err)
	gauge.Record(t.Context(), number, with)
	// A stat can say neither a histogram by groups nor an exponential one: this one no rule names.
	for _, name := range []string{"app.histogram.int", "exponential"} {
		histogram, err := meter.Int64Histogram(name)
		require.NoError(t, err)
		histogram.Record(t.Context(), number)
	}
}

func recordFloat(t *testing.T, meter metric.Meter, number float64, with metric.MeasurementOption) {
	t.Helper()
	counter, err := meter.Float64Counter("app.counter.double")
	require.NoError(t, err)
	counter.Add(t.Context(), number, with)
	upDown, err := meter.Float64UpDownCounter("app.updown.double")
	require.NoError(t, err)
	upDown.Add(t.Context(), 40-number, with)
	gauge, err := meter.Float64Gauge("app.gauge.double")
	require.NoError(t, err)
	gauge.Record(t.Context(), number, with)
	// A stat can say neither a histogram by groups nor an exponential one: this one no rule names.
	for _, name := range []string{"app.histogram.double", "exponential"} {
		histogram, err := meter.Float64Histogram(name)
		require.NoError(t, err)
		histogram.Record(t.Context(), number)
	}
}
