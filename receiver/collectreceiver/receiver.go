// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

// maxHeader bounds what a client may make the server hold before its body.
const maxHeader = 16 << 10

// collectReceiver serves the collect endpoint.
type collectReceiver struct {
	config  *Config
	set     receiver.Settings
	next    consumer.Metrics
	store   state.Store
	handler *handler
	server  *http.Server
	address net.Addr
	serving sync.WaitGroup
}

func newReceiver(set receiver.Settings, cfg *Config, next consumer.Metrics) (*collectReceiver, error) {
	h, err := newHandler(set, cfg, next)
	if err != nil {
		return nil, err
	}
	return &collectReceiver{config: cfg, set: set, next: next, handler: h}, nil
}

// Start opens what is remembered, and then the listener.
func (r *collectReceiver) Start(ctx context.Context, host component.Host) error {
	var err error
	if r.handler.ledger, err = trust.LedgerOf(host, r.config.Ledger); err != nil {
		return err
	}
	if r.store, err = state.Open(ctx, host, r.config.Storage, component.KindReceiver, r.set.ID); err != nil {
		return err
	}
	if err = r.handler.deliveries.load(ctx, r.store, r.set.Logger); err != nil {
		return err
	}
	if err = r.handler.tenants.load(ctx, r.store, r.set.Logger); err != nil {
		return err
	}
	if r.server, err = r.newServer(ctx, host); err != nil {
		return err
	}
	listener, err := r.config.ServerConfig.ToListener(ctx)
	if err != nil {
		return fmt.Errorf("endpoint: %q cannot be opened: %w", r.config.ServerConfig.NetAddr.Endpoint, err)
	}
	r.address = listener.Addr()
	r.server.Handler = r.handler.guard(isLoopback(r.address), identity(r.server.Handler))
	r.set.Logger.Info("Listening for stats", zap.Stringer("endpoint", r.address), zap.String("path", r.config.Path))
	r.serving.Go(func() {
		if err := r.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(err))
		}
	})
	return nil
}

// newServer makes the Collector's HTTP server, without all in it that tells of
// clients: its spans have their address, its metrics the Host they name, its
// log the address of each that breaks off a handshake.
func (r *collectReceiver) newServer(ctx context.Context, host component.Host) (*http.Server, error) {
	silent := r.set.TelemetrySettings
	silent.TracerProvider = tracenoop.NewTracerProvider()
	silent.MeterProvider = metricnoop.NewMeterProvider()
	server, err := r.config.ServerConfig.ToServer(ctx, host.GetExtensions(), silent, r.handler, confighttp.WithErrorHandler(r.handler.refuseEarly))
	if err != nil {
		return nil, err
	}
	if r.config.isPlain() {
		server.Handler = shortcut(r.handler, server.Handler)
	}
	if r.config.Oblivious.HasValue() {
		if server.Handler, err = r.handler.withOblivious(r.config.Oblivious.Get(), server.Handler); err != nil {
			return nil, err
		}
	}
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.MaxHeaderBytes = maxHeader
	return server, nil
}

// shortcut hands plain requests to our handler at once. The Collector's chain
// would only read the client's address and set up telemetry that is silent.
func shortcut(ours, chain http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, encoded := r.Header["Content-Encoding"]; encoded {
			chain.ServeHTTP(w, r)
			return
		}
		ours.ServeHTTP(w, r)
	})
}

// Shutdown answers what is under way, as long as ctx allows.
func (r *collectReceiver) Shutdown(ctx context.Context) error {
	var errs error
	if r.server != nil {
		if errs = r.server.Shutdown(ctx); errs != nil {
			errs = errors.Join(errs, r.server.Close())
		}
		r.serving.Wait()
	}
	r.handler.wait(ctx)
	store := r.store
	r.store = state.Store{}
	return errors.Join(errs, store.Close(ctx))
}
