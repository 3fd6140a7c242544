// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/anonymizer"
	"github.com/headcount-otel/headcount/trust"
)

// rules are the anonymizer: the processor itself, which lives for one batch, because
// what sticky rules remember may have been changed by another process meanwhile.
type rules struct {
	factory processor.Factory
	cfg     *anonymizer.Config
}

func newRules(cfg *anonymizer.Config) *rules { return &rules{anonymizer.NewFactory(), cfg} }

// apply builds new metrics of what the rules name, with their mark. It changes in, and keeps nothing of it.
func (r *rules) apply(ctx context.Context, host component.Host, in pmetric.Metrics) (out pmetric.Metrics, mark trust.Mark, err error) {
	out = pmetric.NewMetrics() // stays empty where nothing passes
	next, err := consumer.NewMetrics(func(ctx context.Context, passed pmetric.Metrics) error {
		out = passed
		mark, _ = trust.MarkOf(ctx)
		return nil
	})
	if err != nil {
		return out, mark, err
	}
	p, err := r.factory.CreateMetrics(ctx, processor.Settings{ID: anonymizerID, TelemetrySettings: silent()}, r.cfg, next)
	if err != nil {
		return out, mark, err
	}
	defer func() { err = errors.Join(err, p.Shutdown(context.WithoutCancel(ctx))) }()
	if err := p.Start(ctx, host); err != nil {
		return out, mark, err
	}
	err = p.ConsumeMetrics(ctx, in)
	return out, mark, err
}

// silent is telemetry that goes nowhere: what a component says of itself would
// otherwise become metrics of the program that it reports on.
func silent() component.TelemetrySettings {
	return component.TelemetrySettings{
		Logger:         zap.NewNop(),
		TracerProvider: tracenoop.NewTracerProvider(),
		MeterProvider:  metricnoop.NewMeterProvider(),
		Resource:       pcommon.NewResource(),
	}
}
