// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// A shop in Go that counts with OpenTelemetry's SDK and sends to headcount on this machine.
//
//	headcount --config app:otlp --config file:profile.yaml
//	go run .
package main

import (
	"context"
	"errors"
	"log"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
)

func main() {
	ctx := context.Background()
	exporter, err := otlpmetrichttp.New(ctx) // OTEL_EXPORTER_OTLP_ENDPOINT says where, http://127.0.0.1:4318 without it
	if err != nil {
		log.Fatal(err)
	}
	provider := sdkmetric.NewMeterProvider(
		sdkmetric.WithResource(resource.NewSchemaless(attribute.String("service.name", "shop"), attribute.String("service.version", "2.7.1"))),
		sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)))
	meter := provider.Meter("shop")
	orders, err := meter.Int64Counter("shop.orders", metric.WithUnit("{order}"))
	baskets, err2 := meter.Int64UpDownCounter("shop.baskets", metric.WithUnit("{basket}"))
	if err := errors.Join(err, err2); err != nil {
		log.Fatal(err)
	}

	orders.Add(ctx, 54)
	baskets.Add(ctx, 7)
	if err := provider.Shutdown(ctx); err != nil { // sends what was counted
		log.Fatal(err)
	}
}
