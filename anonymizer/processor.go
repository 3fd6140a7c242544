// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processorhelper"

	"github.com/headcount-otel/headcount/anonymizer/internal/metadata"
	"github.com/headcount-otel/headcount/trust"
)

// anonymizer builds new metrics from what its rules name; nothing else is copied over.
type anonymizer struct {
	cfg        *Config
	version    string
	metrics    names[*number]
	attributes names[*text]
	resource   names[*text]

	counters *counters
	ledger   trust.Ledger // nil: nobody wants to see
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
		counters:   newCounters(builder),
	}
	a.works.New = func() any { return newWork(a) }
	return a, nil
}

func (a *anonymizer) start(_ context.Context, host component.Host) (err error) {
	if a.cfg.Ledger != nil {
		a.ledger, err = trust.LedgerOf(host, a.cfg.Ledger)
	}
	return err
}

func (a *anonymizer) shutdown(context.Context) error {
	a.counters.builder.Shutdown()
	return nil
}

func (a *anonymizer) process(ctx context.Context, in pmetric.Metrics) (pmetric.Metrics, error) {
	w := a.works.Get().(*work)
	defer w.release()

	out := pmetric.NewMetrics()
	resources := in.ResourceMetrics()
	out.ResourceMetrics().EnsureCapacity(resources.Len())
	for i := range resources.Len() {
		w.treatResource(resources.At(i), out.ResourceMetrics())
	}
	out.ResourceMetrics().RemoveIf(empty)

	w.passed = int64(out.DataPointCount())
	a.counters.add(ctx, &w.tally)
	if out.ResourceMetrics().Len() == 0 {
		return out, processorhelper.ErrSkipProcessingData
	}
	return out, nil
}

// empty finds resources of which no metric passed.
func empty(rm pmetric.ResourceMetrics) bool { return rm.ScopeMetrics().Len() == 0 }
