// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// Package telemetry makes the log, the metrics and the traces that a distribution tells of itself, from the keys
// of service::telemetry that each Collector has. The Collector's own factory also detects the clouds in which it
// may run, for which it brings a Kubernetes client and AWS's SDK: a fifth of the program, and nothing that belongs
// into one that reports anonymously. This one detects nothing, and reads no format older than the present.
package telemetry // import "github.com/headcount-otel/headcount/cmd/headcount/telemetry"

import (
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configtelemetry"
	"go.opentelemetry.io/collector/service/telemetry"
	"go.opentelemetry.io/contrib/otelconf/v0.3.0"
	"go.uber.org/zap/zapcore"
)

// NewFactory makes the factory that ocb's telemetry names.
func NewFactory() telemetry.Factory {
	return telemetry.NewFactory(
		func() component.Config { return defaultConfig() },
		telemetry.WithCreateResource(newResource),
		telemetry.WithCreateLogger(newLogger),
		telemetry.WithCreateMeterProvider(newMeterProvider),
		telemetry.WithCreateTracerProvider(newTracerProvider),
	)
}

// defaultConfig is that of each Collector.
func defaultConfig() *Config {
	return &Config{
		Logs: LogsConfig{
			Level:            zapcore.InfoLevel,
			Encoding:         "console",
			OutputPaths:      []string{"stderr"},
			ErrorOutputPaths: []string{"stderr"},
			Sampling:         &SamplingConfig{Enabled: true, Tick: 10 * time.Second, Initial: 10, Thereafter: 100},
		},
		Metrics: MetricsConfig{
			Level: configtelemetry.LevelNormal,
			MeterProvider: otelconf.MeterProvider{Readers: []otelconf.MetricReader{{
				Pull: &otelconf.PullMetricReader{Exporter: otelconf.PullMetricExporter{
					Prometheus: &otelconf.Prometheus{Host: new("localhost"), Port: new(8888)},
				}},
			}}},
		},
	}
}
