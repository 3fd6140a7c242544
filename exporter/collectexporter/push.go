// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/collect"
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

// push sends the stats that are due in metrics. What has to be tried again is
// returned in the error; resources that were not tried come first in it, so that
// one that always fails does not stand in the others' way.
func (e *collectExporter) push(ctx context.Context, metrics pmetric.Metrics) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.running, cancel)()

	var last setback
	untried, failed := pmetric.NewMetrics(), pmetric.NewMetrics()
	for _, resource := range metrics.ResourceMetrics().All() {
		if last.halt {
			resource.CopyTo(untried.ResourceMetrics().AppendEmpty())
			continue
		}
		if s := e.pushResource(ctx, resource); s.err != nil {
			resource.CopyTo(failed.ResourceMetrics().AppendEmpty())
			last = s
		}
	}
	if last.err == nil {
		return nil
	}
	if last.wait > 0 {
		last.err = exporterhelper.NewThrottleRetry(last.err, last.wait)
	}
	failed.ResourceMetrics().MoveAndAppendTo(untried.ResourceMetrics())
	return consumererror.NewMetrics(last.err, untried)
}

func (e *collectExporter) pushResource(ctx context.Context, resource pmetric.ResourceMetrics) (last setback) {
	stats, _ := e.mapping.Stats(resource, e.now())
	for i := range stats {
		if s := e.deliver(ctx, &stats[i]); s.err != nil {
			last = s
		}
		if last.halt {
			break
		}
	}
	return last
}

// deliver sends one stat, if it still may and is due.
func (e *collectExporter) deliver(ctx context.Context, stat *collect.Stat) (s setback) {
	pace := e.paces[stat.Name]
	owner := pacing.NewOwner(stat.InstanceID, pace.name)
	defer func() {
		if s.err == nil {
			e.line.leave(owner)
		}
	}()
	giveBack, err := e.book.Turn(ctx, owner)
	if err != nil {
		return setback{err: errStopping, halt: true}
	}
	defer giveBack()
	if e.running.Err() != nil {
		return setback{err: errStopping, halt: true}
	}

	if permitted, _, _ := e.permits(); !permitted {
		e.withheld(ctx, stat.Name)
		return setback{}
	}
	wait, err := e.book.Wait(ctx, owner, stat.Name, pace.interval)
	if err != nil {
		return e.forgetful(err)
	}
	if wait > 0 {
		e.notDue(ctx, stat.Name, wait)
		return setback{}
	}
	body, err := stat.AppendJSON(nil)
	if err != nil {
		e.telemetry.ExporterCollectStatsIncomplete.Add(ctx, 1)
		e.health.ill(theEncoding+stat.Name, err, "A stat cannot be written and is not sent", zap.String("stat", stat.Name))
		return setback{}
	}
	if e.config.DryRun {
		e.show(ctx, stat, owner, pace, body)
		return setback{}
	}
	key, err := e.book.Key(ctx, owner, stat.Name, pace.interval)
	if err != nil {
		return e.forgetful(err)
	}
	e.health.well(theStorage, "What was accepted can be remembered again")
	return e.try(ctx, stat, owner, pace, body, key)
}

// forgetful: without its memory a stat would be sent twice, so it is not sent.
func (e *collectExporter) forgetful(err error) setback {
	e.health.ill(theStorage, err, "What was accepted cannot be remembered; nothing is sent")
	return setback{err: err, halt: true}
}

// show is what a dry run does instead of a request.
func (e *collectExporter) show(ctx context.Context, stat *collect.Stat, owner pacing.Owner, pace pace, body []byte) {
	e.logger.Info("Dry run: this would be sent", zap.String("stat", stat.Name), zap.String("host", e.client.host), zap.ByteString("body", body))
	e.account.Delivered(trust.Delivery{Time: e.now(), Stat: stat.Name, Host: e.client.host, Body: body, DryRun: true})
	_ = e.book.Accepted(ctx, owner, stat.Name, pace.interval) // in memory only: nothing to fail
}

// try makes one request, and notes what came of it before the next one.
func (e *collectExporter) try(ctx context.Context, stat *collect.Stat, owner pacing.Owner, pace pace, body []byte, key string) setback {
	delivery := trust.Delivery{Time: e.now(), Stat: stat.Name, Host: e.client.host, Body: body, Key: key}
	e.account.Sending(delivery)
	answer, err := e.client.post(ctx, body, key)
	e.telemetry.ExporterCollectStatsSent.Add(ctx, 1)
	e.telemetry.ExporterCollectRoundTripDuration.Record(ctx, e.now().Sub(delivery.Time).Seconds())
	delivery.Status = answer.status
	e.account.Delivered(delivery)

	const failing = "A stat could not be delivered; it is tried again"
	name := zap.String("stat", stat.Name)
	if err != nil {
		if ctx.Err() != nil {
			return setback{err: errStopping, halt: true}
		}
		e.health.ill(theEndpoint, err, failing, name)
		return setback{err: err, halt: true}
	}
	err = fmt.Errorf("%s answered with status %d", e.client.host, answer.status)
	switch status := answer.status; {
	case status/100 == 2:
		e.health.well(theEndpoint, "The endpoint accepts stats again")
		e.health.well(theRefusal+stat.Name, "The endpoint accepts a stat again", name)
		e.telemetry.ExporterCollectStatsAccepted.Add(ctx, 1)
		e.noted(e.book.Accepted(ctx, owner, stat.Name, pace.interval))
		e.account.Due(stat.Name, e.now().Add(pace.interval))
		return setback{}
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		e.health.ill(theEndpoint, err, failing, name)
		return setback{err: err, wait: answer.retryAfter, halt: true}
	case status/100 == 4:
		e.telemetry.ExporterCollectStatsRefused.Add(ctx, 1, metric.WithAttributes(attribute.Int("http.response.status_code", status)))
		e.account.Unsent(trust.Unsent{Stat: stat.Name, Reason: trust.Dropped})
		e.health.ill(theRefusal+stat.Name, err, "The endpoint refuses a stat; it is dropped, and rests for a while", name)
		e.noted(e.book.Refused(ctx, owner, stat.Name))
		return setback{}
	default:
		e.health.ill(theEndpoint, err, failing, name)
		return setback{err: err}
	}
}

// noted tells when an answer could not be stored. It holds in memory, and a
// repetition after a restart carries the same Idempotency-Key.
func (e *collectExporter) noted(err error) {
	if err != nil {
		e.health.ill(theStorage, err, "An answer of the endpoint cannot be remembered beyond the end of this process")
	}
}
