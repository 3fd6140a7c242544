// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// renewal is what is told of one aggregate, and when that changes: one report more
// or less shows in no two snapshots that follow each other.
type renewal struct {
	// renewed is when metrics were made; the zero time where they never were.
	renewed time.Time
	metrics pmetric.Metrics
	roster  roster
	// reporters are the installations that said something since.
	reporters map[place]struct{}
}

func newRenewal() *renewal {
	return &renewal{metrics: pmetric.NewMetrics(), roster: roster{}, reporters: map[place]struct{}{}}
}

// observe notes that an installation said something; more than least need not be known.
func (r *renewal) observe(from place, least int) {
	if len(r.reporters) < least {
		r.reporters[from] = struct{}{}
	}
}

// due reports whether the coarse clock, or enough reports, allow a change.
func (r *renewal) due(now time.Time, refresh time.Duration, least int) bool {
	since := now.Sub(r.renewed)
	return len(r.reporters) >= least || since >= refresh || since < 0
}

// renew makes the metrics anew. An aggregate without a point is not told.
func (r *renewal) renew(now time.Time, least int, window time.Duration, emit func(*snapshot)) {
	r.renewed = now
	clear(r.reporters)
	r.metrics = pmetric.NewMetrics()
	metrics := r.metrics.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics()
	emit(&snapshot{metrics: metrics, min: least, named: func(counted map[string]int, limit int) []string {
		return r.roster.choose(counted, limit, least, window, secondsOf(now))
	}})
	metrics.RemoveIf(func(m pmetric.Metric) bool {
		return m.Type() != pmetric.MetricTypeHistogram && pointsOf(m).Len() == 0
	})
}

// appendTo copies the metrics, as of now.
func (r *renewal) appendTo(all pmetric.MetricSlice, start, now pcommon.Timestamp) {
	for m := range metricsIn(r.metrics) {
		to := all.AppendEmpty()
		m.CopyTo(to)
		stamp(to, start, now)
	}
}

func stamp(m pmetric.Metric, start, now pcommon.Timestamp) {
	for _, p := range pointsOf(m).All() {
		p.SetTimestamp(now)
		if m.Type() == pmetric.MetricTypeSum {
			p.SetStartTimestamp(start)
		}
	}
	if m.Type() == pmetric.MetricTypeHistogram {
		for _, p := range m.Histogram().DataPoints().All() {
			p.SetTimestamp(now)
			p.SetStartTimestamp(start)
		}
	}
}
