// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package collectmetric compares the export of a typical application's metrics with otel-go's own exporters.
package collectmetric

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/exporter/collectmetric"
)

const instruments, groups = 50, 10

// measurements are 50 counters of 10 points each.
func measurements(b *testing.B) *metricdata.ResourceMetrics {
	b.Helper()
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(
		resource.NewSchemaless(attribute.String("service.instance.id", "b4829f17-9a18-41fa-94a5-434c88719e64"))))
	for i := range instruments {
		counter, err := provider.Meter("app").Int64Counter(fmt.Sprintf("app.counter.%d", i))
		if err != nil {
			b.Fatal(err)
		}
		for g := range groups {
			counter.Add(b.Context(), int64(100*i+g), metric.WithAttributes(attribute.String("feature", fmt.Sprintf("f%d", g))))
		}
	}
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(b.Context(), &rm); err != nil {
		b.Fatal(err)
	}
	return &rm
}

// accepts answers 200 to whatever comes.
func accepts(b *testing.B) string {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	b.Cleanup(server.Close)
	return server.URL
}

// features rounds all counters into one stat.
func features(b *testing.B, url string, interval time.Duration) *collectmetric.Exporter {
	b.Helper()
	fields := make([]collectmetric.Field, instruments)
	for i := range fields {
		fields[i] = collectmetric.Field{Key: fmt.Sprintf("c%d", i), Metric: fmt.Sprintf("app.counter.%d", i), By: "feature"}
	}
	allowed := make([]string, groups)
	for g := range allowed {
		allowed[g] = fmt.Sprintf("f%d", g)
	}
	exporter, err := collectmetric.New(b.Context(),
		collectmetric.WithEndpoint(url), collectmetric.WithStateDir(b.TempDir()),
		collectmetric.WithStat("APP", interval, fields...),
		collectmetric.WithRule("app.counter.*", rule.Number{Round: &rule.Round{To: 10}}),
		collectmetric.WithAttributeRule("feature", rule.Text{Allow: allowed}),
		collectmetric.WithResourceRule("service.instance.id", rule.Text{Keep: true}))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = exporter.Shutdown(context.Background()) })
	return exporter
}

func export(b *testing.B, exporter sdkmetric.Exporter, rm *metricdata.ResourceMetrics) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if err := exporter.Export(b.Context(), rm); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkExport has each exporter deliver the same data over loopback, or write it. Ours opens its
// state, anonymizes, and stores the key and the acceptance on disk, each with fsync.
func BenchmarkExport(b *testing.B) {
	rm := measurements(b)
	b.Run("collectmetric", func(b *testing.B) { export(b, features(b, accepts(b), time.Nanosecond), rm) })
	b.Run("otlpmetrichttp", func(b *testing.B) {
		exporter, err := otlpmetrichttp.New(b.Context(), otlpmetrichttp.WithEndpointURL(accepts(b)+"/v1/metrics"))
		if err != nil {
			b.Fatal(err)
		}
		export(b, exporter, rm)
	})
	b.Run("stdoutmetric", func(b *testing.B) {
		exporter, err := stdoutmetric.New(stdoutmetric.WithWriter(io.Discard))
		if err != nil {
			b.Fatal(err)
		}
		export(b, exporter, rm)
	})
}

// BenchmarkIdle is an Export with nothing due.
func BenchmarkIdle(b *testing.B) {
	rm := measurements(b)
	exporter := features(b, accepts(b), time.Hour)
	if err := exporter.Export(b.Context(), rm); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	export(b, exporter, rm)
}
