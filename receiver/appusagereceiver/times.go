// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"errors"
	"fmt"

	"github.com/headcount-otel/headcount/internal/timeform"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// Times says how columns write times. Without it the form is found by looking at values.
type Times struct {
	// Time is the form: unix, unix_ms, unix_us, unix_ns, julian, or a text's layout such as YYYY-MM-DD hh:mm:ss.
	Time string `mapstructure:"time,omitempty"`
	// Zone is that of times that say none, such as UTC or Europe/Berlin.
	Zone string `mapstructure:"zone,omitempty"`
	// Unset is a value that stands for never, besides 0, an empty text, 0000-00-00 and 9999-12-31.
	Unset any `mapstructure:"unset,omitempty"`
}

// check checks the form and the zone.
func (t *Times) check() error {
	var errs []error
	form, err := timeform.Zero, error(nil)
	if t.Time != "" {
		if form, err = timeform.Parse(t.Time); err != nil {
			errs = append(errs, fmt.Errorf("time: %w", err))
		}
	}
	if t.Zone != "" {
		if _, err := timeform.Zone(t.Zone); err != nil {
			errs = append(errs, fmt.Errorf("zone: %w", err))
		}
		if form != timeform.Zero && !form.Naive() {
			errs = append(errs, fmt.Errorf("zone: `time: %s` says its zone by itself: leave `zone` out", t.Time))
		}
	}
	if t.Unset != nil {
		errs = append(errs, checkScalar("unset", t.Unset))
	}
	return errors.Join(errs...)
}

// form is what a database is told; check has read it.
func (t *Times) form() (times sqldb.Times) {
	if t.Time != "" {
		times.Form, _ = timeform.Parse(t.Time)
	}
	if t.Zone != "" {
		times.Zone, _ = timeform.Zone(t.Zone)
	}
	if t.Unset != nil {
		unset := fmt.Sprint(t.Unset)
		times.Unset = &unset
	}
	return times
}
