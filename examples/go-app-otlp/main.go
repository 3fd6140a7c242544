// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// The shop of ../go-app, where a Collector does the rest: it sends its counts over
// OTLP to headcount, which anonymizes and reports them by the same profile.
//
//	headcount --config file:../go-app/profile.yaml
//	OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 go run .
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	exporter, err := otlpmetrichttp.New(ctx)
	if err != nil {
		return err
	}
	provider := sdkmetric.NewMeterProvider(
		sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter, sdkmetric.WithInterval(time.Minute))),
		sdkmetric.WithResource(resource.NewSchemaless(
			attribute.String("service.version", "2.7.1"),
			// collectmetric makes this one where there is none; a Collector cannot.
			attribute.String("service.instance.id", os.Getenv("SHOP_ID")))))
	defer func() { _ = provider.Shutdown(context.Background()) }()
	otel.SetMeterProvider(provider)

	return serve(ctx)
}

func serve(ctx context.Context) error {
	shop, err := newShop()
	if err != nil {
		return err
	}
	server := &http.Server{Addr: getenv("SHOP_ADDRESS", "127.0.0.1:8080"), Handler: shop, ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Shutdown(context.Background()) })()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func getenv(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
