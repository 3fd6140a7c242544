// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/receiver"
)

// usageReceiver is a scraper controller that stops in the middle of a scrape,
// and any number of times.
type usageReceiver struct {
	receiver.Metrics
	interrupt context.CancelFunc
	stop      sync.Once
}

// Shutdown interrupts a scrape and returns by ctx's deadline.
func (r *usageReceiver) Shutdown(ctx context.Context) error {
	stopped := make(chan error, 1)
	r.stop.Do(func() {
		r.interrupt()
		go func() { stopped <- r.Metrics.Shutdown(ctx) }()
		select {
		case err := <-stopped:
			stopped <- err
		case <-ctx.Done():
			stopped <- ctx.Err()
		}
	})
	select {
	case err := <-stopped:
		return err
	default:
		return nil
	}
}
