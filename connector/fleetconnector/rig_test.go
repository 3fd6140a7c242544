// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/connector/fleetconnector/internal/metadata"
)

// rig is a running connector whose rounds come when a test asks for them.
type rig struct {
	t    testing.TB
	c    *fleetConnector
	sink *consumertest.MetricsSink
	at   time.Time
	jump time.Duration // how far the wall clock jumped ahead
}

func newRig(t testing.TB, change func(*Config)) *rig {
	sink := new(consumertest.MetricsSink)
	r := startRig(t, connectortest.NewNopSettings(metadata.Type), componenttest.NewNopHost(), sink, change)
	r.sink = sink
	return r
}

func startRig(t testing.TB, set connector.Settings, host component.Host, next consumer.Metrics, change func(*Config)) *rig {
	t.Helper()
	set.ID = component.NewID(metadata.Type)
	cfg := createDefaultConfig().(*Config)
	cfg.Interval, cfg.MinInstallations, cfg.Refresh = time.Hour, 1, time.Nanosecond
	if change != nil {
		change(cfg)
	}
	require.NoError(t, cfg.Validate())
	c, err := newFleetConnector(set, cfg, next)
	require.NoError(t, err)
	r := &rig{t: t, c: c, at: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	begun := r.at
	c.now, c.running = func() time.Time { return r.at }, func() time.Duration { return r.at.Add(-r.jump).Sub(begun) }
	require.NoError(t, c.Start(t.Context(), host))
	t.Cleanup(func() { require.NoError(t, c.Shutdown(context.Background())) })
	return r
}

// hear takes in a report of the installation: metrics for numbers and nil, resource
// attributes for others, as name, value, name, value.
func (r *rig) hear(id string, said ...any) {
	r.t.Helper()
	require.NoError(r.t, r.c.ConsumeMetrics(r.t.Context(), reportOf(id, said...)))
}

func reportOf(id string, said ...any) pmetric.Metrics {
	md := pmetric.NewMetrics()
	report := md.ResourceMetrics().AppendEmpty()
	if id != "" {
		report.Resource().Attributes().PutStr(mapping.InstanceID, id)
	}
	metrics := report.ScopeMetrics().AppendEmpty().Metrics()
	for i := 0; i < len(said); i += 2 {
		name := said[i].(string)
		switch value := said[i+1].(type) {
		case int:
			gauge(metrics, name).SetIntValue(int64(value))
		case float64:
			gauge(metrics, name).SetDoubleValue(value)
		case nil:
			gauge(metrics, name).SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
		case pcommon.Value:
			value.CopyTo(report.Resource().Attributes().PutEmpty(name))
		default:
			_ = report.Resource().Attributes().PutEmpty(name).FromRaw(value)
		}
	}
	return md
}

func gauge(metrics pmetric.MetricSlice, name string) pmetric.NumberDataPoint {
	m := metrics.AppendEmpty()
	m.SetName(name)
	return m.SetEmptyGauge().DataPoints().AppendEmpty()
}

// tells are the figures as they are now, a line each.
func (r *rig) tells() []string { return lines(r.told()) }

func (r *rig) told() pmetric.Metrics {
	r.t.Helper()
	r.sink.Reset()
	r.c.tick(r.t.Context())
	require.Len(r.t, r.sink.AllMetrics(), 1)
	return r.sink.AllMetrics()[0]
}

// lines are a metric's name, a point's attributes, its value and its unit, in order.
func lines(md pmetric.Metrics) []string {
	var all []string
	for _, resource := range md.ResourceMetrics().All() {
		for _, scope := range resource.ScopeMetrics().All() {
			for _, m := range scope.Metrics().All() {
				if m.Name() == "fleet.installation.minimum" || m.Name() == "fleet.installation.returning.count" {
					continue // tests of their own
				}
				for _, p := range pointsOf(m).All() {
					if p.Flags().NoRecordedValue() {
						continue // what ended has a test of its own
					}
					all = append(all, fmt.Sprintf("%s%s %s %s", m.Name(), attributesOf(p), written(p), m.Unit()))
				}
				if m.Type() == pmetric.MetricTypeHistogram && !m.Histogram().DataPoints().At(0).Flags().NoRecordedValue() {
					p := m.Histogram().DataPoints().At(0)
					all = append(all, fmt.Sprintf("%s%v%v %.4g %s", m.Name(), p.ExplicitBounds().AsRaw(), p.BucketCounts().AsRaw(), p.Sum(), m.Unit()))
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

func attributesOf(p pmetric.NumberDataPoint) string {
	var pairs []string
	for name, value := range p.Attributes().All() {
		pairs = append(pairs, name+"="+value.AsString())
	}
	slices.Sort(pairs)
	return "{" + strings.Join(pairs, ",") + "}"
}

func written(p pmetric.NumberDataPoint) string {
	if p.ValueType() == pmetric.NumberDataPointValueTypeInt {
		return fmt.Sprint(p.IntValue())
	}
	return fmt.Sprintf("%.4g", p.DoubleValue())
}
