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
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/trust"
)

// errUnmarked refuses what did not just pass the anonymizer.
var errUnmarked = errors.New("refused: these metrics did not just pass the anonymizer; " +
	"make anonymizer the last processor of this exporter's own pipeline (a batch processor after it loses the mark: batching belongs in sending_queue), " +
	"or write require_anonymizer: false to send them as they are")

// ConsumeMetrics puts the stats into the queue that are due. It refuses for good
// what did not just pass the anonymizer.
func (e *collectExporter) ConsumeMetrics(ctx context.Context, metrics pmetric.Metrics) error {
	if e.config.RequireAnonymizer && !trust.IsAnonymized(ctx) {
		e.tellUnmarked(ctx, metrics)
		return consumererror.NewPermanent(errUnmarked)
	}
	permitted := e.permits()
	if permitted {
		if err := e.open(ctx); err != nil {
			e.health.ill(problem{what: theStorage}, err, "Nothing can be sent")
			return err
		}
		if err := e.book.Sweep(ctx); err != nil {
			return e.forgetful(err).err
		}
	}
	var due []report
	now := e.now()
	for _, resource := range metrics.ResourceMetrics().All() {
		for stat, incomplete := range e.mapping.Stats(resource, now) {
			var err error
			switch {
			case incomplete != nil:
				e.tellIncomplete(ctx, instanceOf(resource), incomplete)
			case !permitted:
				e.withheld(ctx, stat.Name)
			default:
				due, err = e.appendDue(ctx, due, stat, now)
			}
			if err != nil {
				e.leave(due)
				return e.forgetful(err).err
			}
		}
	}
	return e.enqueue(ctx, due)
}

func (e *collectExporter) enqueue(ctx context.Context, due []report) error {
	if len(due) == 0 {
		return nil
	}
	err := e.queue.put(ctx, due)
	if err != nil {
		e.leave(due)
	}
	return err
}

func (e *collectExporter) leave(reports []report) {
	for i := range reports {
		e.line.leave(reports[i].owner)
	}
}

// appendDue appends the stat's report, if it is due and has no copy in the queue.
// What will be due in a moment is held.
func (e *collectExporter) appendDue(ctx context.Context, due []report, stat *collect.Stat, now time.Time) ([]report, error) {
	pace := e.paces[stat.Name]
	owner := pacing.NewOwner(stat.InstanceID, pace.Name)
	e.notices.changed(subject{stat.Name, owner}, "") // it is complete
	wait, err := e.book.Wait(ctx, owner, stat.Name, pace.Interval)
	if err != nil {
		return due, err
	}
	if wait > pacing.Spread(pace.Interval) || (wait == 0 && !e.line.join(owner, pace.Interval, now)) {
		e.notDue(ctx, stat.Name, wait)
		return due, nil
	}
	body, err := stat.AppendJSON(nil)
	if err != nil {
		e.line.leave(owner)
		e.telemetry.ExporterCollectStatsIncomplete.Add(ctx, 1)
		e.health.ill(problem{theEncoding, stat.Name}, err, "A stat cannot be written and is not sent", zap.String("stat", stat.Name))
		return due, nil
	}
	r := report{stat.Name, owner, body}
	switch {
	case wait == 0:
		due = append(due, r)
	case e.hold.keep(r, wait):
		e.account.Due(stat.Name, now.Add(wait))
	default:
		e.notDue(ctx, stat.Name, wait)
	}
	return due, nil
}

// release puts into the queue what was held.
func (e *collectExporter) release(r report) {
	if !e.permits() {
		e.withheld(e.running, r.stat)
		return
	}
	if !e.line.join(r.owner, e.paces[r.stat].Interval, e.now()) {
		return
	}
	if err := e.enqueue(e.running, []report{r}); err != nil {
		e.logger.Warn("A report that had waited for its time was not queued; the next one takes its place", zap.Error(err))
	}
}

// permits reports whether the consent in force lets anything out: to the
// endpoint, or in a dry run to the log.
func (e *collectExporter) permits() bool {
	mode, reason := e.consent.Mode()
	if mode == trust.On || (mode == trust.Local && e.config.DryRun) {
		e.notices.changed(subject{topic: "consent"}, "")
		return true
	}
	if e.notices.changed(subject{topic: "consent"}, mode.String()+reason) {
		e.logger.Info("Nothing is sent", zap.Stringer("mode", mode), zap.String("reason", reason))
	}
	return false
}

func (e *collectExporter) withheld(ctx context.Context, stat string) {
	e.telemetry.ExporterCollectStatsWithheld.Add(ctx, 1)
	e.account.Unsent(trust.Unsent{Stat: stat, Reason: trust.Withheld})
}

func (e *collectExporter) tellUnmarked(ctx context.Context, metrics pmetric.Metrics) {
	e.telemetry.ExporterCollectPointsUnmarked.Add(ctx, int64(metrics.DataPointCount()))
	if e.notices.changed(subject{topic: "mark"}, errUnmarked.Error()) {
		e.logger.Error(errUnmarked.Error())
	}
	for _, stat := range e.statNames() {
		e.account.Unsent(trust.Unsent{Stat: stat, Reason: trust.Unmarked})
	}
}

func (e *collectExporter) notDue(ctx context.Context, stat string, wait time.Duration) {
	e.telemetry.ExporterCollectStatsNotDue.Add(ctx, 1)
	e.account.Unsent(trust.Unsent{Stat: stat, Reason: trust.NotDue})
	e.account.Due(stat, e.now().Add(wait))
}

func (e *collectExporter) tellIncomplete(ctx context.Context, instance string, stat *mapping.Incomplete) {
	if stat.Absent {
		e.account.Unsent(trust.Unsent{Stat: stat.Stat, Reason: trust.Absent})
		return
	}
	e.telemetry.ExporterCollectStatsIncomplete.Add(ctx, 1)
	e.account.Unsent(trust.Unsent{Stat: stat.Stat, Reason: trust.Incomplete, Missing: stat.Missing})
	missing := strings.Join(stat.Missing, "; ")
	owner := pacing.NewOwner(instance, e.paces[stat.Stat].Name)
	if e.notices.changed(subject{stat.Stat, owner}, missing) {
		e.logger.Warn("A stat is incomplete and is not sent", zap.String("stat", stat.Stat), zap.String("missing", missing))
	}
}

func instanceOf(resource pmetric.ResourceMetrics) string {
	if id, ok := resource.Resource().Attributes().Get(mapping.InstanceID); ok && id.Type() == pcommon.ValueTypeStr {
		return id.Str()
	}
	return ""
}
