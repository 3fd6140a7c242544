// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package otlpreceiver

import (
	"context"
	"errors"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/receiver"

	"github.com/headcount-otel/headcount/internal/listening"
	"github.com/headcount-otel/headcount/trust"
)

// otlp is one receiver, whatever signals its pipelines take from it. The Collector's
// own is made when the port is to be opened, and thrown away when it is closed.
type otlp struct {
	set    receiver.Settings
	config *Config
	port   listening.Listener
	make   []func(context.Context) (component.Component, error) // for each signal
	host   component.Host
	opened []component.Component
	start  sync.Once
	end    sync.Once
}

// made are the receivers of this process: the Collector asks for one signal after
// the other, and its own receiver serves them all on one port.
var made = struct {
	sync.Mutex
	receivers map[*Config]*otlp
}{receivers: map[*Config]*otlp{}}

// with gives the receiver of a configuration one more signal.
func with(set receiver.Settings, cfg *Config, signal func(context.Context) (component.Component, error)) *otlp {
	made.Lock()
	defer made.Unlock()
	r := made.receivers[cfg]
	if r == nil {
		r = &otlp{set: set, config: cfg}
		r.port = listening.Listener{For: "OTLP", Open: r.open, Close: r.close, Logger: set.Logger}
		made.receivers[cfg] = r
	}
	r.make = append(r.make, signal)
	return r
}

// Start is called for each signal; the first one counts.
func (r *otlp) Start(ctx context.Context, host component.Host) (err error) {
	r.start.Do(func() {
		r.host = host
		var consent trust.Consent
		consent, err = trust.ConsentOf(host, r.config.Consent, trust.Member{Kind: component.KindReceiver, ID: r.set.ID})
		if err == nil {
			err = r.port.Start(ctx, host, consent)
		}
	})
	return err
}

// Shutdown is called for each signal; the first one counts.
func (r *otlp) Shutdown(ctx context.Context) (err error) {
	r.end.Do(func() {
		made.Lock()
		delete(made.receivers, r.config)
		made.Unlock()
		err = r.port.Shutdown(ctx)
	})
	return err
}

// open makes the Collector's receiver, with all signals before any starts.
func (r *otlp) open(ctx context.Context) error {
	for _, signal := range r.make {
		c, err := signal(ctx)
		if err != nil {
			return errors.Join(err, r.close(ctx))
		}
		r.opened = append(r.opened, c)
	}
	for _, c := range r.opened {
		if err := c.Start(ctx, r.host); err != nil {
			return errors.Join(err, r.close(ctx))
		}
	}
	return nil
}

func (r *otlp) close(ctx context.Context) error {
	var errs []error
	for _, c := range r.opened {
		errs = append(errs, c.Shutdown(ctx))
	}
	r.opened = nil
	return errors.Join(errs...)
}
