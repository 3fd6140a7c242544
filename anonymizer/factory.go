// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processorhelper"

	"github.com/headcount-otel/headcount/anonymizer/internal/metadata"
	"github.com/headcount-otel/headcount/trust"
)

// NewFactory returns the factory of the anonymizer.
func NewFactory() processor.Factory {
	return processor.NewFactory(
		metadata.Type,
		createDefaultConfig,
		processor.WithMetrics(createMetrics, metadata.MetricsStability),
	)
}

func createDefaultConfig() component.Config {
	return &Config{Timestamps: Timestamps{Truncate: 24 * time.Hour}}
}

func createMetrics(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Metrics) (processor.Metrics, error) {
	a, err := newAnonymizer(set, cfg.(*Config))
	if err != nil {
		return nil, err
	}
	return a.before(ctx, set, next)
}

// before is the processor that hands on to next, with the mark that next may ask for.
func (a *anonymizer) before(ctx context.Context, set processor.Settings, next consumer.Metrics) (processor.Metrics, error) {
	marked, err := consumer.NewMetrics(func(ctx context.Context, md pmetric.Metrics) error {
		return next.ConsumeMetrics(trust.Anonymized(ctx, md, a.rules), md)
	}, consumer.WithCapabilities(next.Capabilities()))
	if err != nil {
		return nil, err
	}
	return processorhelper.NewMetrics(
		ctx, set, a.cfg, marked, a.process,
		processorhelper.WithStart(a.start),
		processorhelper.WithShutdown(a.shutdown),
		processorhelper.WithCapabilities(consumer.Capabilities{MutatesData: true}),
	)
}
