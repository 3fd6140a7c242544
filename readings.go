// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package headcount

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/headcount-otel/headcount/trust"
)

// maxFields and maxText bound what a pipeline with many groups or long texts costs in memory.
const (
	maxFields = 1000
	maxText   = 200
)

// readings keeps the last reading of each field and what became of it: in memory only, for the page only.
type readings struct {
	trust.NopObserver
	changed func()
	consent trust.Consent

	mu     sync.Mutex
	fields map[string]trust.Field
}

// Anonymized implements trust.Observer. What a scrape brings that began before a withdrawal is not kept.
func (r *readings) Anonymized(fields []trust.Field) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if mode, _ := r.consent.Mode(); mode == trust.Off {
		return
	}
	if r.fields == nil {
		r.fields = map[string]trust.Field{}
	}
	for _, f := range fields {
		if _, known := r.fields[f.Name]; !known && len(r.fields) == maxFields {
			continue
		}
		f.Name, f.Read, f.Leaves = strings.Clone(f.Name), shortened(f.Read, maxText), shortened(f.Leaves, maxText)
		r.fields[f.Name] = f
	}
	r.changed()
}

// sorted returns the fields, those that leave before those that do not, by name.
func (r *readings) sorted() []trust.Field {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.SortedFunc(maps.Values(r.fields), func(a, b trust.Field) int {
		if a.Passes != b.Passes {
			if a.Passes {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// forget drops every raw value, when consent is withdrawn.
func (r *readings) forget(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fields = nil
	r.changed()
	return nil
}

// shortened cuts text after limit characters, in memory of its own.
func shortened(text string, limit int) string {
	for i := range text {
		if limit--; limit < 0 {
			return text[:i] + "…"
		}
	}
	return strings.Clone(text)
}
