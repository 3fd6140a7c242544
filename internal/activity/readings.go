// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package activity

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"

	"github.com/headcount-otel/headcount/trust"
)

// maxFields and maxText bound what a pipeline with many groups or long texts costs in memory.
const (
	maxFields = 1000
	maxText   = 200
)

// Readings keeps the last reading of each field and what became of it: in memory only, for the page only.
type Readings struct {
	trust.NopObserver
	changed func()
	consent trust.Consent

	mu     sync.Mutex
	fields map[string]trust.Field
	at     time.Time
	next   map[component.ID]time.Time // of each receiver
}

// NewReadings remembers nothing yet, and nothing while consent is off; changed is called after each change.
func NewReadings(consent trust.Consent, changed func()) *Readings {
	return &Readings{consent: consent, changed: changed}
}

// Anonymized implements trust.Observer. What a scrape brings that began before a withdrawal is not kept.
func (r *Readings) Anonymized(fields []trust.Field) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if mode, _ := r.consent.Mode(); mode == trust.Off {
		return
	}
	if r.fields == nil {
		r.fields = map[string]trust.Field{}
	}
	r.at = time.Now().UTC()
	for _, f := range fields {
		if _, known := r.fields[f.Name]; !known && len(r.fields) == maxFields {
			continue
		}
		f.Name, f.Read, f.Leaves = strings.Clone(f.Name), Shortened(f.Read, maxText), Shortened(f.Leaves, maxText)
		r.fields[f.Name] = f
	}
	r.changed()
}

// At is when a reading last came; zero where none did.
func (r *Readings) At() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at
}

// ReadsNext implements trust.Observer.
func (r *Readings) ReadsNext(receiver component.ID, next time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == nil {
		r.next = map[component.ID]time.Time{}
	}
	r.next[receiver] = next.UTC()
	r.changed()
}

// Next is when the first receiver reads again after the given time; zero where none has said.
func (r *Readings) Next(now time.Time) (first time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, next := range r.next {
		if next.After(now) && (first.IsZero() || next.Before(first)) {
			first = next
		}
	}
	return first
}

// Sorted returns the fields, those that leave before those that do not, by name.
func (r *Readings) Sorted() []trust.Field {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.SortedFunc(maps.Values(r.fields), Order)
}

// Order puts fields that leave before those that do not, by name.
func Order(a, b trust.Field) int {
	if a.Passes != b.Passes {
		if a.Passes {
			return -1
		}
		return 1
	}
	return strings.Compare(a.Name, b.Name)
}

// Forget drops every raw value, when consent is withdrawn.
func (r *Readings) Forget(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fields, r.at = nil, time.Time{}
	r.changed()
	return nil
}

// Shortened cuts text after limit characters, in memory of its own.
func Shortened(text string, limit int) string {
	for i := range text {
		if limit--; limit < 0 {
			return text[:i] + "…"
		}
	}
	return strings.Clone(text)
}
