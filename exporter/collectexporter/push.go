// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exporterhelper/xexporterhelper"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/trust"
)

var errStopping = errors.New("the exporter is stopping")

// setback is why a stat has to be tried again.
type setback struct {
	err error
	// wait is how long the endpoint asks to wait.
	wait time.Duration
	// halt: there is no point in trying the next stat now.
	halt bool
}

// push sends the reports that are still due. What has to be tried again is
// returned in the error; what was not tried comes first in it, so that a report
// that always fails does not stand in the others' way.
func (e *collectExporter) push(ctx context.Context, r xexporterhelper.Request) error {
	var last setback
	var untried, failed []report
	reports := r.(*request).reports
	for i := range reports {
		e.line.call(reports[i].owner)
	}
	for i := range reports {
		s := e.deliver(ctx, &reports[i])
		if s.err == nil {
			continue
		}
		last = s
		failed = append(failed, reports[i])
		if s.halt {
			untried = append(untried, reports[i+1:]...)
			break
		}
	}
	if last.err == nil {
		return nil
	}
	if last.wait > 0 {
		last.err = exporterhelper.NewThrottleRetry(last.err, last.wait)
	}
	return remaining{last.err, append(untried, failed...)}
}

// deliver sends one report, if it still may be sent and is due.
func (e *collectExporter) deliver(ctx context.Context, r *report) (s setback) {
	pace := e.paces[r.stat]
	defer func() {
		if s.err == nil {
			e.line.leave(r.owner)
		}
	}()
	// The Collector's queue never ends a context; Shutdown ends this one.
	giveBack, err := e.book.Turn(e.running, r.owner)
	if err != nil {
		return setback{err: errStopping, halt: true}
	}
	defer giveBack()

	if !e.permits() {
		e.withheld(ctx, r.stat)
		return setback{}
	}
	key, wait, err := e.book.Try(ctx, r.owner, r.stat, pace.Interval)
	if err != nil {
		return e.forgetful(err)
	}
	if wait > 0 {
		e.notDue(ctx, r.stat, wait)
		return setback{}
	}
	e.health.well(problem{what: theStorage}, "What was accepted can be remembered again")
	if e.config.DryRun {
		e.show(ctx, r, pace)
		return setback{}
	}
	return e.try(ctx, r, pace, key)
}

// forgetful: without its memory a stat would be sent twice, so it is not sent.
func (e *collectExporter) forgetful(err error) setback {
	e.health.ill(problem{what: theStorage}, err, "What was accepted cannot be remembered; nothing is sent")
	return setback{err: err, halt: true}
}

// unrecorded: what the operator could not look up is not sent.
func (e *collectExporter) unrecorded(err error) setback {
	e.health.ill(problem{what: theRecord}, err, "What would be sent cannot be recorded; nothing is sent")
	return setback{err: err, halt: true}
}

// show is what a dry run does instead of a request.
func (e *collectExporter) show(ctx context.Context, r *report, pace pacing.Pace) {
	e.logger.Info("Dry run: this would be sent", zap.String("stat", r.stat), zap.String("host", e.client.Host), zap.ByteString("body", r.body))
	e.account.Delivered(trust.Delivery{Time: e.now(), Stat: r.stat, Host: e.client.Host, Body: r.body, DryRun: true})
	_ = e.book.Accepted(ctx, r.owner, r.stat, pace.Interval) // in memory only: nothing to fail
}

// try makes one request, and notes what came of it before the next one.
func (e *collectExporter) try(ctx context.Context, r *report, pace pacing.Pace, key string) setback {
	delivery := trust.Delivery{Time: e.now(), Stat: r.stat, Host: e.client.Host, Body: r.body, Key: key}
	if err := e.account.Sending(delivery); err != nil {
		return e.unrecorded(err)
	}
	e.health.well(problem{what: theRecord}, "What is sent can be recorded again")
	answer, err := e.client.Post(e.running, r.body, key)
	e.telemetry.ExporterCollectStatsSent.Add(ctx, 1)
	answered := e.now()
	e.telemetry.ExporterCollectRoundTripDuration.Record(ctx, answered.Sub(delivery.Time).Seconds())
	delivery.Status = answer.Status
	e.account.Delivered(delivery)

	const failing = "A stat could not be delivered; it is tried again"
	name := zap.String("stat", r.stat)
	if err != nil {
		if e.running.Err() != nil {
			return setback{err: errStopping, halt: true}
		}
		e.health.ill(problem{what: theEndpoint}, err, failing, name)
		return setback{err: err, halt: true}
	}
	verdict := answer.Verdict()
	if verdict != endpoint.Accepted {
		err = fmt.Errorf("%s answered with status %d", e.client.Host, answer.Status)
	}
	switch verdict {
	case endpoint.Accepted:
		e.health.well(problem{what: theEndpoint}, "The endpoint accepts stats again")
		e.health.well(problem{theRefusal, r.stat}, "The endpoint accepts a stat again", name)
		e.telemetry.ExporterCollectStatsAccepted.Add(ctx, 1)
		e.noted(e.book.Accepted(ctx, r.owner, r.stat, pace.Interval))
		e.account.Due(r.stat, answered.Add(pace.Interval))
		return setback{}
	case endpoint.Busy:
		e.health.ill(problem{what: theEndpoint}, err, failing, name)
		return setback{err: err, wait: answer.RetryAfter, halt: true}
	case endpoint.Refused:
		e.telemetry.ExporterCollectStatsRefused.Add(ctx, 1, metric.WithAttributes(attribute.Int("http.response.status_code", answer.Status)))
		e.account.Unsent(trust.Unsent{Stat: r.stat, Reason: trust.Dropped})
		e.health.ill(problem{theRefusal, r.stat}, err, "The endpoint refuses a stat; it is dropped, and rests for a while", name)
		e.noted(e.book.Refused(ctx, r.owner, r.stat))
		return setback{}
	default:
		e.health.ill(problem{what: theEndpoint}, err, failing, name)
		return setback{err: err}
	}
}

// noted tells when an answer could not be stored. It holds in memory, and a
// repetition after a restart carries the same Idempotency-Key.
func (e *collectExporter) noted(err error) {
	if err != nil {
		e.health.ill(problem{what: theStorage}, err, "An answer of the endpoint cannot be remembered beyond the end of this process")
	}
}
