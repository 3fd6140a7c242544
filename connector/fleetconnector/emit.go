// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/connector/fleetconnector/internal/metadata"
)

// snapshot renews what may change now, and returns all that is told, and whether any of it is new.
func (c *fleetConnector) snapshot(at time.Time) (told pmetric.Metrics, renewed bool) {
	now, least := secondsOf(at), c.config.MinInstallations
	if c.total.due(at, c.config.Refresh, least) {
		renewed = true
		c.total.renew(at, least, c.config.Window, func(to *snapshot) { c.emitTotal(to, now) })
	}
	for index, each := range c.aggregates.all {
		if r := c.renewals[index]; r.due(at, c.config.Refresh, least) {
			renewed = true
			r.renew(at, least, each.window, func(to *snapshot) {
				each.emit(each, c.fleet.answers(index, each.window, now), to)
			})
		}
	}
	return c.told(at), renewed
}

// emitTotal says how many installations there are, and how many of them came back:
// who invents ids seldom reports under one of them again.
func (c *fleetConnector) emitTotal(to *snapshot, now seconds) {
	all, returned := c.fleet.count(c.config.Window, now)
	if to.tells(all) {
		to.upDownCounter("installation.count", "{installation}", "Installations that reported within the window.").count(all)
	}
	if to.tells(returned) {
		to.upDownCounter("installation.returning.count", "{installation}", "Installations that reported twice or more, at least an hour apart.").count(returned)
	}
}

// told is all that was last renewed, as metrics of now.
func (c *fleetConnector) told(at time.Time) pmetric.Metrics {
	metrics := pmetric.NewMetrics()
	resource := metrics.ResourceMetrics().AppendEmpty()
	if name := c.set.ID.Name(); name != "" {
		resource.Resource().Attributes().PutStr("service.name", name)
	}
	scope := resource.ScopeMetrics().AppendEmpty()
	scope.Scope().SetName(metadata.ScopeName)
	start, now := pcommon.NewTimestampFromTime(c.started), pcommon.NewTimestampFromTime(at)
	c.total.appendTo(scope.Metrics(), start, now)
	for _, r := range c.renewals {
		r.appendTo(scope.Metrics(), start, now)
	}
	(&snapshot{metrics: scope.Metrics()}).gauge("installation.minimum", "{installation}", "How many installations there are behind everything that is told.").count(c.config.MinInstallations)
	scope.Metrics().At(scope.Metrics().Len() - 1).Gauge().DataPoints().At(0).SetTimestamp(now)
	return metrics
}

// byKey are all renewals, by what they are remembered under.
func (c *fleetConnector) byKey() map[string]*renewal {
	all := map[string]*renewal{fmt.Sprintf("installations of %d within %s", c.config.MinInstallations, c.config.Window): c.total}
	for index, r := range c.renewals {
		all[c.aggregates.all[index].toldAs] = r
	}
	return all
}
