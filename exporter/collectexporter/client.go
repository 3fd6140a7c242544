// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
)

// newClient makes the endpoint that the Collector's HTTP client settings reach, through a relay where there is one.
func newClient(ctx context.Context, cfg *Config, host component.Host, set component.TelemetrySettings, userAgent string) (*endpoint.Endpoint, error) {
	// Without a tracer confighttp adds no instrumentation, which would send a
	// traceparent and put the URL's query into spans.
	set.TracerProvider = nil
	settings := cfg.ClientConfig
	relay := cfg.Oblivious.Get()
	if relay != nil {
		settings.Headers = nil // they are the endpoint's, and go inside
	}
	client, err := settings.ToClient(ctx, host.GetExtensions(), set)
	if err != nil {
		return nil, err
	}
	transport := client.Transport
	if relay != nil {
		if transport, err = relay.Through(transport); err != nil {
			return nil, err
		}
		transport = endpoint.WithHeaders(transport, cfg.ClientConfig.Headers)
	}
	return endpoint.New(ctx, settings.Endpoint, transport, settings.Timeout, userAgent)
}
