// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/metadata"
	"github.com/headcount-otel/headcount/trust"
)

// usageScraper reads what its configuration names, once per scrape.
type usageScraper struct {
	cfg       *Config
	settings  component.TelemetrySettings
	logger    *zap.Logger
	telemetry *metadata.TelemetryBuilder
	health    *health

	// interrupted ends at Shutdown, which does not end a scrape's own context.
	interrupted context.Context
	interrupt   context.CancelFunc

	host    component.Host
	consent trust.Consent
	// forget ends the listening for a withdrawal of consent.
	forget func()

	// What the first permitted scrape needs, made by prepare.
	prepared bool
	reader   reader
	leader   leadership
	leads    bool
	records  *records
	notice   reportNotice

	// pending are the cursors of the scrape that the pipeline has not accepted yet.
	pending map[string]cursor
	// unread are the failures of the scrape, if nothing succeeded.
	unread []string
}

func newUsageScraper(set receiver.Settings, cfg *Config) (*usageScraper, error) {
	telemetry, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	s := &usageScraper{
		cfg: cfg, settings: set.TelemetrySettings, logger: set.Logger, telemetry: telemetry,
		records: &records{cfg: cfg, owner: set.ID}, notice: reportNotice{cfg: cfg.AppReport, logger: set.Logger, owner: set.ID},
	}
	s.interrupted, s.interrupt = context.WithCancel(context.Background())
	s.health = newHealth(s.interrupted, set.Logger)
	return s, nil
}

func (s *usageScraper) start(ctx context.Context, host component.Host) (err error) {
	s.host, s.records.host = host, host
	if s.consent, err = trust.ConsentOf(host, s.cfg.Consent, trust.Member{Kind: component.KindReceiver, ID: s.records.owner}); err != nil {
		return err
	}
	s.forget = trust.OnWithdrawal(s.consent, s.records.forgetID)
	s.readsNext(s.cfg.InitialDelay)
	if s.withheld() {
		return nil
	}
	return s.prepare(ctx)
}

// prepare looks up and opens what a scrape needs. It waits for the first
// permission, because without it nothing is looked up or opened.
func (s *usageScraper) prepare(ctx context.Context) error {
	if s.prepared {
		return nil
	}
	clients := make(map[string]client, len(s.cfg.Sources))
	for _, name := range s.cfg.Sources.Names() {
		from := s.cfg.Sources[name]
		kind, _ := from.kind() // Validate has seen that there is one
		made, err := kind.client(ctx, s.host, s.settings)
		if err != nil {
			return fmt.Errorf("sources::%s: %w", name, err)
		}
		clients[name] = made
		if database, is := made.(databaseClient); is && len(database.Ignored()) > 0 {
			s.logger.Info("Options of the URL that mean nothing here are ignored",
				zap.String("source", name), zap.Strings("options", database.Ignored()))
		}
	}
	leader, err := leadershipBy(s.host, s.cfg.Leader, clients, "headcount/"+s.records.owner.String())
	if err != nil {
		return err
	}
	if err := s.records.open(ctx); err != nil {
		return err
	}
	complete, err := s.cfg.complete()
	if err != nil {
		return err
	}
	s.reader = reader{cfg: s.cfg, complete: complete, clients: clients, health: s.health, logger: s.logger, asked: map[string]bool{}}
	s.leader, s.prepared = leader, true
	sayUnset(s.cfg, complete, s.logger)
	return nil
}

func (s *usageScraper) shutdown(ctx context.Context) error {
	s.interrupt()
	if s.forget != nil {
		s.forget()
	}
	s.resign()
	s.telemetry.Shutdown()
	return s.records.close(ctx)
}

// lead reports whether this replica is to scrape, and says when that changes.
func (s *usageScraper) lead(ctx context.Context) bool {
	ctx, cancel := share(ctx, 2, 1)
	defer cancel()
	leads, err := s.leader.leads(ctx)
	s.health.note("leader", err)
	if leads != s.leads && s.cfg.Leader != "" {
		s.logger.Info("Leadership changed", zap.Bool("leads", leads))
	}
	s.leads = leads
	return leads
}

func (s *usageScraper) resign() {
	if s.leader != nil {
		s.leader.resign()
	}
}

// withheld reports that nothing may be read.
func (s *usageScraper) withheld() bool {
	mode, _ := s.consent.Mode()
	return mode == trust.Off
}

// readsNext tells when the controller will ask for the next scrape.
func (s *usageScraper) readsNext(after time.Duration) {
	trust.ObserverOf(s.consent).ReadsNext(s.records.owner, time.Now().Add(after))
}

// scrape never fails: the controller's helper would log the same error on every
// tick, where health says it once per change.
func (s *usageScraper) scrape(ctx context.Context) (pmetric.Metrics, error) {
	s.readsNext(s.cfg.CollectionInterval)
	if s.withheld() {
		s.resign()
		return pmetric.NewMetrics(), nil
	}
	ctx, cancel := s.interruptible(ctx)
	defer cancel()
	if err := s.prepare(ctx); err != nil {
		s.health.failed("receiver", err)
		return pmetric.NewMetrics(), nil
	}
	s.health.works("receiver")
	if !s.lead(ctx) {
		return pmetric.NewMetrics(), nil
	}

	reading, cancel := leaveTime(ctx)
	defer cancel()
	got := s.reader.read(reading)
	if s.interrupted.Err() != nil || s.withheld() {
		return pmetric.NewMetrics(), nil
	}
	s.notice.say(got.appReport, s.consent, time.Now())
	s.identify(ctx, got)
	s.unread = nil
	if got.isEmpty(s.cfg) {
		s.unread = s.health.failures()
	}
	var fresh map[string]result
	fresh, s.pending = s.reader.freshEvents(got, s.records.cursors)
	for outcome, n := range got.outcomes(s.cfg.Events.Names()) {
		s.telemetry.ReceiverAppusageReadings.Add(ctx, n, metric.WithAttributes(attribute.String("outcome", outcome)))
	}
	return metricsOf(s.cfg, got, fresh, time.Now()), nil
}

// identify gives an installation without an id a generated one; after a failed
// reading it may have one of its own that could not be read.
func (s *usageScraper) identify(ctx context.Context, got *scrape) {
	if found := got.resource[instanceID]; found.failed || found.value != nil {
		return
	}
	id, err := s.records.instanceID(ctx, s.consent)
	got.resource[instanceID] = s.reader.result("resource::"+instanceID, id, err)
}

// handOver passes a scrape on, and commits its cursors once the pipeline has accepted it.
func (s *usageScraper) handOver(next consumer.Metrics) consumer.ConsumeMetricsFunc {
	return func(ctx context.Context, md pmetric.Metrics) error {
		if md.ResourceMetrics().Len() == 0 {
			return nil
		}
		ctx, cancel := s.interruptible(ctx)
		defer cancel()
		pending := s.pending
		s.pending = nil
		if unread := s.unread; len(unread) > 0 {
			defer func() { // after what comes of the rest
				trust.ObserverOf(s.consent).Unread(trust.Unread{Receiver: s.records.owner, Failures: unread})
			}()
		}
		if err := next.ConsumeMetrics(ctx, md); err != nil {
			s.health.failed("pipeline", errRefused)
			return err
		}
		s.health.works("pipeline")
		// What is accepted is noted even when Shutdown comes in between.
		s.health.note("storage", s.records.commit(context.WithoutCancel(ctx), pending))
		return nil
	}
}

// interruptible gives a context that Shutdown ends too.
func (s *usageScraper) interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.interrupted, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}
