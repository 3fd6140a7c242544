// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"context"
	"errors"
	"sync"

	"go.uber.org/zap"
)

// discards is what has to be done when consent is withdrawn.
type discards struct {
	mu      sync.Mutex
	pending bool // an earlier withdrawal was cut short, or failed
	next    int
	listed  map[int]func(context.Context) error
}

func (d *discards) add(discard func(context.Context) error, logger *zap.Logger) (forget func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pending {
		if err := discard(context.Background()); err != nil {
			logger.Error("Consent was withdrawn, but not everything could be discarded", zap.Error(err))
		}
	}
	if d.listed == nil {
		d.listed = map[int]func(context.Context) error{}
	}
	id := d.next
	d.next++
	d.listed[id] = discard
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.listed, id)
	}
}

// all calls every one of them, also when one fails.
func (d *discards) all(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for _, discard := range d.listed {
		errs = append(errs, discard(ctx))
	}
	err := errors.Join(errs...)
	d.pending = err != nil
	return err
}
