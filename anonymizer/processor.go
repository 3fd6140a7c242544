// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processorhelper"
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/anonymizer/internal/metadata"
	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

// anonymizer builds new metrics from what its rules name; nothing else is copied over.
type anonymizer struct {
	cfg        *Config
	version    string
	metrics    names[*number]
	attributes names[*text]
	resource   names[*text]

	memory   *memory
	counters *counters
	logger   *zap.Logger
	id       component.ID
	ledger   trust.Observer // nil: nobody wants to see
	works    sync.Pool    // of *work
}

func newAnonymizer(set processor.Settings, cfg *Config) (*anonymizer, error) {
	builder, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	a := &anonymizer{
		cfg:        cfg,
		version:    set.BuildInfo.Version,
		metrics:    index(cfg.Metrics, compileNumber),
		attributes: index(cfg.Attributes, compileText),
		resource:   index(cfg.Resource, compileText),
		memory:     &memory{now: time.Now, random: rand.Reader, wanted: cfg.remembers()},
		counters:   newCounters(builder),
		logger:     set.Logger,
		id:         set.ID,
	}
	a.works.New = func() any { return newWork(a) }
	return a, nil
}

// start reads what is stored, refusing what cannot be read, and says what may leave.
func (a *anonymizer) start(ctx context.Context, host component.Host) (err error) {
	if a.cfg.Ledger != nil {
		if a.ledger, err = trust.LedgerOf(host, a.cfg.Ledger); err != nil {
			return err
		}
	}
	if a.memory.wanted {
		store, err := state.Open(ctx, host, a.cfg.Storage, component.KindProcessor, a.id)
		if err != nil {
			return err
		}
		if err := a.memory.load(ctx, store, a.cfg.parameters()); err != nil {
			return errors.Join(err, store.Close(ctx))
		}
	}
	a.logReview()
	return nil
}

func (a *anonymizer) shutdown(ctx context.Context) error {
	a.counters.builder.Shutdown()
	return a.memory.close(ctx)
}

func (a *anonymizer) process(ctx context.Context, in pmetric.Metrics) (pmetric.Metrics, error) {
	if err := a.memory.begin(ctx); err != nil {
		return in, err
	}
	w := a.works.Get().(*work)
	defer w.release()

	out := pmetric.NewMetrics()
	resources := in.ResourceMetrics()
	out.ResourceMetrics().EnsureCapacity(resources.Len())
	for i := range resources.Len() {
		w.treatResource(resources.At(i), out.ResourceMetrics())
	}
	out.ResourceMetrics().RemoveIf(empty)
	if err := a.memory.end(ctx); err != nil {
		return out, err
	}

	w.passed = int64(out.DataPointCount())
	a.counters.add(ctx, &w.tally)
	if out.ResourceMetrics().Len() == 0 {
		return out, processorhelper.ErrSkipProcessingData
	}
	return out, nil
}

// empty finds resources of which no metric passed.
func empty(rm pmetric.ResourceMetrics) bool { return rm.ScopeMetrics().Len() == 0 }
