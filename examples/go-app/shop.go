// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/http"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// newShop is the application: it counts requests by feature, and the users that it saw.
// It knows the OpenTelemetry API, and nothing of where the counts go.
func newShop() (http.Handler, error) {
	meter := otel.Meter("shop")
	requests, err := meter.Int64Counter("shop.requests", metric.WithUnit("{request}"))
	if err != nil {
		return nil, err
	}
	users, err := meter.Int64Gauge("shop.users", metric.WithUnit("{user}"))
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	seen := map[string]bool{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{feature}", func(w http.ResponseWriter, r *http.Request) {
		feature := r.PathValue("feature")
		requests.Add(r.Context(), 1, metric.WithAttributes(attribute.String("feature", feature)))
		mu.Lock()
		seen[r.FormValue("user")] = true
		users.Record(r.Context(), int64(len(seen)))
		mu.Unlock()
		fmt.Fprintln(w, "done:", feature)
	})
	return mux, nil
}
