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
	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

// anonymizer builds new metrics from what its rules name; nothing else is copied over.
type anonymizer struct {
	cfg        *Config
	rules      string // their fingerprint
	release    func() // of the rules in force
	version    string
	metrics    names[*rule.Chain]
	attributes names[*rule.TextStep]
	resource   names[*rule.TextStep]

	memory      *memory
	instruments *instruments
	logger      *zap.Logger
	id          component.ID
	ledger      trust.Observer // nil: nobody wants to see
	batches     sync.Pool      // of *batch
}

func newAnonymizer(set processor.Settings, cfg *Config) (*anonymizer, error) {
	builder, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	a := &anonymizer{
		cfg:         cfg,
		rules:       cfg.fingerprint(),
		version:     set.BuildInfo.Version,
		metrics:     index(cfg.Metrics, rule.Number.Chain),
		attributes:  index(cfg.Attributes, rule.Text.Step),
		resource:    index(cfg.Resource, rule.Text.Step),
		memory:      &memory{now: time.Now, random: rand.Reader, wanted: cfg.remembers()},
		instruments: newInstruments(builder),
		logger:      set.Logger,
		id:          set.ID,
	}
	a.release = trust.EnforceRules(a.rules)
	a.batches.New = func() any { return newBatch(a) }
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
	a.release()
	a.instruments.builder.Shutdown()
	return a.memory.close(ctx)
}

func (a *anonymizer) process(ctx context.Context, in pmetric.Metrics) (pmetric.Metrics, error) {
	if err := a.memory.begin(ctx); err != nil {
		return in, err
	}
	w := a.batches.Get().(*batch)
	defer w.release()

	out := pmetric.NewMetrics()
	resources := in.ResourceMetrics()
	out.ResourceMetrics().EnsureCapacity(resources.Len())
	for i := range resources.Len() {
		w.applyResource(resources.At(i), out.ResourceMetrics())
	}
	out.ResourceMetrics().RemoveIf(empty)
	if err := a.memory.end(ctx); err != nil {
		return out, err
	}

	w.passed = int64(out.DataPointCount())
	a.instruments.add(ctx, &w.stats)
	if out.ResourceMetrics().Len() == 0 {
		return out, processorhelper.ErrSkipProcessingData
	}
	return out, nil
}

// empty finds resources of which no metric passed.
func empty(rm pmetric.ResourceMetrics) bool { return rm.ScopeMetrics().Len() == 0 }
