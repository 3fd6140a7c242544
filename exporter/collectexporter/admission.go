// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/trust"
)

// errUnmarked refuses what did not just pass the anonymizer.
var errUnmarked = errors.New("refused: these metrics did not just pass the anonymizer; " +
	"make anonymizer the last processor of this exporter's own pipeline (a batch processor after it loses the mark: batching belongs in sending_queue), " +
	"or write require_anonymizer: false to send them as they are")

// ConsumeMetrics admits to the queue the resources of which a stat is due. It
// refuses for good what did not just pass the anonymizer.
func (e *collectExporter) ConsumeMetrics(ctx context.Context, metrics pmetric.Metrics) error {
	if e.config.RequireAnonymizer && !trust.IsAnonymized(ctx) {
		e.telemetry.ExporterCollectPointsUnmarked.Add(ctx, int64(metrics.DataPointCount()))
		if e.notices.changed(subject{topic: "unmarked"}, errUnmarked.Error()) {
			e.logger.Error(errUnmarked.Error())
		}
		for _, stat := range e.statNames() {
			e.account.Unsent(trust.Unsent{Stat: stat, Reason: trust.Unmarked})
		}
		return consumererror.NewPermanent(errUnmarked)
	}
	return e.admit(ctx, metrics)
}

// admit asks for consent, and queues what is due.
func (e *collectExporter) admit(ctx context.Context, metrics pmetric.Metrics) error {
	if permitted, mode, reason := e.permits(); !permitted {
		e.withhold(ctx, metrics, mode, reason)
		return nil
	}
	e.notices.changed(subject{topic: "withheld"}, "")
	if err := e.open(ctx); err != nil {
		e.health.ill(theStorage, err, "Nothing can be sent")
		return err
	}
	due, owners, err := e.due(ctx, metrics)
	if err != nil {
		e.line.leave(owners...)
		return e.forgetful(err).err
	}
	if len(owners) == 0 {
		return nil
	}
	err = e.queue.put(ctx, due)
	if err != nil {
		e.line.leave(owners...)
	}
	return err
}

// release admits what was held.
func (e *collectExporter) release(metrics pmetric.Metrics) {
	if err := e.admit(e.running, metrics); err != nil {
		e.logger.Warn("A report that had waited for its time was not queued; the next one takes its place", zap.Error(err))
	}
}

func (e *collectExporter) withhold(ctx context.Context, metrics pmetric.Metrics, mode trust.Mode, reason string) {
	for _, resource := range metrics.ResourceMetrics().All() {
		stats, _ := e.mapping.Stats(resource, e.now())
		for i := range stats {
			e.withheld(ctx, stats[i].Name)
		}
	}
	if e.notices.changed(subject{topic: "withheld"}, mode.String()+reason) {
		e.logger.Info("Nothing is sent", zap.Stringer("mode", mode), zap.String("reason", reason))
	}
}

func (e *collectExporter) withheld(ctx context.Context, stat string) {
	e.telemetry.ExporterCollectStatsWithheld.Add(ctx, 1)
	e.account.Unsent(trust.Unsent{Stat: stat, Reason: trust.Withheld})
}

// due returns the resources of which at least one stat is due and has no copy in
// the queue, and the owners of these stats. What will be due in a moment is held.
func (e *collectExporter) due(ctx context.Context, metrics pmetric.Metrics) (due pmetric.Metrics, owners []pacing.Owner, err error) {
	due = pmetric.NewMetrics()
	if err := e.book.Sweep(ctx); err != nil {
		return due, nil, err
	}
	for _, resource := range metrics.ResourceMetrics().All() {
		before := len(owners)
		if owners, err = e.dueOf(ctx, resource, owners); err != nil {
			return due, owners, err
		}
		if len(owners) > before {
			resource.CopyTo(due.ResourceMetrics().AppendEmpty())
		}
	}
	return due, owners, nil
}

// dueOf appends to owners those of the resource's stats that are to be queued.
func (e *collectExporter) dueOf(ctx context.Context, resource pmetric.ResourceMetrics, owners []pacing.Owner) ([]pacing.Owner, error) {
	stats, incomplete := e.mapping.Stats(resource, e.now())
	e.tellIncomplete(ctx, instanceOf(resource), incomplete)
	for i := range stats {
		stat := &stats[i]
		pace := e.paces[stat.Name]
		owner := pacing.NewOwner(stat.InstanceID, pace.name)
		e.notices.changed(subject{stat.Name, owner}, "") // it is complete
		wait, err := e.book.Wait(ctx, owner, stat.Name, pace.interval)
		switch {
		case err != nil:
			return owners, err
		case wait == 0 && e.line.join(owner, pace.interval, e.now()):
			owners = append(owners, owner)
		case wait > 0 && wait <= pacing.Spread(pace.interval) && e.hold.keep(owner, wait, resource):
			e.account.Due(stat.Name, e.now().Add(wait))
		default:
			e.notDue(ctx, stat.Name, wait)
		}
	}
	return owners, nil
}

func (e *collectExporter) notDue(ctx context.Context, stat string, wait time.Duration) {
	e.telemetry.ExporterCollectStatsNotDue.Add(ctx, 1)
	e.account.Unsent(trust.Unsent{Stat: stat, Reason: trust.NotDue})
	e.account.Due(stat, e.now().Add(wait))
}

func (e *collectExporter) tellIncomplete(ctx context.Context, instance string, incomplete []collect.Incomplete) {
	for _, stat := range incomplete {
		if stat.Absent {
			e.account.Unsent(trust.Unsent{Stat: stat.Stat, Reason: trust.Absent})
			continue
		}
		e.telemetry.ExporterCollectStatsIncomplete.Add(ctx, 1)
		e.account.Unsent(trust.Unsent{Stat: stat.Stat, Reason: trust.Incomplete, Missing: stat.Missing})
		missing := strings.Join(stat.Missing, "; ")
		owner := pacing.NewOwner(instance, e.paces[stat.Stat].name)
		if e.notices.changed(subject{stat.Stat, owner}, missing) {
			e.logger.Warn("A stat is incomplete and is not sent", zap.String("stat", stat.Stat), zap.String("missing", missing))
		}
	}
}

func instanceOf(resource pmetric.ResourceMetrics) string {
	if id, ok := resource.Resource().Attributes().Get(collect.InstanceID); ok && id.Type() == pcommon.ValueTypeStr {
		return id.Str()
	}
	return ""
}
