// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"
	"strings"

	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/exporter/internal/delivery"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/trust"
)

// notice is what is said once of each state of things; key is zero for what concerns
// no single installation.
type notice struct {
	topic string
	key   pacing.Key
}

const (
	consentNotice = "consent"
	markNotice    = "mark"
	rulesNotice   = "rules"
	fallenNotice  = "fallen "
)

// tellAdmission counts a stat, tells the observer, and logs what is news.
func (e *collectExporter) tellAdmission(ctx context.Context, a *admission) {
	name := zap.String("stat", a.stat)
	lacks := notice{a.stat, a.key}
	switch a.result {
	case due, soon, notDue, waiting:
		e.notices.Ends(lacks)
	}
	if fallen := strings.Join(a.fallen, ", "); fallen != "" && e.notices.Begins(notice{fallenNotice + a.stat, a.key}, fallen) {
		e.logger.Warn("A counter is smaller than when its stat was last accepted, so its increase is not known and is null: it began anew with its process. The installation processor before the anonymizer keeps counting through restarts",
			name, zap.String("fields", fallen))
	}
	switch a.result {
	case soon:
		e.observer.Due(a.stat, e.now().Add(a.wait))
	case notDue:
		e.telemetry.ExporterCollectStatsNotDue.Add(ctx, 1)
		e.sender.NotDue(a.stat, a.wait)
	case waiting:
		e.telemetry.ExporterCollectStatsNotDue.Add(ctx, 1)
		e.observer.Unsent(trust.Unsent{Stat: a.stat, Reason: trust.Waiting})
	case withheld:
		e.telemetry.ExporterCollectStatsWithheld.Add(ctx, 1)
		e.observer.Unsent(trust.Unsent{Stat: a.stat, Reason: trust.Withheld})
	case absent:
		e.observer.Unsent(trust.Unsent{Stat: a.stat, Reason: trust.Absent})
	case incomplete:
		e.telemetry.ExporterCollectStatsIncomplete.Add(ctx, 1)
		e.observer.Unsent(trust.Unsent{Stat: a.stat, Reason: trust.Incomplete, Missing: a.missing})
		if missing := strings.Join(a.missing, "; "); e.notices.Begins(lacks, missing) {
			e.logger.Warn("A stat is incomplete and is not sent", name, zap.String("missing", missing))
		}
	case unwritable:
		e.telemetry.ExporterCollectStatsIncomplete.Add(ctx, 1)
		e.health.fail(problem{theEncoding, a.stat}, a.err, "A stat cannot be written and is not sent", name)
	}
}

// tellOutcome counts what came of a report, and logs what is news. The observer was told by the sender.
func (e *collectExporter) tellOutcome(ctx context.Context, r *report, o *delivery.Outcome) {
	name := zap.String("stat", o.Stat)
	if o.Sent() {
		e.health.recover(problem{what: theRecord}, "What is sent can be recorded again")
		e.telemetry.ExporterCollectStatsSent.Add(ctx, 1)
		e.telemetry.ExporterCollectRoundTripDuration.Record(ctx, o.RoundTrip.Seconds())
	}
	switch o.Result {
	case delivery.Shown:
		e.logger.Info("Dry run: this would be sent", name, zap.String("host", e.client.Host), zap.ByteString("body", r.Body))
	case delivery.Withheld:
		e.telemetry.ExporterCollectStatsWithheld.Add(ctx, 1)
	case delivery.NotDue, delivery.Outdated:
		e.telemetry.ExporterCollectStatsNotDue.Add(ctx, 1)
	case delivery.Unstored:
		_ = e.storageFailed(o.Err)
	case delivery.Unrecorded:
		e.health.fail(problem{what: theRecord}, o.Err, "What would be sent cannot be recorded; nothing is sent")
	case delivery.Busy, delivery.Failed, delivery.Unreachable, delivery.Resting:
		e.health.fail(problem{what: theEndpoint}, o.Err, "A stat could not be delivered; it is tried again", name)
	case delivery.Refused:
		e.telemetry.ExporterCollectStatsRefused.Add(ctx, 1, metric.WithAttributes(attribute.Int("http.response.status_code", o.Status)))
		e.health.fail(problem{theRefusal, o.Stat}, o.Err, "The endpoint refuses a stat; it is dropped, and rests for a while", name)
	case delivery.Accepted:
		e.telemetry.ExporterCollectStatsAccepted.Add(ctx, 1)
		e.logger.Info("A stat was accepted", name, zap.String("host", e.client.Host), zap.Time("next_due", e.now().Add(o.Wait)))
		e.health.recover(problem{what: theEndpoint}, "The endpoint accepts stats again")
		e.health.recover(problem{theRefusal, o.Stat}, "The endpoint accepts a stat again", name)
	}
}

// noted tells whether an answer could be stored.
func (e *collectExporter) noted(err error) {
	if err != nil {
		e.health.fail(problem{what: theStorage}, err, "An answer of the endpoint cannot be remembered beyond the end of this process")
		return
	}
	e.health.recover(problem{what: theStorage}, "What was accepted can be remembered again")
}

// storageFailed: without the memory of what was accepted a stat would be sent twice, so it is not sent.
func (e *collectExporter) storageFailed(err error) error {
	e.health.fail(problem{what: theStorage}, err, "What was accepted cannot be remembered; nothing is sent")
	return err
}

func (e *collectExporter) tellConsent(permitted bool, mode trust.Mode, reason string) {
	if permitted {
		e.notices.Ends(notice{topic: consentNotice})
		return
	}
	if e.notices.Begins(notice{topic: consentNotice}, mode.String()+reason) {
		e.logger.Info("Nothing is sent", zap.Stringer("mode", mode), zap.String("reason", reason))
	}
}

func (e *collectExporter) tellUnmarked(ctx context.Context, metrics pmetric.Metrics) {
	e.telemetry.ExporterCollectPointsUnmarked.Add(ctx, int64(metrics.DataPointCount()))
	if e.notices.Begins(notice{topic: markNotice}, errUnmarked.Error()) {
		e.logger.Error(errUnmarked.Error())
	}
	for _, stat := range e.statNames() {
		e.observer.Unsent(trust.Unsent{Stat: stat, Reason: trust.Unmarked})
	}
}

func (e *collectExporter) tellOtherRules(ctx context.Context, r *report) {
	e.telemetry.ExporterCollectStatsOtherRules.Add(ctx, 1)
	e.observer.Unsent(trust.Unsent{Stat: r.Stat, Reason: trust.OtherRules})
	if e.notices.Begins(notice{topic: rulesNotice}, r.rules) {
		e.logger.Warn("Reports that waited were made under other rules of the anonymizer than those that hold now; they are dropped, and the next ones take their place", zap.String("stat", r.Stat))
	}
}

func (e *collectExporter) tellLost(err error) {
	e.logger.Warn("A report that had waited for its time was not queued; the next one takes its place", zap.Error(err))
}
