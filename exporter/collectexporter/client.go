// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"

	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
)

// newClient makes the endpoint that the Collector's HTTP client settings reach.
func newClient(ctx context.Context, cfg confighttp.ClientConfig, host component.Host, set component.TelemetrySettings, userAgent string) (*endpoint.Endpoint, error) {
	// Without a tracer confighttp adds no instrumentation, which would send a
	// traceparent and put the URL's query into spans.
	set.TracerProvider = nil
	client, err := cfg.ToClient(ctx, host.GetExtensions(), set)
	if err != nil {
		return nil, err
	}
	return endpoint.New(ctx, cfg.Endpoint, client.Transport, cfg.Timeout, userAgent)
}
