// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/collectmetric/internal/transform"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/exporter/internal/signing"
	"github.com/headcount-otel/headcount/trust"
)

// reportDue sends what is due. Its error keeps everything from leaving for a while.
func (e *Exporter) reportDue(ctx context.Context, rm *metricdata.ResourceMetrics) (err error) {
	state, err := e.state.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.close()) }()
	if e.private {
		defer e.endpoint.CloseIdleConnections()
	}
	tracker, damage, err := pacing.Open(ctx, state.memory, e.now)
	if damage != nil {
		e.troubles.tell(theMemory, fmt.Errorf("some of the memory of what was accepted cannot be read; the stats that it is about rest for one interval: %w", damage))
	}
	if err != nil {
		return err
	}
	if err := tracker.Sweep(ctx); err != nil {
		return err
	}
	metrics := transform.Metrics(rm)
	if err := identify(ctx, state, metrics); err != nil {
		return err
	}
	anonymous, mark, err := e.rules.apply(ctx, state, metrics)
	if err != nil {
		return err
	}
	keys, err := e.keys(ctx, state)
	if err != nil {
		return err
	}
	return e.send(ctx, tracker, keys, e.stats(anonymous, mark))
}

// keys are those of the reports' signatures.
func (e *Exporter) keys(ctx context.Context, state *openState) (*signing.Keys, error) {
	if !e.signs {
		return nil, nil
	}
	return signing.Open(ctx, state.memory, e.permits)
}

// identify gives an installation without an id a generated one, which is stored
// before its first use, where the appusage receiver would keep it.
func identify(ctx context.Context, state *openState, metrics pmetric.Metrics) (err error) {
	attributes := metrics.ResourceMetrics().At(0).Resource().Attributes()
	if _, named := attributes.Get(mapping.InstanceID); named {
		return nil
	}
	store, err := state.part(ctx, component.KindReceiver, receiverID)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close(ctx)) }()
	id, err := store.LoadInstanceID(ctx)
	if err == nil && id == "" {
		id, err = store.MakeInstanceID(ctx)
	}
	attributes.PutStr(mapping.InstanceID, id)
	return err
}

// stats returns those that are complete and whose time has come for this process.
func (e *Exporter) stats(metrics pmetric.Metrics, mark trust.Mark) (due []collect.Stat) {
	now := time.Now()
	resource := pmetric.NewResourceMetrics()
	if metrics.ResourceMetrics().Len() > 0 {
		resource = metrics.ResourceMetrics().At(0)
	}
	for stat, incomplete := range e.mapping.Stats(resource, now, mark.Hides(0)) {
		switch {
		case incomplete != nil && e.schedule.due(incomplete.Stat, now):
			e.lacks(incomplete, now)
		case incomplete == nil && e.schedule.due(stat.Name, now):
			kept := *stat
			kept.Value = slices.Clone(stat.Value)
			due = append(due, kept)
		}
	}
	return due
}

func (e *Exporter) lacks(stat *mapping.Incomplete, now time.Time) {
	e.schedule.incomplete(stat.Stat, now)
	if !stat.Absent {
		e.troubles.tell(stat.Stat, fmt.Errorf("stat %s is incomplete and is not sent: %s", stat.Stat, strings.Join(stat.Missing, "; ")))
	}
}
