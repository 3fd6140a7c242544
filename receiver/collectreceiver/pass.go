// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectreceiver

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.uber.org/zap"
)

const (
	// retryLater is when senders are told to come again while the pipeline is away.
	retryLater = 30 * time.Second
	// maxWaiting bounds the reports for which a pipeline has not answered: what waits takes memory.
	maxWaiting = 1000
)

var errPanic = errors.New("a request ended in a panic")

// pass hands a report's metrics to the pipeline, and waits for its answer until patience
// ends: some exporters give none for as long as their backend is away.
// ended is called once, in time or later, so that a report that was taken in after
// its sender was told to come again is known as a repetition.
func (h *handler) pass(ctx, patience context.Context, report *report, ended func(accepted bool)) *refusal {
	h.telemetry.ReceiverCollectFieldsDropped.Add(ctx, int64(report.dropped))
	if report.dropped == len(report.stat.Value) {
		h.bodies.Put(report.body)
		ended(true)
		return nil // nothing is left to pass on
	}
	if h.waiting.Add(1) > maxWaiting {
		h.waiting.Add(-1)
		h.bodies.Put(report.body)
		ended(false)
		return &refusal{http.StatusServiceUnavailable, "reports cannot be taken in now; try again later", retryLater}
	}
	answered := make(chan error, 1)
	h.passing.Go(func() {
		err := h.consume(ctx, report)
		h.waiting.Add(-1)
		if err == nil {
			h.show(report)
		}
		h.bodies.Put(report.body)
		ended(err == nil)
		answered <- err
	})
	select {
	case err := <-answered:
		return refusalOf(err)
	case <-patience.Done():
		h.noteHealth(errNoAnswer)
		return &refusal{http.StatusServiceUnavailable, "reports cannot be taken in now; try again later", retryLater}
	}
}

var errNoAnswer = errors.New("it gives no answer within pipeline_timeout")

// consume is one report's way through the pipeline. What a panic says may be a report's.
func (h *handler) consume(ctx context.Context, report *report) (err error) {
	defer func() {
		if recover() != nil {
			h.notices.Logger.Error("A request ended in a panic", zap.ByteString("stack", debug.Stack()))
			err = errPanic
		}
	}()
	points := report.metrics.DataPointCount()
	ctx = h.reporter.StartMetricsOp(ctx)
	err = h.next.ConsumeMetrics(ctx, report.metrics)
	h.reporter.EndMetricsOp(ctx, "collect", points, err)
	h.noteHealth(err)
	return err
}

func refusalOf(err error) *refusal {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errPanic):
		return &refusal{status: http.StatusInternalServerError, reason: "this endpoint has a fault"}
	case consumererror.IsPermanent(err):
		return &refusal{status: http.StatusBadRequest, reason: "this report cannot be taken in; do not send it again"}
	default:
		return &refusal{http.StatusServiceUnavailable, "reports cannot be taken in now; try again later", retryLater}
	}
}

// wait waits for the reports that a pipeline has not answered for, as long as ctx allows.
func (h *handler) wait(ctx context.Context) {
	ended := make(chan struct{})
	go func() {
		h.passing.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}
