// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric_test

import (
	"context"
	"log"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/exporter/collectmetric"
	"github.com/headcount-otel/headcount/trust"
)

// A program reports once a week how many orders there were, to the next ten.
func Example() {
	exporter, err := collectmetric.New(context.Background(),
		collectmetric.WithEndpoint("https://collect.example.com/stat"),
		collectmetric.WithStateDir("/var/lib/shop/statistics"),
		collectmetric.WithStat("WEEKLY", 7*24*time.Hour, collectmetric.Field{Key: "orders", Metric: "shop.orders"}),
		collectmetric.WithRule("shop.orders", rule.Number{Round: &rule.Round{To: 10}}),
		collectmetric.WithResourceRule("service.instance.id", rule.Text{Pseudonym: &rule.Pseudonym{Every: "quarter"}}))
	if err != nil {
		log.Fatal(err)
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)))
	defer func() { _ = provider.Shutdown(context.Background()) }()
}

// The same from a profile, which a Collector can run too.
func ExampleWithProfile() {
	exporter, err := collectmetric.New(context.Background(),
		collectmetric.WithStateDir("/var/lib/shop/statistics"),
		collectmetric.WithProfile([]byte(`
processors:
  anonymizer:
    storage: file_storage
    metrics:  {shop.orders: {round: {to: 10}}}
    resource: {service.instance.id: {pseudonym: {every: quarter}}}
exporters:
  collect:
    endpoint: https://collect.example.com/stat
    stats:
      WEEKLY: {interval: 168h, value: {orders: {metric: shop.orders}}}
`)))
	if err != nil {
		log.Fatal(err)
	}
	_ = exporter
}

// A program's own switch is asked each time.
func ExampleWithConsent() {
	settings := struct{ statistics bool }{}
	_ = collectmetric.WithConsent(func() trust.Mode {
		if settings.statistics {
			return trust.On
		}
		return trust.Off
	})
}
