// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"
	"errors"
	"strings"

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
		e.say(subject{topic: "storage"}, err, "Nothing can be sent")
		return err
	}
	due, err := e.due(ctx, metrics)
	if err != nil {
		e.say(subject{topic: "storage"}, err, "What was accepted cannot be remembered; nothing is sent")
		return err
	}
	if due.ResourceMetrics().Len() == 0 {
		return nil
	}
	return e.queue.ConsumeMetrics(bare{ctx}, due)
}

// release admits what was held.
func (e *collectExporter) release(metrics pmetric.Metrics) {
	if err := e.admit(e.running, metrics); err != nil {
		e.logger.Warn("A report that had waited for its time was not queued; the next one takes its place", zap.Error(err))
	}
}

func (e *collectExporter) withhold(ctx context.Context, metrics pmetric.Metrics, mode trust.Mode, reason string) {
	withheld := 0
	for _, resource := range metrics.ResourceMetrics().All() {
		stats, _ := e.mapping.Stats(resource, e.now())
		withheld += len(stats)
	}
	e.telemetry.ExporterCollectStatsWithheld.Add(ctx, int64(withheld))
	if e.notices.changed(subject{topic: "withheld"}, mode.String()+reason) {
		e.logger.Info("Nothing is sent", zap.Stringer("mode", mode), zap.String("reason", reason))
	}
}

// due returns the resources of which at least one stat is due. What will be due
// in a moment is held.
func (e *collectExporter) due(ctx context.Context, metrics pmetric.Metrics) (pmetric.Metrics, error) {
	if err := e.book.Sweep(ctx); err != nil {
		return metrics, err
	}
	due := pmetric.NewMetrics()
	for _, resource := range metrics.ResourceMetrics().All() {
		isDue, err := e.isDue(ctx, resource)
		if err != nil {
			return due, err
		}
		if isDue {
			resource.CopyTo(due.ResourceMetrics().AppendEmpty())
		}
	}
	return due, nil
}

func (e *collectExporter) isDue(ctx context.Context, resource pmetric.ResourceMetrics) (isDue bool, err error) {
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
			return false, err
		case wait == 0:
			isDue = true
		case wait > pacing.Spread(pace.interval) || !e.hold.keep(owner, wait, resource):
			e.telemetry.ExporterCollectStatsNotDue.Add(ctx, 1)
		}
	}
	return isDue, nil
}

func (e *collectExporter) tellIncomplete(ctx context.Context, instance string, incomplete []collect.Incomplete) {
	for _, stat := range incomplete {
		if stat.Absent {
			continue
		}
		e.telemetry.ExporterCollectStatsIncomplete.Add(ctx, 1)
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

// bare carries cancellation into the queue and nothing else: a persistent queue
// stores a context's trace, client address and metadata beside the data.
type bare struct{ context.Context }

func (bare) Value(any) any { return nil }
