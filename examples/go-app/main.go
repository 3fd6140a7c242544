// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// The shop is a web application that reports once a week how much it is used:
//
//	SHOP_COLLECT_URL=http://127.0.0.1:4390/stat go run .
//	curl 'http://127.0.0.1:8080/search?user=ada'
//
// What it reports stands in profile.yaml. DO_NOT_TRACK=1 or SHOP_STATISTICS=no: nothing.
package main

import (
	"context"
	_ "embed"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/headcount-otel/headcount/exporter/collectmetric"
)

//go:embed profile.yaml
var profile []byte

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	exporter, err := collectmetric.New(ctx,
		collectmetric.WithProfile(profile),
		collectmetric.WithStateDir(getenv("SHOP_STATE_DIR", ".shop")))
	if err != nil {
		return err
	}
	// Each minute the exporter is asked; once a week something is due.
	provider := sdkmetric.NewMeterProvider(
		sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter, sdkmetric.WithInterval(time.Minute))),
		sdkmetric.WithResource(resource.NewSchemaless(attribute.String("service.version", "2.7.1"))))
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
