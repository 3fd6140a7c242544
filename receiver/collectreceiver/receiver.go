// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/headcount-otel/headcount/internal/listening"
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
	handler *handler
	host    component.Host
	consent trust.Consent
	port    listening.Listener

	loaded  bool // what is remembered has been read
	store   state.Store
	server  *http.Server // while the port is open
	address net.Addr
	serving sync.WaitGroup
}

func newReceiver(set receiver.Settings, cfg *Config, next consumer.Metrics) (*collectReceiver, error) {
	h, err := newHandler(set, cfg, next)
	if err != nil {
		return nil, err
	}
	r := &collectReceiver{config: cfg, set: set, next: next, handler: h}
	r.port = listening.Listener{For: "stats", Open: r.open, Close: r.close, Logger: set.Logger}
	return r, nil
}

// Start listens, unless consent is off; then nothing is opened until that changes.
func (r *collectReceiver) Start(ctx context.Context, host component.Host) (err error) {
	r.host = host
	if r.consent, err = trust.ConsentOf(host, r.config.Consent, trust.Member{Kind: component.KindReceiver, ID: r.set.ID}); err != nil {
		return err
	}
	r.handler.ledger = trust.ObserverOf(r.consent)
	if r.config.Ledger != nil {
		if r.handler.ledger, err = trust.LedgerOf(host, r.config.Ledger); err != nil {
			return err
		}
	}
	return r.port.Start(ctx, host, r.consent)
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
	err := r.port.Shutdown(ctx)
	r.handler.wait(ctx)
	store := r.store
	r.store = state.Store{}
	return errors.Join(err, store.Close(ctx))
}
