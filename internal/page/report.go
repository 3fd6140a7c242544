// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/headcount-otel/headcount/internal/activity"
	"github.com/headcount-otel/headcount/internal/consent"
	"github.com/headcount-otel/headcount/internal/ledger"
	"github.com/headcount-otel/headcount/trust"
)

// The JSON API's types; docs/extension.md describes each member. One rule says what
// needs the token, here and on the page: every value does, whether it was read,
// would leave or has left. Without it a reader sees what is done, and no value.

// statusReport is the answer of /api/v1/status.
type statusReport struct {
	Mode         string              `json:"mode"`
	Reason       string              `json:"reason"`
	Configured   string              `json:"configured_mode"`
	ConfiguredBy string              `json:"configured_by"`
	Switch       *consent.Choice     `json:"switch"`
	Persistent   bool                `json:"persistent"`
	Destinations []destinationReport `json:"destinations"`
	Stats        []statReport        `json:"stats"`
	InstanceIDs  []string            `json:"instance_ids,omitzero"` // absent without the token
	// Read is when a reading last came through; absent before the first.
	Read time.Time `json:"read,omitzero"`
	// ReadsNext is when the first receiver reads again; absent while off, and where none of ours reads.
	ReadsNext time.Time    `json:"reads_next,omitzero"`
	Ledger    ledgerReport `json:"ledger"`
	// Warnings are what the log has warned of, and what still holds.
	Warnings []string `json:"warnings,omitempty"`
}

type destinationReport struct {
	Endpoint string   `json:"endpoint"`
	Relay    string   `json:"relay,omitempty"`
	Stats    []string `json:"stats"`
	Signed   bool     `json:"signed,omitzero"`
	DryRun   bool     `json:"dry_run"`

	// ThroughRelay says in words who sees what; empty without a relay.
	ThroughRelay string `json:"-"`
	// Signature says in words what is signed; empty where nothing is.
	Signature string `json:"-"`
}

type statReport struct {
	Name string `json:"name"`
	// Description says what is asked and why, in the profile's words.
	Description string               `json:"description,omitempty"`
	Due         time.Time            `json:"due,omitzero"`
	Accepted    time.Time            `json:"accepted,omitzero"`
	Reports     int                  `json:"reports"`
	Unsent      map[trust.Reason]int `json:"unsent"`
	Missing     []string             `json:"missing,omitempty"`
}

type ledgerReport struct {
	// Total is how many bodies were noted since the beginning, also those that had to make room.
	Total      uint64 `json:"total"`
	Entries    int    `json:"entries"`
	Bytes      int    `json:"bytes"`
	MaxEntries int    `json:"max_entries"`
	MaxBytes   int    `json:"max_bytes"`
	Unreadable int    `json:"unreadable"`
	// Unwritable is true while nothing is sent because it could not be recorded.
	Unwritable bool `json:"unwritable"`
}

// fieldReport is one element of /api/v1/fields.
type fieldReport struct {
	Name   string  `json:"name"`
	Read   *string `json:"read,omitempty"`
	Rule   string  `json:"rule"`
	Claim  string  `json:"claim"`
	Passes bool    `json:"passes"`
	Exact  bool    `json:"exact"`
	Leaves *string `json:"leaves,omitempty"`
}

// bodyReport is one line of /api/v1/ledger.
type bodyReport struct {
	ledger.Entry
	Body *string `json:"body,omitempty"`

	// Difference is what changed since the report before; for the page alone.
	Difference *difference `json:"-"`
}

func (s *Server) status(trusted bool) statusReport {
	mode, reason := s.content.Consent.Mode()
	destinations, stats := s.content.Stats.Snapshot()
	entries := s.content.Ledger.Snapshot()
	report := statusReport{
		Mode: mode.String(), Reason: reason,
		Configured: s.content.Consent.Configured().Mode.String(), ConfiguredBy: s.content.Consent.Configured().Who,
		Switch: s.content.Consent.Choice(), Persistent: s.content.Persistent,
		Destinations: make([]destinationReport, 0, len(destinations)),
		Stats:        statReports(stats, entries),
		Ledger:       ledgerReport{Entries: len(entries), MaxEntries: ledger.MaxEntries, MaxBytes: ledger.MaxBytes, Unreadable: s.content.Ledger.Unreadable(), Unwritable: !s.content.Ledger.Records()},
	}
	report.Read = s.content.Readings.At()
	if mode != trust.Off {
		report.ReadsNext = s.content.Readings.Next(time.Now())
	}
	if s.content.Warnings != nil && mode != trust.Off {
		report.Warnings = s.content.Warnings()
	}
	if trusted {
		report.InstanceIDs = instanceIDs(entries)
	}
	for i, stat := range report.Stats {
		report.Stats[i].Description = described(stat.Name, destinations)
	}
	for _, d := range destinations {
		report.Destinations = append(report.Destinations, destinationReport{d.Host, d.Relay, d.Stats, d.Signed, d.DryRun, d.ThroughRelay(), d.Signature()})
	}
	for _, e := range entries {
		report.Ledger.Total = e.Number
		report.Ledger.Bytes += len(e.Body)
	}
	return report
}

// described is what a profile says of a stat; empty where none does.
func described(stat string, destinations []trust.Destination) string {
	for _, d := range destinations {
		if text := d.Descriptions[stat]; text != "" {
			return text
		}
	}
	return ""
}

func statReports(stats map[string]activity.Stat, entries []ledger.Entry) []statReport {
	byName := map[string]*statReport{}
	for name, t := range stats {
		if t.Unsent == nil {
			t.Unsent = map[trust.Reason]int{}
		}
		byName[name] = &statReport{Name: name, Due: t.Due, Unsent: t.Unsent, Missing: t.Missing}
	}
	for _, e := range entries {
		s, ok := byName[e.Stat]
		if !ok {
			s = &statReport{Name: e.Stat, Unsent: map[trust.Reason]int{}}
			byName[e.Stat] = s
		}
		if e.Accepted() {
			s.Reports++
			s.Accepted = e.Time
		}
	}
	sorted := make([]statReport, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		sorted = append(sorted, *byName[name])
	}
	return sorted
}

// instanceIDs are the ids under which reports were sent, newest first: what to quote to have them erased.
func instanceIDs(entries []ledger.Entry) []string {
	ids := []string{}
	for _, e := range slices.Backward(entries) {
		var body struct {
			InstanceID string `json:"instanceId"`
		}
		if e.DryRun || json.Unmarshal(e.Body, &body) != nil || body.InstanceID == "" || slices.Contains(ids, body.InstanceID) {
			continue
		}
		ids = append(ids, body.InstanceID)
	}
	return ids
}

func (s *Server) fields(trusted bool) []fieldReport {
	destinations, _ := s.content.Stats.Snapshot()
	seen := s.readings(destinations, trusted)
	fields := make([]fieldReport, 0, len(seen))
	for _, f := range seen {
		fields = append(fields, reportOfField(f, trusted))
	}
	return fields
}

func reportOfField(f trust.Field, trusted bool) fieldReport {
	report := fieldReport{Name: f.Name, Rule: f.Rule, Claim: claim(f), Passes: f.Passes, Exact: f.Exact}
	if trusted {
		report.Read = &f.Read
		if f.Passes {
			report.Leaves = &f.Leaves
		}
	}
	return report
}

// claim says in plain words what the operator can rely on.
func claim(f trust.Field) string {
	switch {
	case f.Claim != "":
		return f.Claim
	case !f.Passes:
		return "Stays here."
	case f.Exact:
		return "Leaves exactly as it was read."
	default:
		return "Only what the rule makes of it leaves."
	}
}

func reportOf(e ledger.Entry, trusted bool) bodyReport {
	report := bodyReport{Entry: e}
	report.Entry.Body = nil
	if e.Body != nil && trusted {
		text := string(e.Body)
		report.Body = &text
	}
	return report
}

// Outgrown reports whether the oldest had to make room.
func (l ledgerReport) Outgrown() bool { return l.Total > uint64(max(0, l.Entries)) }
