// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/state"
)

// open reads what is remembered, once, and opens the listener.
func (r *collectReceiver) open(ctx context.Context) error {
	if err := r.load(ctx); err != nil {
		return err
	}
	server, err := r.newServer(ctx, r.host)
	if err != nil {
		return err
	}
	listener, err := r.config.ServerConfig.ToListener(ctx)
	if err != nil {
		return fmt.Errorf("endpoint: %q cannot be opened: %w", r.config.ServerConfig.NetAddr.Endpoint, err)
	}
	r.server, r.address = server, listener.Addr()
	server.Handler = r.handler.guard(isLoopback(r.address), identity(server.Handler))
	r.set.Logger.Info("Listening for stats", zap.Stringer("endpoint", r.address), zap.String("path", r.config.Path))
	r.serving.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			componentstatus.ReportStatus(r.host, componentstatus.NewFatalErrorEvent(err))
		}
	})
	return nil
}

func (r *collectReceiver) load(ctx context.Context) (err error) {
	if r.loaded {
		return nil
	}
	if r.store, err = state.Open(ctx, r.host, r.config.Storage, component.KindReceiver, r.set.ID); err != nil {
		return err
	}
	if err := r.handler.deliveries.load(ctx, r.store, r.set.Logger); err != nil {
		return err
	}
	if err := r.handler.tenants.load(ctx, r.store, r.set.Logger); err != nil {
		return err
	}
	if err := r.handler.signers.load(ctx, r.store, r.set.Logger); err != nil {
		return err
	}
	r.loaded = true
	return nil
}

// close ends the listener, and cuts off what is still under way when ctx ends.
func (r *collectReceiver) close(ctx context.Context) error {
	err := r.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, r.server.Close())
	}
	r.serving.Wait()
	return err
}
