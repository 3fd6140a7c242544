// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package installationprocessor

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/headcount-otel/headcount/state"
	"github.com/headcount-otel/headcount/trust"
)

const (
	recordVersion = 1
	recordPrefix  = "installation."
)

// record is an installation as it is stored.
type record struct {
	Key []byte `json:"key"`
	ID  string `json:"id"`
	// Torn are metrics of which series were left out, and when that was last, in Unix seconds.
	Torn map[string]int64 `json:"torn,omitempty"`
	// Metrics are OTLP's protobuf: a resource for what each process said last, one for its last increments, and one
	// for what has ended, each series a metric.
	Metrics []byte `json:"metrics"`
}

// The attributes of a stored resource.
const (
	processAttribute   = "process"
	incrementAttribute = "increment"
	endedAttribute     = "ended"
	updatedAttribute   = "updated"
)

func recordKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return recordPrefix + hex.EncodeToString(sum[:16])
}

// restore opens the storage, reads every installation, and waits for a withdrawal.
func (p *installationProcessor) restore(ctx context.Context, host component.Host) error {
	store, err := state.Open(ctx, host, p.cfg.Storage, component.KindProcessor, p.id)
	if err != nil {
		return err
	}
	p.store = store
	var damaged error
	walked, err := state.Walk(ctx, store, recordVersion, func(key string, r record, damage error) {
		if !strings.HasPrefix(key, recordPrefix) {
			return // another kind of record
		}
		var i *installation
		if damage == nil {
			i, damage = r.installation(p.now())
		}
		if damage != nil {
			damaged = damage
			return
		}
		i.id = cmp.Or(p.cfg.Identity.ID, i.id) // the configuration may name another one than before
		p.installations[i.key] = i
	})
	if err == nil && !walked {
		err = fmt.Errorf("storage: %q cannot list what it keeps: write the id of one that can, such as file_storage", p.cfg.Storage)
	}
	if err = errors.Join(err, damaged); err == nil {
		p.forget = trust.OnWithdrawal(p.consent, p.discard)
	}
	return err
}

// save stores an installation as it now is.
func (i *installation) save(ctx context.Context, store state.Store) error {
	if !store.Keeps() {
		return nil
	}
	md := pmetric.NewMetrics()
	resources := map[string]pmetric.MetricSlice{}
	put := func(kind, process string, m pmetric.Metric, updated time.Time) {
		stored, begun := resources[kind+process]
		if !begun {
			rm := md.ResourceMetrics().AppendEmpty()
			rm.Resource().Attributes().PutStr(kind, process)
			rm.Resource().Attributes().PutInt(updatedAttribute, updated.Unix())
			stored = rm.ScopeMetrics().AppendEmpty().Metrics()
			resources[kind+process] = stored
		}
		m.CopyTo(stored.AppendEmpty())
	}
	for _, s := range i.series {
		if s.ended != nil {
			put(endedAttribute, "", *s.ended, s.updated)
		}
		for process, last := range s.writers {
			put(processAttribute, process, last.metric, last.updated)
		}
		for process, last := range s.increments {
			put(incrementAttribute, process, last.metric, last.updated)
		}
	}
	metrics, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(md)
	if err != nil {
		return err
	}
	torn := map[string]int64{}
	for name, at := range i.torn {
		torn[name] = at.Unix()
	}
	return store.Save(ctx, recordKey(i.key), recordVersion, record{Key: []byte(i.key), ID: i.id, Torn: torn, Metrics: metrics})
}

// installation is the one that was stored.
func (r record) installation(now time.Time) (*installation, error) {
	md, err := (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(r.Metrics)
	if err != nil {
		return nil, errors.New("stored installation cannot be read: remove the processor's file from the storage directory to start anew, as another installation")
	}
	i := newInstallation(string(r.Key), r.ID)
	for name, at := range r.Torn {
		i.torn[name] = time.Unix(at, 0)
	}
	for _, rm := range md.ResourceMetrics().All() {
		at, _ := rm.Resource().Attributes().Get(updatedAttribute)
		updated := time.Unix(at.Int(), 0)
		process, live := rm.Resource().Attributes().Get(processAttribute)
		incrementer, increments := rm.Resource().Attributes().Get(incrementAttribute)
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				key := seriesKey(m)
				s, known := i.series[key]
				if !known {
					s = newSeries()
					i.series[key] = s
				}
				switch {
				case live:
					s.writers[process.Str()] = part{m, updated}
				case increments:
					s.increments[incrementer.Str()] = part{m, updated}
				default:
					s.fold(m)
				}
				if updated.After(s.updated) {
					s.updated = updated
				}
			}
		}
	}
	i.passOver(now)
	return i, nil
}

// passOver takes the time out in which nobody could report, for the Collector did not run: a process that counts on would
// be taken for one that ended, and what it counted would count again with its next report.
func (i *installation) passOver(now time.Time) {
	var heard time.Time
	for _, s := range i.series {
		if s.updated.After(heard) {
			heard = s.updated
		}
	}
	for _, s := range i.series {
		for writer, last := range s.writers {
			if accumulates(last.metric) {
				s.writers[writer] = part{last.metric, last.updated.Add(now.Sub(heard))}
			}
		}
	}
}
