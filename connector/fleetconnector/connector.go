// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/connector/fleetconnector/internal/metadata"
	"github.com/headcount-otel/headcount/internal/oncelog"
	"github.com/headcount-otel/headcount/state"
)

// fleetConnector takes in what installations report and emits what the fleet is like.
type fleetConnector struct {
	config     *Config
	set        connector.Settings
	next       consumer.Metrics
	aggregates aggregates
	telemetry  *metadata.TelemetryBuilder
	now        func() time.Time
	running    func() time.Duration // whatever the wall clock does
	started    time.Time

	memory memory
	stop   context.CancelFunc
	ticks  sync.WaitGroup

	mutex      sync.Mutex
	fleet      *installations
	group      *group
	forgetting forgetting
	full       bool // new installations were turned away since the last snapshot

	// total is the renewal of how many installations there are, renewals those of the aggregates.
	total    *renewal
	renewals []*renewal

	// before is what was last told.
	before pmetric.Metrics

	// page and history are nil where no page is configured.
	page      *page
	history   history
	closePage func(context.Context) error

	notices oncelog.Log
}

func newFleetConnector(set connector.Settings, cfg *Config, next consumer.Metrics) (*fleetConnector, error) {
	a, err := newAggregates(cfg)
	if err != nil {
		return nil, err
	}
	telemetry, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	created := time.Now()
	c := &fleetConnector{
		config: cfg, set: set, notices: oncelog.Log{Logger: set.Logger}, next: next, aggregates: a, telemetry: telemetry, total: newRenewal(),
		now: time.Now, running: func() time.Duration { return time.Since(created) },
	}
	for range a.all {
		c.renewals = append(c.renewals, newRenewal())
	}
	return c, nil
}

// Capabilities implements consumer.Metrics.
func (*fleetConnector) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

// Start reads the fleet that is remembered, and begins to emit.
func (c *fleetConnector) Start(ctx context.Context, host component.Host) error {
	store, err := state.Open(ctx, host, c.config.Storage, component.KindConnector, c.set.ID)
	if err != nil {
		return err
	}
	c.memory = memory{journal: journal{store: store}, of: c.aggregates}
	if c.fleet, err = c.memory.load(ctx, c.config.MaxInstallations); err == nil {
		err = loadTold(ctx, store, c.byKey())
	}
	if err != nil {
		return errors.Join(err, store.Close(ctx))
	}
	c.group = &group{block: newBlock(c.aggregates)}
	c.started = c.now()
	if err := c.startPage(ctx, host, store); err != nil {
		return errors.Join(err, store.Close(ctx))
	}
	c.forgetting = newForgetting(c.fleet.newest(), c.started)
	ctx, c.stop = context.WithCancel(context.Background())
	c.ticks.Go(func() {
		ticker := time.NewTicker(c.config.Interval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				c.tick(ctx)
			}
		}
	})
	return nil
}

// Shutdown emits a last time. What was acknowledged is stored already.
func (c *fleetConnector) Shutdown(ctx context.Context) error {
	if c.stop == nil {
		return nil
	}
	c.stop()
	c.stop = nil
	c.ticks.Wait()
	c.tick(ctx)
	return errors.Join(ctx.Err(), c.closePage(ctx), c.memory.store.Close(ctx))
}

// ConsumeMetrics takes in what installations report. What it acknowledges is stored.
func (c *fleetConnector) ConsumeMetrics(ctx context.Context, reports pmetric.Metrics) error {
	c.mutex.Lock()
	g, dropped := c.observe(reports)
	c.mutex.Unlock()
	c.telemetry.ConnectorFleetValuesDropped.Add(ctx, dropped.unfit)
	for reason, reports := range map[string]int64{"unidentified": dropped.unidentified, "full": dropped.full, "stale": dropped.stale} {
		if reports > 0 {
			c.telemetry.ConnectorFleetReportsDropped.Add(ctx, reports, because(reason))
		}
	}
	if !c.memory.store.Keeps() {
		return nil
	}
	err := c.memory.commit(ctx, g, func() {
		c.mutex.Lock()
		c.group = &group{block: newBlock(c.aggregates)}
		c.mutex.Unlock()
	})
	if err != nil {
		return fmt.Errorf("the report cannot be stored: %w", err)
	}
	return nil
}

// dropped counts what did not become part of the fleet.
type dropped struct{ unfit, unidentified, full, stale int64 }

// observe notes the reports, and returns the group with which they are stored.
func (c *fleetConnector) observe(reports pmetric.Metrics) (*group, dropped) {
	var lost dropped
	now, longest := c.now(), c.aggregates.longest(c.config.Window)
	touched := map[identity]place{}
	for _, report := range reports.ResourceMetrics().All() {
		id, identified := report.Resource().Attributes().Get(mapping.InstanceID)
		if !identified || id.AsString() == "" {
			lost.unidentified++
			continue
		}
		who := identityOf(c.fleet.key, id.AsString())
		at, known, ok := c.fleet.find(who)
		if !ok {
			lost.full++
			c.full = true
			continue
		}
		reported := reportedAt(report, now, longest)
		if !reported.within(longest, secondsOf(now)) {
			lost.stale++
		}
		c.fleet.see(at, known, reported)
		c.total.observe(at, c.config.MinInstallations)
		tags := mapping.TagsOf(report)
		for index, said := range c.aggregates.observations(report) {
			a, fits := c.aggregates.all[index].observe(said)
			if !fits || !c.aggregates.all[index].tag.Agrees(tags) {
				lost.unfit++
				continue
			}
			c.fleet.put(at, index, a, reported)
			c.renewals[index].observe(at, c.config.MinInstallations)
		}
		touched[who] = at
	}
	for who, at := range touched {
		c.memory.changed[who[0]] = true
		if c.memory.store.Keeps() {
			c.group.block = c.fleet.record(c.group.block, who, at)
		}
	}
	return c.group, lost
}

func because(reason string) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(attribute.String("reason", reason)))
}

// tick forgets, emits the fleet as it may be told now, and brings the shards up to date.
func (c *fleetConnector) tick(ctx context.Context) {
	now := c.now()
	c.mutex.Lock()
	c.fleet.forget(c.aggregates.longest(c.config.Window), c.forgetting.advance(now, c.running()), func(who identity) { c.memory.changed[who[0]] = true })
	told, renewed := c.snapshot(now)
	full := c.full
	c.full = false
	c.mutex.Unlock()

	c.note(full, "max_installations is reached: reports of installations that are not known yet are not counted", nil)
	err := c.next.ConsumeMetrics(ctx, c.withEnded(told, now, renewed))
	c.note(err != nil && ctx.Err() == nil, "The pipeline refuses the fleet's figures", err)
	err = c.show(ctx, told, now, renewed)
	c.note(err != nil && ctx.Err() == nil, "The page cannot be written", err)
	err = c.save(ctx, now, renewed)
	c.note(err != nil && ctx.Err() == nil, "The fleet cannot be stored", err)
}

// withEnded is what is told, and that what was told before and is no more has ended.
func (c *fleetConnector) withEnded(told pmetric.Metrics, now time.Time, renewed bool) pmetric.Metrics {
	if !renewed {
		return told
	}
	all := told
	if c.before != (pmetric.Metrics{}) {
		all = lastly(c.before, told, pcommon.NewTimestampFromTime(now))
	}
	c.before = pmetric.NewMetrics()
	told.CopyTo(c.before)
	return all
}

// save stores what was told when it is new, and the shards when it is time.
func (c *fleetConnector) save(ctx context.Context, now time.Time, renewed bool) error {
	var errs error
	if renewed {
		errs = saveTold(ctx, c.memory.store, c.byKey())
	}
	if !c.memory.compacts(now) {
		return errs
	}
	upTo := c.memory.written()
	var members [shards][]identity
	c.mutex.Lock()
	changed := c.memory.changed
	c.memory.changed = [shards]bool{}
	for who := range c.fleet.places {
		members[who[0]] = append(members[who[0]], who)
	}
	c.mutex.Unlock()
	err := c.memory.compact(ctx, now, upTo, changed, func(shard int) []byte {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		block := newBlock(c.aggregates)
		for _, who := range members[shard] {
			if at, known := c.fleet.places[who]; known {
				block = c.fleet.record(block, who, at)
			}
		}
		return block
	})
	if err != nil {
		c.mutex.Lock()
		for shard, was := range changed {
			c.memory.changed[shard] = c.memory.changed[shard] || was
		}
		c.mutex.Unlock()
	}
	return errors.Join(errs, err)
}

// note says when something begins to go wrong, and when it ends.
func (c *fleetConnector) note(wrong bool, what string, err error) {
	c.notices.Note(wrong, what, "No longer: "+what, zap.Error(err))
}
