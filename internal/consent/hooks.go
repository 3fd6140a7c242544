// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import (
	"context"
	"errors"
	"sync"

	"go.uber.org/zap"
)

// hooks are the withdrawal hooks: what has to be done when consent is withdrawn.
type hooks struct {
	mu      sync.Mutex
	pending bool // an earlier withdrawal was cut short, or failed
	next    int
	listed  map[int]func(context.Context) error
}

func (h *hooks) add(discard func(context.Context) error, logger *zap.Logger) (forget func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pending {
		if err := discard(context.Background()); err != nil {
			logger.Error("Consent was withdrawn, but not everything could be discarded", zap.Error(err))
		}
	}
	if h.listed == nil {
		h.listed = map[int]func(context.Context) error{}
	}
	id := h.next
	h.next++
	h.listed[id] = discard
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.listed, id)
	}
}

// all calls every one of them, also when one fails.
func (h *hooks) all(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	for _, discard := range h.listed {
		errs = append(errs, discard(ctx))
	}
	err := errors.Join(errs...)
	h.pending = err != nil
	return err
}
