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
	origins  map[string]origin
	leader   leadership
	leads    bool
	memory   *memory

	// appReported is the application's own report that was spoken of last.
	appReported time.Time

	// pending are the cursors of the scrape that the pipeline has not accepted yet.
	pending map[string]cursor
}

func newUsageScraper(set receiver.Settings, cfg *Config) (*usageScraper, error) {
	telemetry, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	s := &usageScraper{cfg: cfg, settings: set.TelemetrySettings, logger: set.Logger, telemetry: telemetry, memory: &memory{cfg: cfg, owner: set.ID}}
	s.interrupted, s.interrupt = context.WithCancel(context.Background())
	s.health = newHealth(s.interrupted, set.Logger)
	return s, nil
}

func (s *usageScraper) start(ctx context.Context, host component.Host) (err error) {
	s.host, s.memory.host = host, host
	if s.consent, err = trust.ConsentOf(host, s.cfg.Consent); err != nil {
		return err
	}
	s.forget = trust.OnWithdrawal(s.consent, s.memory.forgetID)
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
	origins := make(map[string]origin, len(s.cfg.Sources))
	for _, name := range s.cfg.Sources.Names() {
		made, err := originOf(ctx, s.cfg.Sources[name], s.host, s.settings)
		if err != nil {
			return fmt.Errorf("sources::%s: %w", name, err)
		}
		origins[name] = made
	}
	leader, err := leadershipBy(s.host, s.cfg.Leader, origins, "headcount/"+s.memory.owner.String())
	if err != nil {
		return err
	}
	if err := s.memory.open(ctx); err != nil {
		return err
	}
	s.origins, s.leader, s.prepared = origins, leader, true
	return nil
}

func (s *usageScraper) shutdown(ctx context.Context) error {
	s.interrupt()
	if s.forget != nil {
		s.forget()
	}
	s.resign()
	s.telemetry.Shutdown()
	return s.memory.close(ctx)
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

// scrape never fails: the controller's helper would log the same error on every
// round, where health says it once per change.
func (s *usageScraper) scrape(ctx context.Context) (pmetric.Metrics, error) {
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
	r := s.read(reading)
	if s.interrupted.Err() != nil || s.withheld() {
		return pmetric.NewMetrics(), nil
	}
	s.tellAppReport(r, time.Now())
	s.identify(ctx, r)
	fresh := s.freshEvents(r)
	s.count(ctx, r)
	return s.metrics(r, fresh, time.Now()), nil
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
		if err := next.ConsumeMetrics(ctx, md); err != nil {
			s.health.failed("pipeline", errRefused)
			return err
		}
		s.health.works("pipeline")
		// What is accepted is noted even when Shutdown comes in between.
		s.health.note("storage", s.memory.commit(context.WithoutCancel(ctx), pending))
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

// leaveTime keeps a tenth of a scrape's time for the pipeline.
func leaveTime(ctx context.Context) (context.Context, context.CancelFunc) {
	return share(ctx, 10, 9)
}

// share bounds a context by parts of the whole of the time that it has left.
func share(ctx context.Context, whole, parts int) (context.Context, context.CancelFunc) {
	deadline, _ := ctx.Deadline()
	return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(whole)*time.Duration(parts))
}
