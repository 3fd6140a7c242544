// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"
	"errors"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pipeline"

	"github.com/headcount-otel/headcount/state"
)

// queue is the Collector's queue and retry. It can be emptied, which the
// Collector's own cannot: it is stopped, its storage cleared, and another made.
type queue struct {
	build func() (exporter.Metrics, error)
	// storage is the queue's own; nil for a queue in memory.
	storage *component.ID

	// changing is held by what starts, empties and stops.
	changing sync.Mutex
	host     component.Host
	mu       sync.RWMutex
	current  exporter.Metrics
}

func newQueue(build func() (exporter.Metrics, error), storage *component.ID) (*queue, error) {
	current, err := build()
	return &queue{build: build, storage: storage, current: current}, err
}

func (q *queue) start(ctx context.Context, host component.Host) error {
	q.changing.Lock()
	defer q.changing.Unlock()
	q.host = host
	return q.current.Start(context.WithoutCancel(ctx), host)
}

// nothing is the metrics that a request comes instead of.
var nothing = pmetric.NewMetrics()

func (q *queue) put(ctx context.Context, reports []report) error {
	q.mu.RLock()
	defer q.mu.RUnlock()
	return q.current.ConsumeMetrics(passed{ctx, &request{reports}}, nothing)
}

func (q *queue) shutdown(ctx context.Context) error {
	q.changing.Lock()
	defer q.changing.Unlock()
	q.host = nil
	return q.current.Shutdown(ctx)
}

// empty discards all that waits. What is under way, or is still taken from the queue
// while that stops, is tried once more, and finds that consent is gone; the rest of
// what a persistent queue holds is deleted unread.
func (q *queue) empty(ctx context.Context, host component.Host, owner component.ID) error {
	q.changing.Lock()
	defer q.changing.Unlock()
	err := q.current.Shutdown(ctx)
	next, buildErr := q.build()
	if err = errors.Join(err, buildErr); err != nil {
		return err
	}
	q.mu.Lock()
	q.current = next
	q.mu.Unlock()
	if q.storage != nil {
		store, err := state.OpenPart(ctx, host, q.storage, component.KindExporter, owner, pipeline.SignalMetrics.String())
		if err != nil {
			return err
		}
		if err := errors.Join(store.Clear(ctx), store.Close(ctx)); err != nil {
			return err
		}
	}
	if q.host == nil {
		return nil // it had not been started
	}
	return next.Start(context.WithoutCancel(ctx), q.host)
}
