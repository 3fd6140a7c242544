// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/internal/oncelog"
	"github.com/headcount-otel/headcount/processor/installationprocessor/internal/metadata"
	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

// installationProcessor gathers requests by installation, and hands each
// installation on once the moment for its requests has passed.
type installationProcessor struct {
	cfg       *Config
	id        component.ID
	notices   oncelog.Log
	next      consumer.Metrics
	telemetry *metadata.TelemetryBuilder
	consent   trust.Consent
	open      func() error // restores, the first time
	forget    func()       // ends the wait for a withdrawal
	now       func() time.Time

	mu            sync.Mutex
	store         state.Store
	installations map[string]*installation
	closed        bool
	emitting      sync.WaitGroup
}

var _ processor.Metrics = (*installationProcessor)(nil)

func newProcessor(set processor.Settings, cfg *Config, next consumer.Metrics) (*installationProcessor, error) {
	telemetry, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	return &installationProcessor{
		cfg: cfg, id: set.ID, notices: oncelog.Log{Logger: set.Logger}, next: next, telemetry: telemetry, consent: trust.AlwaysOn{}, forget: func() {},
		now: time.Now, installations: map[string]*installation{},
	}, nil
}

// Capabilities implements consumer.Metrics: what arrives is copied.
func (*installationProcessor) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

// Start reads what is kept, refusing what cannot be read: made anew, it would be a new installation.
func (p *installationProcessor) Start(ctx context.Context, host component.Host) error {
	var err error
	if p.consent, err = trust.ConsentOf(host, p.cfg.Consent, trust.Member{Kind: component.KindProcessor, ID: p.id}); err != nil {
		return err
	}
	p.open = sync.OnceValue(func() error { return p.restore(context.WithoutCancel(ctx), host) })
	if !p.permits() {
		return nil // nothing is made while consent is off; it is opened when something comes after that
	}
	return p.open()
}

func (p *installationProcessor) permits() bool {
	mode, _ := p.consent.Mode()
	return mode != trust.Off
}

// ConsumeMetrics takes a request in. While consent is withheld it is let go, as if nobody had reported.
func (p *installationProcessor) ConsumeMetrics(ctx context.Context, md pmetric.Metrics) error {
	if !p.permits() {
		return nil
	}
	if err := p.open(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	for _, rm := range md.ResourceMetrics().All() {
		i := p.of(rm.Resource().Attributes())
		if i == nil {
			p.notices.Warn("crowded", "More installations report than max_installations, and what the others say is let go: name in identity::per only what stays as it is, or write a greater max_installations", zap.Int("max_installations", p.cfg.MaxInstallations))
			p.drop(ctx, pointsOf(rm), full)
			continue
		}
		left := i.observe(rm, now, p.cfg.MaxSeries)
		if left.full > 0 {
			p.notices.Warn("full", "An installation has more series than max_series, and stats of what is left out are incomplete: count by fewer attributes, or write a greater max_series", zap.Int("max_series", p.cfg.MaxSeries))
		}
		if left.lost > 0 {
			p.notices.Warn("lost", "An application's SDK counted past its limit of series, and may have kept one number for many: stats of that metric are incomplete; count by fewer attributes, or raise the SDK's limit")
		}
		p.drop(ctx, left.full+left.lost, full)
		p.drop(ctx, left.malformed, malformed)
		p.drop(ctx, left.stale, repeated)
		p.drop(ctx, left.mixed, confused)
		if p.cfg.Identity.lacksName(rm.Resource().Attributes()) {
			p.notices.Warn("unnamed", "An application says no service.name, and counts as one installation with each other that says none: set OTEL_SERVICE_NAME in it")
		}
		if left.mixed > 0 {
			p.notices.Warn("mixed", "Several processes report as one, and of a counter the greatest is taken in place of the sum: give each a service.instance.id of its own")
		}
		if left.shared > 0 {
			p.notices.Warn("shared", "Several processes report their increments as one at the same times, and what is alike counts once: give each a service.instance.id of its own")
		}
		p.schedule(i)
	}
	return nil
}

// Reasons for which points are not gathered.
var (
	full      = metric.WithAttributes(attribute.String("reason", "full"))
	malformed = metric.WithAttributes(attribute.String("reason", "malformed"))
	repeated  = metric.WithAttributes(attribute.String("reason", "stale"))
	confused  = metric.WithAttributes(attribute.String("reason", "mixed"))
)

func (p *installationProcessor) drop(ctx context.Context, points int, reason metric.MeasurementOption) {
	if points > 0 {
		p.telemetry.ProcessorInstallationPointsDropped.Add(ctx, int64(points), reason)
	}
}

// schedule hands an installation on in a moment, unless that is under way; p.mu is held.
func (p *installationProcessor) schedule(i *installation) {
	if i.timer != nil || p.closed {
		return
	}
	p.emitting.Add(1)
	i.timer = time.AfterFunc(p.cfg.Gather, func() {
		defer p.emitting.Done()
		p.emit(context.Background(), i)
	})
}

// emit stores what is known of an installation, and hands it on.
func (p *installationProcessor) emit(ctx context.Context, i *installation) {
	p.mu.Lock()
	i.timer = nil
	if !p.permits() {
		p.mu.Unlock()
		return
	}
	now := p.now()
	i.expire(now, p.cfg.ProcessTimeout, p.cfg.MaxSeries)
	contradictory := i.contradictions(now, p.cfg.ProcessTimeout)
	err := i.save(ctx, p.store)
	md := i.gathered(contradictory)
	p.mu.Unlock()
	for _, name := range contradictory {
		p.notices.Warn("kinds of "+name, "A metric comes in several kinds or units, which do not add up: stats that need it wait until one of them has not come for process_timeout", zap.String("metric", name))
	}
	p.notices.Note(err != nil, "What an installation's processes counted cannot be stored, and is lost at the next restart",
		"What an installation's processes count is stored again", zap.Error(err))
	err = p.next.ConsumeMetrics(ctx, md)
	p.notices.Note(err != nil, "What was gathered is not taken in; it is handed on with the next request",
		"What is gathered is taken in again", zap.Error(err))
}

// Shutdown hands on what is still being gathered.
func (p *installationProcessor) Shutdown(ctx context.Context) error {
	p.forget()
	p.mu.Lock()
	p.closed = true
	var pending []*installation
	for _, i := range p.installations {
		if i.timer != nil && i.timer.Stop() {
			pending = append(pending, i)
		}
	}
	p.mu.Unlock()
	for _, i := range pending {
		p.emit(ctx, i)
		p.emitting.Done()
	}
	p.emitting.Wait()
	p.telemetry.Shutdown()
	store := p.store
	p.store = state.Store{}
	return store.Close(ctx)
}

// discard forgets every installation with its id, when consent is withdrawn.
func (p *installationProcessor) discard(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, i := range p.installations {
		if i.timer != nil && i.timer.Stop() {
			i.timer = nil
			p.emitting.Done()
		}
	}
	clear(p.installations)
	return p.store.Clear(ctx)
}

func pointsOf(rm pmetric.ResourceMetrics) (points int) {
	md := pmetric.NewMetrics()
	rm.CopyTo(md.ResourceMetrics().AppendEmpty())
	return md.DataPointCount()
}
