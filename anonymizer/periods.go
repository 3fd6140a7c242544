// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"time"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
	"github.com/headcount-otel/headcount/anonymizer/rule"
)

// A clock that goes back by less stays in the later period: it was set right, or runs slow.
const clockSlack = 24 * time.Hour

// term is the period of which a pseudonym last named values, and how often the clock has
// gone back: a period that comes again has new names, so that it is not joined with
// the one in between.
type term struct {
	Period string `json:"period"`
	Return int    `json:"return,omitempty"`
}

func (t term) String() string {
	if t.Return == 0 {
		return t.Period
	}
	return fmt.Sprintf("%s, return %d", t.Period, t.Return)
}

// at is the term at a time, after this one.
func (t term) at(p rule.Pseudonym, secret mechanism.Secret, now time.Time) term {
	switch period := p.Period(secret, now); {
	case t.Period == "" || period > t.Period:
		t.Period = period
	case period < t.Period && p.Period(secret, now.Add(clockSlack)) < t.Period:
		t = term{period, t.Return + 1}
	}
	return t
}

// turn brings the terms of all pseudonyms up to date, and reports whether one changed.
func (m *memory) turn() (changed bool) {
	for every := range m.renames {
		if next := m.terms[every].at(rule.Pseudonym{Every: every}, m.secret, m.now()); next != m.terms[every] {
			m.terms[every], changed = next, true
		}
	}
	return changed
}

// renames are the periods of the pseudonyms that change.
func (cfg *Config) renames() map[rule.Period]bool {
	all := map[rule.Period]bool{}
	for _, rules := range []map[string]rule.Text{cfg.Attributes, cfg.Resource} {
		for _, r := range rules {
			if r.Renames() {
				all[r.Pseudonym.Every] = true
			}
		}
	}
	return all
}

// Rename implements rule.Memory.
func (m *memory) Rename(p rule.Pseudonym, of *rule.Key, value string) string {
	period := string(rule.Never)
	if p.Every != rule.Never {
		m.mutex.Lock()
		period = m.terms[p.Every].String()
		m.mutex.Unlock()
	}
	if of.Name == instanceID && value == of.Instance { // and no point's attribute of that name
		return m.secret.Pseudonym(of.Name, value, period)
	}
	// Behind a gateway many installations share the secret: one name for one value would say that they have it in common.
	return m.secret.Pseudonym(of.Name, value, period, of.Instance)
}
