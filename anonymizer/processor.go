// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processorhelper"

	"github.com/headcount-otel/headcount/anonymizer/internal/metadata"
	"github.com/headcount-otel/headcount/anonymizer/mechanism"
	"github.com/headcount-otel/headcount/anonymizer/rule"
	"github.com/headcount-otel/headcount/internal/oncelog"
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
	listed     map[*rule.Chain]groupList // the groups of the rules that list theirs
	tell       map[*rule.Chain]string    // what the names of groups tell of what the rule hides
	attributes names[*rule.TextStep]
	resource   names[*rule.TextStep]

	memory      *memory
	instruments *instruments
	starts      *starts
	open        bool        // some attribute of points leaves whatever it says
	renames     bool        // some attribute of points gets new names in time
	notices     oncelog.Log // what is logged once
	id          component.ID
	consent     trust.Consent
	forget      func()         // ends the wait for a withdrawal of consent
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
		listed:      map[*rule.Chain]groupList{},
		tell:        map[*rule.Chain]string{},
		attributes:  index(cfg.Attributes, rule.Text.Step),
		resource:    index(openService(cfg.Resource), rule.Text.Step),
		memory:      &memory{now: time.Now, random: rand.Reader, wanted: cfg.remembers()},
		instruments: newInstruments(builder),
		starts:      newStarts(),
		notices:     oncelog.Log{Logger: set.Logger},
		id:          set.ID,
		consent:     trust.AlwaysOn{},
		forget:      func() {},
	}
	a.metrics = index(cfg.Metrics, func(r rule.Number) *rule.Chain {
		chain := r.Chain()
		if chain.Listed {
			a.listed[chain] = cfg.listGroups(r.Groups)
		}
		if text := NamesTell(r); text != "" {
			a.tell[chain] = text
		}
		return chain
	})
	for _, p := range a.metrics.patterns {
		p.rule.Pattern = true
	}
	for _, r := range cfg.Attributes {
		a.open = a.open || r.Keeps()
		a.renames = a.renames || r.Renames()
	}
	a.release = trust.EnforceRules(a.rules, cfg.Random())
	a.batches.New = func() any { return newBatch(a) }
	return a, nil
}

// start says what may leave. It reads what is stored, refusing what cannot be read,
// unless consent is off: then nothing is opened until something may pass.
func (a *anonymizer) start(ctx context.Context, host component.Host) (err error) {
	if a.consent, err = trust.ConsentOf(host, a.cfg.Consent, trust.Member{Kind: component.KindProcessor, ID: a.id}); err != nil {
		return err
	}
	if err := a.findObserver(host); err != nil {
		return err
	}
	a.memory.parameters = a.cfg.parameters()
	a.memory.open = func(ctx context.Context) (state.Store, error) {
		return state.Open(ctx, host, a.cfg.Storage, component.KindProcessor, a.id)
	}
	a.memory.renames = a.cfg.renames()
	a.memory.join = func(secret mechanism.Secret) (*sharing, error) {
		var storage component.Component
		if a.cfg.Storage != nil {
			storage = host.GetExtensions()[*a.cfg.Storage]
		}
		return join(storage, a.id, secret, a.cfg.drawings())
	}
	a.memory.leave = func() { a.memory.shared.leave(a.id) }
	a.forget = trust.OnWithdrawal(a.consent, a.memory.discard)
	if !a.withheld() {
		if err := a.memory.recall(ctx); err != nil {
			return err
		}
	}
	a.logReview()
	return nil
}

// findObserver finds who wants to see each value. Nobody costs nothing.
func (a *anonymizer) findObserver(host component.Host) (err error) {
	if a.cfg.Ledger != nil {
		a.ledger, err = trust.LedgerOf(host, a.cfg.Ledger)
	} else if observer := trust.ObserverOf(a.consent); observer != trust.Observer(trust.NopObserver{}) {
		a.ledger = observer
	}
	return err
}

// withheld reports that nothing may be read.
func (a *anonymizer) withheld() bool {
	mode, _ := a.consent.Mode()
	return mode == trust.Off
}

func (a *anonymizer) shutdown(ctx context.Context) error {
	a.release()
	a.forget()
	a.instruments.builder.Shutdown()
	return a.memory.close(ctx)
}

// process lets nothing through while consent is off, as if nothing had come.
func (a *anonymizer) process(ctx context.Context, in pmetric.Metrics) (pmetric.Metrics, error) {
	defer a.memory.use()()
	if a.withheld() {
		return in, processorhelper.ErrSkipProcessingData
	}
	if err := a.memory.recall(ctx); err != nil {
		return in, err
	}
	if err := a.memory.begin(ctx); err != nil {
		return in, err
	}
	w := a.batches.Get().(*batch)
	defer w.release()

	out := pmetric.NewMetrics()
	resources := in.ResourceMetrics()
	out.ResourceMetrics().EnsureCapacity(resources.Len())
	w.several = resources.Len() > 1
	for i := range resources.Len() {
		w.applyResource(resources.At(i), out.ResourceMetrics())
	}
	w.removeEmpty(out.ResourceMetrics())
	if unread, met := ctx.Value(unreadKey{}).(*[]int); met {
		*unread = slices.Clone(w.unread)
	}
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

// removeEmpty removes the resources of which no metric passed, and notes of which of the others no number was found.
func (w *batch) removeEmpty(all pmetric.ResourceMetricsSlice) {
	at, left := -1, 0
	all.RemoveIf(func(rm pmetric.ResourceMetrics) bool {
		at++
		if rm.ScopeMetrics().Len() == 0 {
			return true
		}
		if !w.found[at] {
			w.unread = append(w.unread, left)
		}
		left++
		return false
	})
}
