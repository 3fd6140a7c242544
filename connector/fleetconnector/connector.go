// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/connector/fleetconnector/internal/metadata"
	"github.com/headcount-otel/headcount/state"
)

// fleetConnector hears installations and tells of the fleet.
type fleetConnector struct {
	config    *Config
	set       connector.Settings
	next      consumer.Metrics
	figures   figures
	telemetry *metadata.TelemetryBuilder
	now       func() time.Time
	started   time.Time

	store   state.Store
	stop    context.CancelFunc
	telling sync.WaitGroup

	mutex sync.Mutex
	fleet *installations
	full  bool // new installations were turned away since the last round

	// What the log says once.
	saidFull, saidRefused, saidUnsaved bool
}

func newFleetConnector(set connector.Settings, cfg *Config, next consumer.Metrics) (*fleetConnector, error) {
	f, err := newFigures(cfg)
	if err != nil {
		return nil, err
	}
	telemetry, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	return &fleetConnector{config: cfg, set: set, next: next, figures: f, telemetry: telemetry, now: time.Now}, nil
}

// Capabilities implements consumer.Metrics.
func (*fleetConnector) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

// Start reads the fleet that is remembered, and begins to tell of it.
func (c *fleetConnector) Start(ctx context.Context, host component.Host) error {
	var err error
	if c.store, err = state.Open(ctx, host, c.config.Storage, component.KindConnector, c.set.ID); err != nil {
		return err
	}
	if c.fleet, err = loadInstallations(ctx, c.store, c.config.MaxInstallations, c.figures); err != nil {
		return errors.Join(err, c.store.Close(ctx))
	}
	c.started = c.now()
	ctx, c.stop = context.WithCancel(context.Background())
	c.telling.Go(func() {
		ticker := time.NewTicker(c.config.Interval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				c.round(ctx)
			}
		}
	})
	return nil
}

// Shutdown tells and saves a last time.
func (c *fleetConnector) Shutdown(ctx context.Context) error {
	if c.stop == nil {
		return nil
	}
	c.stop()
	c.stop = nil
	c.telling.Wait()
	c.round(ctx)
	return errors.Join(ctx.Err(), c.store.Close(ctx))
}

// ConsumeMetrics hears what installations report.
func (c *fleetConnector) ConsumeMetrics(ctx context.Context, reports pmetric.Metrics) error {
	now := secondsOf(c.now())
	var unfit, unidentified, full int64
	c.mutex.Lock()
	for _, report := range reports.ResourceMetrics().All() {
		id, identified := report.Resource().Attributes().Get(mapping.InstanceID)
		if !identified || id.AsString() == "" {
			unidentified++
			continue
		}
		from := c.fleet.hear(id.AsString(), now)
		if from == nil {
			full++
			continue
		}
		unfit += int64(c.figures.take(report, from, now))
	}
	c.full = c.full || full > 0
	c.mutex.Unlock()
	c.telemetry.ConnectorFleetValuesDropped.Add(ctx, unfit)
	c.telemetry.ConnectorFleetReportsDropped.Add(ctx, unidentified, because("unidentified"))
	c.telemetry.ConnectorFleetReportsDropped.Add(ctx, full, because("full"))
	return nil
}

func because(reason string) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(attribute.String("reason", reason)))
}

// round tells of the fleet as it is now, and saves it.
func (c *fleetConnector) round(ctx context.Context) {
	now := c.now()
	c.mutex.Lock()
	c.fleet.forget(c.figures.longest(c.config.Window), secondsOf(now))
	told := c.tell(now)
	changed := c.fleet.takeChanged(c.figures)
	full := c.full
	c.full = false
	c.mutex.Unlock()

	c.note(&c.saidFull, full, "max_installations is reached: reports of installations that are not known yet are not counted", nil)
	err := c.next.ConsumeMetrics(ctx, told)
	c.note(&c.saidRefused, err != nil && ctx.Err() == nil, "The pipeline refuses the fleet's figures", err)
	err = save(ctx, c.store, changed)
	c.note(&c.saidUnsaved, err != nil && ctx.Err() == nil, "The fleet cannot be stored; a restart would forget the reports since", err)
	c.mutex.Lock()
	for shard := range changed { // what could not be saved
		c.fleet.changed[shard] = true
	}
	c.mutex.Unlock()
}

// tell says what all that was heard comes to.
func (c *fleetConnector) tell(at time.Time) pmetric.Metrics {
	now, count := secondsOf(at), 0
	all := slices.Collect(maps.Values(c.fleet.known))
	for _, known := range all {
		if known.seen.within(c.config.Window, now) {
			count++
		}
	}
	t := newTelling(c.set.ID.Name(), c.started, at)
	t.upDownCounter("installation.count", "{installation}").count(count)
	for index, f := range c.figures.all {
		f.tell(f.name, answers(all, index, f.window, now), t)
	}
	return t.Metrics
}

// note says when something begins to go wrong, and when it ends.
func (c *fleetConnector) note(said *bool, wrong bool, what string, err error) {
	if *said == wrong {
		return
	}
	if *said = wrong; wrong {
		c.set.Logger.Warn(what, zap.Error(err))
	} else {
		c.set.Logger.Info("No longer: " + what)
	}
}
