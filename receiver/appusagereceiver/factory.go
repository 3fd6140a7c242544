// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/scraper"
	"go.opentelemetry.io/collector/scraper/scraperhelper"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/metadata"
)

// NewFactory creates the factory of the appusage receiver.
func NewFactory() receiver.Factory {
	return receiver.NewFactory(
		metadata.Type,
		createDefaultConfig,
		receiver.WithMetrics(createMetrics, metadata.MetricsStability),
	)
}

func createMetrics(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
	return newReceiver(set, cfg.(*Config), next)
}

func newReceiver(set receiver.Settings, cfg *Config, next consumer.Metrics, options ...scraperhelper.ControllerOption) (receiver.Metrics, error) {
	s, err := newUsageScraper(set, cfg)
	if err != nil {
		return nil, err
	}
	accepted, err := consumer.NewMetrics(s.handOver(next), consumer.WithCapabilities(next.Capabilities()))
	if err != nil {
		return nil, err
	}
	metrics, err := scraper.NewMetrics(s.scrape, scraper.WithStart(s.start), scraper.WithShutdown(s.shutdown))
	if err != nil {
		return nil, err
	}
	options = append(options, scraperhelper.AddMetricsScraper(metadata.Type, metrics))
	controller, err := scraperhelper.NewMetricsController(&cfg.ControllerConfig, set, accepted, options...)
	if err != nil {
		return nil, err
	}
	return &usageReceiver{Metrics: controller, interrupt: s.interrupt}, nil
}
