// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"slices"
	"time"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
	"github.com/headcount-otel/headcount/conf"
)

// Pseudonym leaves a new name for a value: the same within a period, another in
// the next. It is a name, no more: values, timing and address may still link a
// report to the one before.
type Pseudonym struct {
	// Every is week, month, quarter, year or never.
	Every Period `mapstructure:"every"`
}

// Never is the period of a pseudonym that stays.
const Never Period = "never"

// Periods start at an offset below these, so that a fleet does not turn over at once.
var spreads = map[Period]time.Duration{
	Week: 7 * 24 * time.Hour, Month: 28 * 24 * time.Hour, Quarter: 90 * 24 * time.Hour, Year: 365 * 24 * time.Hour,
}

var pseudonymPeriods = conf.WordsOf(Week, Month, Quarter, Year, Never)

// Words implements conf.Worded.
func (*Pseudonym) Words() map[string]conf.Words {
	return map[string]conf.Words{"every": pseudonymPeriods}
}

// Validate checks the period.
func (p *Pseudonym) Validate() error {
	if !slices.Contains(pseudonymPeriods, string(p.Every)) {
		return fmt.Errorf("every: %q is no period: write %s", p.Every, pseudonymPeriods)
	}
	return nil
}

// Period names the period in which now lies.
func (p *Pseudonym) Period(secret mechanism.Secret, now time.Time) string {
	if p.Every == Never {
		return string(Never)
	}
	seconds := uint64(spreads[p.Every] / time.Second)
	offset := mechanism.Uniform(secret.Draw("pseudonym offset", string(p.Every)), seconds)
	date := Date{To: p.Every}
	return date.of(now.Add(-time.Duration(offset) * time.Second))
}

func (p *Pseudonym) describe() string {
	if p.Every == Never {
		return "replaced by a name of this installation's own"
	}
	return fmt.Sprintf("replaced by a name that changes every %s", p.Every)
}

func (p *Pseudonym) guarantee() string {
	return "A new name, no more: values and times that stand beside it may still link two reports."
}
