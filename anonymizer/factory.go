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
		return next.ConsumeMetrics(trust.Anonymized(ctx, md, a.rules, a.nulls(ctx)), md)
	}, consumer.WithCapabilities(next.Capabilities()))
	if err != nil {
		return nil, err
	}
	inner, err := processorhelper.NewMetrics(
		ctx, set, a.cfg, marked, a.process,
		processorhelper.WithStart(a.start),
		processorhelper.WithShutdown(a.shutdown),
		processorhelper.WithCapabilities(consumer.Capabilities{MutatesData: true}),
	)
	return notingNulls{inner}, err
}

// notingNulls gives each request room for what is known of its numbers without value.
type notingNulls struct{ processor.Metrics }

type unreadKey struct{}

// ConsumeMetrics implements consumer.Metrics.
func (n notingNulls) ConsumeMetrics(ctx context.Context, md pmetric.Metrics) error {
	return n.Metrics.ConsumeMetrics(context.WithValue(ctx, unreadKey{}, new([]int)), md)
}

// nulls is what the mark says of them.
func (a *anonymizer) nulls(ctx context.Context) trust.Nulls {
	nulls := trust.Nulls{Suppresses: a.suppresses}
	if unread, met := ctx.Value(unreadKey{}).(*[]int); met {
		nulls.Unread = *unread
	}
	return nulls
}

// suppresses reports whether a metric's numbers may be too small to leave.
func (a *anonymizer) suppresses(metric string) bool {
	chain, named := a.metrics.find(metric)
	return named && chain.Suppresses
}
