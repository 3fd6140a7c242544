// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/headcount-otel/headcount/collect"
	"github.com/headcount-otel/headcount/collect/mapping"
	"github.com/headcount-otel/headcount/exporter/internal/delivery"
	"github.com/headcount-otel/headcount/exporter/internal/endpoint"
	"github.com/headcount-otel/headcount/exporter/internal/pacing"
	"github.com/headcount-otel/headcount/trust"
)

// Exporter sends the stats of a metrics SDK as collect JSON. It is safe for
// concurrent use.
type Exporter struct {
	consent  func() trust.Mode
	mapping  *mapping.Mapping
	groups   map[string]pacing.Group
	backoff  func(failures int) time.Duration
	now      func() time.Time
	rules    *rules
	state    *stateDir
	endpoint *endpoint.Endpoint
	// tags name the rules that make each stat's random answers.
	tags map[string][]collect.Tag
	// signs: reports are signed.
	signs bool
	// private: the transport is the exporter's own.
	private bool

	// next is when there may be something to do; nil: now.
	next atomic.Pointer[moment]
	// working is held by the one Export that is at work; schedule and troubles are its own.
	working  chan struct{}
	schedule *schedule
	troubles troubles

	// running ends with Shutdown.
	running  context.Context
	stop     context.CancelFunc
	shutdown sync.Once
}

var _ sdkmetric.Exporter = (*Exporter)(nil)

// New makes an exporter. Its errors name the key of the profile, or the option,
// and what to write instead. It opens no file, looks up nothing and makes no
// connection. Of ctx only its values are used.
func New(ctx context.Context, options ...Option) (*Exporter, error) {
	cfg, err := newConfig(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("collectmetric: %w", err)
	}
	e := &Exporter{
		consent:  cfg.asked(),
		mapping:  mapping.New(cfg.collect.Stats),
		groups:   pacing.Groups(cfg.collect.Stats),
		backoff:  delivery.Backoff(cfg.collect.RetryOnFailure),
		now:      time.Now,
		rules:    newRules(cfg.anonymizer),
		state:    &stateDir{path: cfg.stateDir},
		tags:     tagsOf(cfg),
		signs:    cfg.collect.Sign,
		private:  cfg.client == nil,
		working:  make(chan struct{}, 1),
		schedule: newSchedule(cfg.collect.RetryOnFailure, statNames(cfg.collect.Stats)),
	}
	e.running, e.stop = context.WithCancel(context.WithoutCancel(ctx))
	transport, err := cfg.transport()
	if err != nil {
		return nil, err
	}
	e.endpoint, err = endpoint.New(ctx, cfg.collect.Endpoint, transport, cfg.collect.Timeout, "headcount/"+version())
	if err != nil {
		return nil, fmt.Errorf("collectmetric: %w", err)
	}
	return e, nil
}

func tagsOf(cfg *config) map[string][]collect.Tag {
	tags, random := map[string][]collect.Tag{}, cfg.anonymizer.Random()
	for name, stat := range cfg.collect.Stats {
		tags[name] = stat.Tags(random.Metric, random.Resource)
	}
	return tags
}

func statNames(stats mapping.Definitions) []string {
	if len(stats) == 0 {
		return []string{mapping.Usage}
	}
	return stats.Names()
}

// Temporality is cumulative for every kind: a report that could not be delivered is
// built anew from later values, and nothing must be lost with it.
func (*Exporter) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality {
	return metricdata.CumulativeTemporality
}

// Aggregation is the SDK's default for the kind: sums and last values are what
// usage counts are, and explicit buckets are the histogram that a stat can say.
func (*Exporter) Aggregation(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(kind)
}

// Export sends the stats that are due. It keeps nothing of rm, and returns within
// ctx, at most a disk's write later.
//
// It returns nil whatever happens: what fails is tried again by a later Export,
// with the values of then, and is told once through otel.Handle. After Shutdown it
// returns [sdkmetric.ErrExporterShutdown].
func (e *Exporter) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	if e.running.Err() != nil {
		return sdkmetric.ErrExporterShutdown
	}
	if next := e.next.Load(); next != nil && !next.come(time.Now()) {
		return nil
	}
	if rm == nil || !e.permits() {
		return nil
	}
	select {
	case e.working <- struct{}{}:
	default:
		return nil // another Export is at work, with values as good as these
	}
	defer func() { <-e.working }()
	e.work(ctx, rm)
	return nil
}

// work sends what is due, and notes when the next try is worth the while.
func (e *Exporter) work(ctx context.Context, rm *metricdata.ResourceMetrics) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.running, cancel)()

	err := e.guarded(ctx, rm)
	switch {
	case e.running.Err() != nil: // Shutdown called it off
		return
	case err == nil:
		e.schedule.goOn()
		e.troubles.over(everything)
	case errors.Is(err, errPutOff): // nothing was learned
		e.schedule.rest = moment{}
	default:
		e.schedule.pause(err, time.Now())
		e.troubles.tell(everything, err)
	}
	e.next.Store(e.schedule.next(time.Now()))
}

// guarded lets no panic out: the library below file_storage panics on a torn file,
// and faults where it is cut short.
func (e *Exporter) guarded(ctx context.Context, rm *metricdata.ResourceMetrics) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = panicked{p}
		}
	}()
	return e.reportDue(ctx, rm)
}

func (e *Exporter) permits() bool { return e.consent() == trust.On }

// ForceFlush has nothing to do: the exporter holds no data.
func (*Exporter) ForceFlush(ctx context.Context) error { return ctx.Err() }

// Shutdown ends the exporter. An Export that is under way is called off, and waited
// for until ctx is done. A second Shutdown does nothing.
func (e *Exporter) Shutdown(ctx context.Context) (err error) {
	e.shutdown.Do(func() {
		e.stop()
		select {
		case e.working <- struct{}{}:
		case <-ctx.Done():
			err = ctx.Err()
		}
	})
	return err
}

// version is that of this module in the program.
func version() string {
	const module, unknown = "github.com/headcount-otel/headcount", "devel"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unknown
	}
	for _, dependency := range info.Deps {
		if dependency.Path == module && dependency.Version != "" && dependency.Replace == nil {
			return dependency.Version
		}
	}
	return unknown
}
