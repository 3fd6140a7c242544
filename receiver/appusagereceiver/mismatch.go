// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"errors"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Mismatch tells that the configuration was written for another version of the application, in which the same
// rows mean another thing. Then nothing of its source is read.
type Mismatch struct {
	// Reading finds something, but 0 and false, where the versions do not match.
	Reading `mapstructure:",squash"`
	// Remedy says what to change.
	Remedy string `mapstructure:"remedy"`
}

// Validate checks what belongs to the reading, which checks itself.
func (m *Mismatch) Validate() error {
	var errs []error
	if m.Source == "" {
		errs = append(errs, errors.New("source: a mismatch is read from a source: write the name of one of `sources`"))
	}
	if m.CountPer != nil {
		errs = append(errs, errors.New("count_per: a histogram tells no mismatch: write a `count` or `pick`"))
	}
	if m.Remedy == "" {
		errs = append(errs, errors.New("remedy: the log tells what to change: write it"))
	}
	return errors.Join(errs...)
}

// mismatched reports whether a mismatch of this source shows. One that cannot be read shows nothing.
func (r *reader) mismatched(ctx context.Context, session session, from string) (shows bool) {
	for _, name := range r.cfg.Mismatches.Names() {
		m := r.cfg.Mismatches[name]
		if m.Source != from {
			continue
		}
		answer := session.Answer(ctx, []*Metric{{Reading: m.Reading, attribute: true}})[0]
		err := answer.Err
		if source.SessionError(err) != nil {
			return false // as the readings will say
		}
		if err == nil && finds(answer.Value) {
			shows, err = true, errors.New(m.Remedy)
		}
		r.health.note("mismatches::"+name, err)
	}
	return shows
}

// finds reports whether a value is more than nothing, 0 or false.
func finds(value source.Value) bool {
	switch v := value.(type) {
	case nil:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	default:
		return true
	}
}
