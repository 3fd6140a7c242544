// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/internal/ledger"
	"github.com/headcount-otel/headcount/trust"
)

// pageReports is how many reports the page shows at once.
const pageReports = 25

// view is what the page shows.
type view struct {
	statusReport
	Trusted bool
	Expired bool // a token was offered, and it is of an earlier start
	Token   string
	Choices []choiceView
	Made    []made
	Rest    []fieldReport // was read, and stands in no report
	Shared  []string      // claims that several fields make
	Plots   []plot
	Reports []bodyReport // newest first
	Older   uint64       // the number of the first report of the next page; 0 without one
	Now     time.Time
}

// choiceView is one position of the switch.
type choiceView struct {
	Mode    string
	Meaning string
	Held    bool
	Allowed bool
	Why     string // it cannot be chosen; empty where it can
}

var choices = []struct {
	mode    trust.Mode
	meaning string
}{
	{trust.Off, "Nothing is read, nothing is sent."},
	{trust.Local, "Counts are read and shown here. Nothing is sent."},
	{trust.On, "Anonymized counts are sent."},
}

func (s *Server) view(trusted bool, before string, now time.Time) *view {
	v := &view{statusReport: s.status(trusted), Trusted: trusted, Now: now.UTC()}
	destinations, _ := s.content.Stats.Snapshot()
	v.Made, v.Rest = compose(s.readings(destinations, trusted), destinations, trusted)
	v.Shared = shared(v.Made, v.Rest)
	for _, c := range choices {
		choice := choiceView{
			Mode: c.mode.String(), Meaning: c.meaning, Held: c.mode.String() == v.Mode,
			Allowed: s.content.Consent.Configured().Mode != trust.Off && c.mode <= s.content.Consent.Configured().Mode,
		}
		switch {
		case !choice.Allowed:
			choice.Why = fmt.Sprintf("Cannot be chosen here: %s says %s.", v.ConfiguredBy, v.Configured)
		case !trusted:
			choice.Why = "Opens with the address in the start-up log."
		}
		v.Choices = append(v.Choices, choice)
	}
	entries := s.content.Ledger.Snapshot()
	if trusted {
		v.Plots = plots(entries)
	}
	v.Reports, v.Older = newest(entries, before, trusted)
	return v
}

// newest are the reports before the given number, all without one, newest first.
func newest(entries []ledger.Entry, before string, trusted bool) (reports []bodyReport, older uint64) {
	bound, err := strconv.ParseUint(before, 10, 64)
	for i, e := range slices.Backward(entries) {
		if err == nil && e.Number >= bound {
			continue
		}
		if len(reports) == pageReports {
			return reports, reports[pageReports-1].Number
		}
		report := reportOf(e, trusted)
		if trusted {
			report.Difference = differenceOf(e, entries[:i])
		}
		reports = append(reports, report)
	}
	return reports, 0
}

// HasRead reports whether anything was read.
func (v *view) HasRead() bool {
	return len(v.Rest) > 0 || slices.ContainsFunc(v.Made, func(m made) bool { return len(m.Changed)+len(m.Exact) > 0 })
}

// Answer says in words what became of the body.
func (b bodyReport) Answer() string {
	switch {
	case b.DryRun:
		return "shown, not sent"
	case b.Accepted():
		return "accepted"
	case b.Status == 0:
		return "no answer yet"
	default:
		return fmt.Sprintf("answered %d", b.Status)
	}
}

// Tone is how the answer is coloured.
func (b bodyReport) Tone() string {
	switch {
	case b.DryRun:
		return "quiet"
	case b.Accepted():
		return "good"
	default:
		return "wait"
	}
}

// When says in words how far t lies from now.
func (v *view) When(t time.Time) string {
	away := t.Sub(v.Now)
	if away < -time.Minute {
		return span(-away) + " ago"
	}
	if away < time.Minute {
		return "now"
	}
	return "in " + span(away)
}

func span(d time.Duration) string {
	unit := func(n int, name string) string {
		if n == 1 {
			return "1 " + name
		}
		return fmt.Sprintf("%d %ss", n, name)
	}
	switch {
	case d < time.Hour:
		return unit(int(d.Minutes()), "minute")
	case d < 48*time.Hour:
		return unit(int(d.Hours()), "hour")
	default:
		return unit(int(d.Hours()/24), "day")
	}
}

// Unreported lists what was not sent, in words; empty when all was.
func (s statReport) Unreported() string {
	var parts []string
	for _, r := range []struct {
		reason trust.Reason
		words  string
	}{
		{trust.Withheld, "withheld"},
		{trust.Incomplete, "incomplete"},
		{trust.Dropped, "refused"},
		{trust.Unmarked, "not anonymized"},
		{trust.OtherRules, "made under other rules"},
		{trust.NotDue, "not due"},
		{trust.Waiting, "still waiting"},
		{trust.Delayed, "put off after a failure"},
		{trust.Absent, "nothing to report"},
	} {
		if n := s.Unsent[r.reason]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d× %s", n, r.words))
		}
	}
	return strings.Join(parts, ", ")
}
