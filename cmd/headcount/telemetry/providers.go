// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configtelemetry"
	"go.opentelemetry.io/collector/service/telemetry"
	"go.opentelemetry.io/contrib/otelconf/v0.3.0"
	"go.opentelemetry.io/otel"
	noopmetric "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	nooptrace "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
)

func newMeterProvider(ctx context.Context, set telemetry.MeterSettings, config component.Config) (telemetry.MeterProvider, error) {
	c := config.(*Config).Metrics
	if c.Level == configtelemetry.LevelNone {
		set.Logger.Info("Internal metrics telemetry disabled")
		return noMetrics{}, nil
	}
	if c.Views == nil && set.DefaultViews != nil {
		c.Views = set.DefaultViews(c.Level)
	}
	sdk, err := otelconf.NewSDK(otelconf.WithContext(ctx), otelconf.WithOpenTelemetryConfiguration(otelconf.OpenTelemetryConfiguration{
		Resource:      fixed(set.Settings),
		MeterProvider: &c.MeterProvider,
	}))
	if err != nil {
		return nil, err
	}
	return sdk.MeterProvider().(telemetry.MeterProvider), nil
}

// propagators are those by which a request may say which trace it belongs to.
var propagators = map[string]propagation.TextMapPropagator{"tracecontext": propagation.TraceContext{}}

func newTracerProvider(ctx context.Context, set telemetry.TracerSettings, config component.Config) (telemetry.TracerProvider, error) {
	c := config.(*Config).Traces
	if c.Level == configtelemetry.LevelNone || len(c.Processors) == 0 {
		set.Logger.Info("Internal trace telemetry disabled")
		return noTraces{}, nil
	}
	var used []propagation.TextMapPropagator
	for _, name := range c.Propagators {
		used = append(used, propagators[name])
	}
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(used...))
	sdk, err := otelconf.NewSDK(otelconf.WithContext(ctx), otelconf.WithOpenTelemetryConfiguration(otelconf.OpenTelemetryConfiguration{
		Resource:       fixed(set.Settings),
		TracerProvider: &c.TracerProvider,
	}))
	if err != nil {
		return nil, err
	}
	set.Logger.Info("Traces of the program itself are told", zap.Int("processors", len(c.Processors)))
	return sdk.TracerProvider().(telemetry.TracerProvider), nil
}

type noMetrics struct{ noopmetric.MeterProvider }

func (noMetrics) Shutdown(context.Context) error { return nil }

type noTraces struct{ nooptrace.TracerProvider }

func (noTraces) Shutdown(context.Context) error { return nil }
