// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package otlpreceiver

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/xconsumer"
	"go.opentelemetry.io/collector/receiver"
	core "go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/xreceiver"
)

// NewFactory makes the factory of otlp.
func NewFactory() receiver.Factory {
	base := core.NewFactory().(xreceiver.Factory)
	defaults := func() component.Config {
		return &Config{Config: *base.CreateDefaultConfig().(*core.Config)}
	}
	return xreceiver.NewFactory(base.Type(), defaults,
		xreceiver.WithMetrics(func(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
			return with(set, cfg.(*Config), func(ctx context.Context) (component.Component, error) {
				return base.CreateMetrics(ctx, set, &cfg.(*Config).Config, next)
			}), nil
		}, base.MetricsStability()),
		xreceiver.WithTraces(func(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Traces) (receiver.Traces, error) {
			return with(set, cfg.(*Config), func(ctx context.Context) (component.Component, error) {
				return base.CreateTraces(ctx, set, &cfg.(*Config).Config, next)
			}), nil
		}, base.TracesStability()),
		xreceiver.WithLogs(func(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs) (receiver.Logs, error) {
			return with(set, cfg.(*Config), func(ctx context.Context) (component.Component, error) {
				return base.CreateLogs(ctx, set, &cfg.(*Config).Config, next)
			}), nil
		}, base.LogsStability()),
		xreceiver.WithProfiles(func(_ context.Context, set receiver.Settings, cfg component.Config, next xconsumer.Profiles) (xreceiver.Profiles, error) {
			return with(set, cfg.(*Config), func(ctx context.Context) (component.Component, error) {
				return base.CreateProfiles(ctx, set, &cfg.(*Config).Config, next)
			}), nil
		}, base.ProfilesStability()),
	)
}
