// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/internal/delivery"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/trust"
)

// errUnmarked refuses what did not just pass the anonymizer.
var errUnmarked = errors.New("refused: these metrics did not just pass the anonymizer; " +
	"make anonymizer the last processor of this exporter's own pipeline (a batch processor after it loses the mark: batching belongs in sending_queue), " +
	"or write require_anonymizer: false to send them as they are")

// admission is what becomes of one stat of a batch, before the queue.
type admission struct {
	stat string
	key  pacing.Key
	// installation is the id that the stat has.
	installation string
	result       admitted
	// rules are those that it was made under.
	rules string
	// body is what is queued or held, and growth the totals between which it tells what was counted.
	body   []byte
	growth pacing.Growth
	// fallen are the fields whose counters began anew.
	fallen []string
	// wait is how long a stat waits that is not due.
	wait time.Duration
	// missing is what an incomplete stat lacks.
	missing []string
	// err is why a stat cannot be written.
	err error
}

type admitted int

const (
	due admitted = iota
	// soon: it is due in a moment, and is held until then.
	soon
	notDue
	// waiting: a report of the stat waits already.
	waiting
	withheld
	incomplete
	// absent: the resource has nothing of the stat.
	absent
	unwritable
)

// markOf is the mark with which the anonymizer built these very metrics, and whether it did.
func markOf(ctx context.Context, metrics pmetric.Metrics) (mark trust.Mark, anonymized bool) {
	mark, marked := trust.MarkOf(ctx)
	if !marked || !mark.Covers(metrics) {
		return trust.Mark{}, false
	}
	return mark, true
}

// ConsumeMetrics puts the stats into the queue that are due. It refuses for good
// what did not just pass the anonymizer.
func (e *collectExporter) ConsumeMetrics(ctx context.Context, metrics pmetric.Metrics) error {
	mark, anonymized := markOf(ctx, metrics)
	if e.config.RequireAnonymizer && !anonymized {
		e.tellUnmarked(ctx, metrics)
		return consumererror.NewPermanent(errUnmarked)
	}
	permitted := e.permits()
	if permitted {
		if err := e.ready(ctx); err != nil {
			return err
		}
	}
	admissions, err := e.admit(ctx, metrics, mark, permitted)
	reports := dueReports(admissions)
	if err != nil {
		e.leave(reports)
		return e.storageFailed(err)
	}
	err = e.enqueue(ctx, reports)
	for i := range admissions {
		e.tellAdmission(ctx, &admissions[i])
	}
	return err
}

// ready opens what sending needs, and forgets what is long over.
func (e *collectExporter) ready(ctx context.Context) error {
	if err := e.open(ctx); err != nil {
		e.health.fail(problem{what: theStorage}, err, "Nothing can be sent")
		return err
	}
	if err := e.sender.Tracker.Sweep(ctx); err != nil {
		return e.storageFailed(err)
	}
	return nil
}

// admit says what becomes of each stat. An error is that of the memory of what was
// accepted, without which nothing more can be said.
func (e *collectExporter) admit(ctx context.Context, metrics pmetric.Metrics, mark trust.Mark, permitted bool) (admissions []admission, err error) {
	now := e.now()
	for i, resource := range metrics.ResourceMetrics().All() {
		for stat, lacking := range e.mapping.Stats(resource, now, mark.Hides(i)) {
			var a admission
			switch {
			case lacking != nil:
				a = e.lacking(instanceOf(resource), lacking)
			case !permitted:
				a = admission{stat: stat.Name, result: withheld}
			default:
				a, err = e.admitStat(ctx, stat, mark.Rules(), now)
			}
			if err != nil {
				return admissions, err
			}
			admissions = append(admissions, a)
		}
	}
	return admissions, nil
}

func (e *collectExporter) lacking(instance string, stat *mapping.Incomplete) admission {
	if stat.Absent {
		return admission{stat: stat.Stat, result: absent}
	}
	key := pacing.NewKey(instance, e.groups[stat.Stat].Name)
	return admission{stat: stat.Stat, key: key, result: incomplete, missing: stat.Missing}
}

// admitStat admits a stat that is due and of which no report waits. What will be due
// in a moment is held.
func (e *collectExporter) admitStat(ctx context.Context, stat *collect.Stat, rules string, now time.Time) (a admission, err error) {
	group := e.groups[stat.Name]
	a = admission{stat: stat.Name, key: pacing.NewKey(stat.InstanceID, group.Name), installation: stat.InstanceID, rules: rules}
	a.wait, err = e.sender.Tracker.Wait(ctx, a.key, stat.Name, group.Interval)
	switch {
	case err != nil:
		return a, err
	case a.wait > pacing.Spread(group.Interval):
		a.result = notDue
		return a, nil
	case a.wait == 0 && !e.pending.join(subject{a.key, a.stat}, group.Interval, now):
		a.result = waiting
		return a, nil
	}
	if a.growth, a.fallen, err = delivery.Grow(ctx, e.sender.Tracker, e.mapping, stat, a.key); err != nil {
		e.pending.leave(&report{Report: delivery.Report{Stat: a.stat, Key: a.key}})
		return a, err
	}
	a.body, a.err = stat.AppendJSON(nil)
	switch {
	case a.err != nil:
		a.result = unwritable
		e.pending.leave(&report{Report: delivery.Report{Stat: a.stat, Key: a.key}})
	case a.wait == 0:
		a.result = due
	case e.delayed.keep(a.report(), a.wait):
		a.result = soon
	default:
		a.result = notDue
	}
	return a, nil
}

func (a *admission) report() report {
	return report{Report: delivery.Report{Stat: a.stat, Key: a.key, Installation: a.installation, Body: a.body, Growth: a.growth}, rules: a.rules}
}

func dueReports(admissions []admission) (reports []report) {
	for i := range admissions {
		if admissions[i].result == due {
			reports = append(reports, admissions[i].report())
		}
	}
	return reports
}

func (e *collectExporter) enqueue(ctx context.Context, reports []report) error {
	if len(reports) == 0 {
		return nil
	}
	err := e.queue.put(ctx, reports)
	if err != nil {
		e.leave(reports)
	}
	return err
}

func (e *collectExporter) leave(reports []report) {
	for i := range reports {
		e.pending.leave(&reports[i])
	}
}

// release puts into the queue what was held.
func (e *collectExporter) release(r report) {
	if !e.permits() {
		e.tellAdmission(e.running, &admission{stat: r.Stat, result: withheld})
		return
	}
	if !e.pending.join(r.subject(), e.groups[r.Stat].Interval, e.now()) {
		return
	}
	if err := e.enqueue(e.running, []report{r}); err != nil {
		e.tellLost(err)
	}
}

func instanceOf(resource pmetric.ResourceMetrics) string {
	if id, ok := resource.Resource().Attributes().Get(mapping.InstanceID); ok && id.Type() == pcommon.ValueTypeStr {
		return id.Str()
	}
	return ""
}
