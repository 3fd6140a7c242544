// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectexporter

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exporterhelper/xexporterhelper"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/collectexporter/internal/metadata"
	"github.com/headcount-otel/headcount/exporter/internal/delivery"
	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/exporter/internal/signing"
	"github.com/headcount-otel/headcount/internal/oncelog"
	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

// collectExporter stands before the Collector's queue, where it lets in what may
// and has to be sent (admit), and behind it, where it sends (push).
type collectExporter struct {
	config    *Config
	settings  exporter.Settings
	logger    *zap.Logger
	telemetry *metadata.TelemetryBuilder
	mapping   *mapping.Mapping
	groups    map[string]pacing.Group
	queue     *queue
	pending   *pending
	delayed   *delayed
	notices   oncelog.Subjects[notice]
	now       func() time.Time

	host     component.Host
	health   *health
	consent  trust.Consent
	observer trust.Observer
	client   *endpoint.Endpoint
	// unlisten ends the wait for a withdrawal of consent.
	unlisten func()
	// unask ends the asking for the anonymizer's marks.
	unask func()

	// opening guards sender, which is nil until something may be sent.
	opening  sync.Mutex
	sender   *delivery.Sender
	keys     *signing.Keys // nil where reports are not signed
	shutdown sync.Once

	// running ends when Shutdown has no more time for what is under way.
	running context.Context
	stop    context.CancelFunc
}

var _ exporter.Metrics = (*collectExporter)(nil)

func newCollectExporter(ctx context.Context, set exporter.Settings, cfg *Config) (*collectExporter, error) {
	telemetry, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	e := &collectExporter{
		config:    cfg,
		settings:  set,
		logger:    set.Logger,
		telemetry: telemetry,
		mapping:   mapping.New(cfg.Stats),
		groups:    pacing.Groups(cfg.Stats),
		pending:   newPending(longestWait(cfg)),
		now:       time.Now,
		unlisten:  func() {},
		unask:     func() {},
	}
	e.delayed = newDelayed(e.release)
	e.running, e.stop = context.WithCancel(context.Background())

	codec, err := newEncoding(cfg.Stats, e.groups)
	if err != nil {
		return nil, err
	}
	options := []exporterhelper.Option{
		exporterhelper.WithTimeout(exporterhelper.TimeoutConfig{}), // the client's own holds for each request
		exporterhelper.WithRetry(cfg.RetryOnFailure),
	}
	var queueStorage *component.ID
	if !cfg.DryRun { // which stores nothing, not even in a queue
		options = append(options, xexporterhelper.WithQueueBatch(cfg.SendingQueue, xexporterhelper.QueueBatchSettings{Encoding: codec}))
		if waiting := cfg.SendingQueue.Get(); waiting != nil {
			queueStorage = waiting.StorageID
		}
	}
	set.Logger = warningsOf(set.Logger)
	e.queue, err = newQueue(func() (exporter.Metrics, error) {
		return xexporterhelper.NewMetricsRequest(ctx, set, convert, e.push, options...)
	}, queueStorage)
	return e, err
}

// Capabilities: metrics are only read.
func (*collectExporter) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

// Start builds the client. Storage and queue are opened if something may be sent,
// otherwise as soon as it may.
func (e *collectExporter) Start(ctx context.Context, host component.Host) (err error) {
	e.host = host
	e.unask = trust.AskForMarks()
	if e.consent, err = trust.ConsentOf(host, e.config.Consent, trust.Member{Kind: component.KindExporter, ID: e.settings.ID}); err != nil {
		return err
	}
	e.observer = trust.ObserverOf(e.consent)
	e.health = &health{logger: e.logger, host: host, concluded: trust.Concludes(e.consent)}
	userAgent := "headcount/" + e.settings.BuildInfo.Version
	if e.client, err = newClient(ctx, e.config, host, e.settings.TelemetrySettings, userAgent); err != nil {
		return err
	}
	e.observer.Promises(trust.Destination{Host: e.client.Host, Relay: e.config.relayHost(), Stats: e.statNames(), Descriptions: e.descriptions(), Keys: e.statKeys(), Signed: e.config.Sign, DryRun: e.config.DryRun})
	// Also in the mode local, where the queue's old copies are discarded.
	if mode, _ := e.consent.Mode(); mode != trust.Off {
		if err := e.open(ctx); err != nil {
			return err
		}
	}
	e.unlisten = trust.OnWithdrawal(e.consent, e.discard)
	return nil
}

func (e *collectExporter) statNames() []string {
	if len(e.config.Stats) == 0 {
		return []string{mapping.Usage}
	}
	return e.config.Stats.Names()
}

// descriptions are what the profile says of the stats.
func (e *collectExporter) descriptions() map[string]string {
	all := map[string]string{}
	for stat, definition := range e.config.Stats {
		if definition.Description != "" {
			all[stat] = definition.Description
		}
	}
	return all
}

// statKeys are where each key of the stats comes from; none where all that passes is the stat.
func (e *collectExporter) statKeys() (keys []trust.Key) {
	for _, stat := range e.config.Stats.Names() {
		keys = append(keys, trust.Key{Stat: stat, Name: "instanceId", From: mapping.InstanceID})
		value := e.config.Stats[stat].Value
		for _, name := range value.Names() {
			origin := value[name]
			keys = append(keys, trust.Key{Stat: stat, Name: name, From: cmp.Or(origin.Metric, origin.Resource), Description: origin.Description})
		}
	}
	return keys
}

// discard forgets all that waits to be sent, and the keys of what was; consent is withdrawn.
func (e *collectExporter) discard(ctx context.Context) error {
	e.delayed.clear()
	defer e.pending.clear()
	return errors.Join(e.queue.empty(ctx, e.host, e.settings.ID), e.forgetKeys(ctx))
}

func (e *collectExporter) forgetKeys(ctx context.Context) error {
	e.opening.Lock()
	defer e.opening.Unlock()
	switch {
	case !e.config.Sign || e.config.DryRun:
		return nil
	case e.sender != nil:
		return e.keys.Forget(ctx)
	}
	// An earlier withdrawal was cut short.
	store, err := state.Open(ctx, e.host, e.config.Storage, component.KindExporter, e.settings.ID)
	if err != nil {
		return err
	}
	return errors.Join(store.ForgetSecret(ctx), store.Close(ctx))
}

// open reads the memory of what was accepted and starts the queue, once.
func (e *collectExporter) open(ctx context.Context) error {
	e.opening.Lock()
	defer e.opening.Unlock()
	if e.sender != nil {
		return nil
	}
	var store state.Store
	if !e.config.DryRun {
		var err error
		if store, err = state.Open(ctx, e.host, e.config.Storage, component.KindExporter, e.settings.ID); err != nil {
			return err
		}
	}
	tracker, damage, err := pacing.Open(ctx, store, e.now)
	if err != nil {
		return errors.Join(err, store.Close(ctx))
	}
	if damage != nil {
		e.logger.Error("Some of the memory of what was accepted cannot be read; the stats that it is about rest for one interval, and are then sent", zap.Error(damage))
	}
	if e.config.Sign {
		if e.keys, err = signing.Open(ctx, store, e.permits); err != nil {
			return errors.Join(err, store.Close(ctx))
		}
	}
	e.sender = &delivery.Sender{ // the queue's consumers need it from their start
		Host: e.client.Host, Transport: e.client, Signer: e.keys, Tracker: tracker, Groups: e.groups,
		Permits: e.permits, Observer: e.observer, Backoff: delivery.Backoff(e.config.RetryOnFailure),
		Noted: e.noted, Now: e.now, DryRun: e.config.DryRun,
	}
	if err := e.queue.start(ctx, e.host); err != nil {
		e.sender = nil
		return errors.Join(err, store.Close(ctx))
	}
	return nil
}

// Shutdown lets what is under way come to its end for no longer than one request's
// timeout, or until ctx is done. What is in a persistent queue stays there.
func (e *collectExporter) Shutdown(ctx context.Context) (err error) {
	e.shutdown.Do(func() {
		e.unask()
		e.unlisten()
		e.delayed.stop()
		patience := time.AfterFunc(e.config.ClientConfig.Timeout, e.stop)
		defer patience.Stop()
		defer context.AfterFunc(ctx, e.stop)()
		err = e.queue.shutdown(ctx)
		e.stop()
		e.delayed.wait()
		if e.sender != nil {
			e.sender.Flush()
			err = errors.Join(err, e.sender.Tracker.Close(ctx))
		}
		if e.client != nil {
			e.client.CloseIdleConnections()
		}
		e.telemetry.Shutdown()
	})
	return err
}
