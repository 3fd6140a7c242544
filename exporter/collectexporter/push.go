// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exporterhelper/xexporterhelper"

	"github.com/headcount-otel/headcount/exporter/internal/delivery"
	"github.com/headcount-otel/headcount/trust"
)

// push sends the reports that are still due. What has to be tried again is
// returned in the error; what was not tried comes first in it, so that a report
// that always fails does not stand in the others' way.
func (e *collectExporter) push(ctx context.Context, r xexporterhelper.Request) error {
	reports := e.called(ctx, r.(*request).reports)
	var last delivery.Outcome
	var untried, failed []report
	for i := range reports {
		random := trust.RandomOf(reports[i].rules)
		reports[i].Tags = e.config.Stats[reports[i].Stat].Tags(random.Metric, random.Resource)
		o := e.sender.Deliver(e.running, &reports[i].Report)
		e.tellOutcome(ctx, &reports[i], &o)
		if !o.Again() {
			e.pending.leave(&reports[i])
			continue
		}
		last = o
		failed = append(failed, reports[i])
		if o.Halts() {
			untried = reports[i+1:]
			break
		}
	}
	for i := range untried {
		if last.Result != delivery.Stopped {
			e.sender.PutOff(untried[i].Stat, last.Wait)
		}
	}
	if last.Err == nil {
		return nil
	}
	return e.again(append(untried[:len(untried):len(untried)], failed...), last)
}

// called leaves out copies of what is under way, and what was made under rules that hold no more.
func (e *collectExporter) called(ctx context.Context, reports []report) []report {
	own := reports[:0:0]
	now := e.now()
	for i := range reports {
		r := &reports[i]
		switch {
		case !e.pending.call(r, now):
		case !e.rulesHold(r.rules):
			e.pending.leave(r)
			e.tellOtherRules(ctx, r)
		default:
			own = append(own, *r)
		}
	}
	return own
}

// rulesHold reports whether what was made under these rules may still leave: the
// operator may have made them stricter while it waited.
func (e *collectExporter) rulesHold(rules string) bool {
	if rules == "" {
		return !e.config.RequireAnonymizer
	}
	return trust.RulesInForce(rules)
}

// again is the error of a request of which reports have to be tried again.
func (e *collectExporter) again(reports []report, last delivery.Outcome) error {
	if !e.config.RetryOnFailure.Enabled {
		e.leave(reports)
		return last.Err
	}
	now := e.now()
	for i := range reports {
		e.pending.again(&reports[i], last.Wait, now)
	}
	err := last.Err
	if last.Wait > 0 {
		err = exporterhelper.NewThrottleRetry(err, last.Wait)
	}
	return remaining{err, reports}
}

// permits reports whether the consent in force lets anything out: to the
// endpoint, or in a dry run to the log.
func (e *collectExporter) permits() bool {
	mode, reason := e.consent.Mode()
	permitted := mode == trust.On || (mode == trust.Local && e.config.DryRun)
	e.tellConsent(permitted, mode, reason)
	return permitted
}

// longestWait is how long the Collector's retry lets a request wait at most, with
// room for the turn that the next try has to wait for.
func longestWait(cfg *Config) time.Duration {
	retry := cfg.RetryOnFailure
	return time.Duration(float64(retry.MaxInterval)*(1+retry.RandomizationFactor)) + time.Minute + cfg.ClientConfig.Timeout
}
