// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

func TestCutVersion(t *testing.T) {
	for _, c := range []struct{ text, major, minor, patch string }{
		{"5.3", "5", "5.3", "5.3"},
		{"5.3.1", "5", "5.3", "5.3.1"},
		{"v1.67.0", "1", "1.67", "1.67.0"},
		{"5.3b1", "5", "5.3", "5.3"},
		{"1.2.dev3", "1", "1.2", "1.2"},
		{"1.0.0-rc.1+build.5", "1", "1.0", "1.0.0"},
		{"17", "17", "17", "17"},
		{"1.2.3.4", "1", "1.2", "1.2.3"},
		{"", "", "", ""},
		{"latest", "", "", ""},
		{"1..2", "", "", ""},
		{"1.2 of acme", "", "", ""},
		{"4.3.0 ", "4", "4.3", "4.3.0"},
		{"2.7.2 (compatible; Server 1.0)", "2", "2.7", "2.7.2"},
		{"7.1 beta 2", "7", "7.1", "7.1"},
		{"12 (Main Street)", "", "", ""},
		{"123456789", "", "", ""},
		{".1", "", "", ""},
		{"1.", "", "", ""},
		{"192.168.1.10", "", "", ""},
		{"8.8.8.8", "8", "8.8", "8.8.8"}, // which may be either, as the README says
		{"10.1.2.3", "", "", ""},
		{"127.0.0.1", "", "", ""},
		{"203.0.113.7-eth0", "", "", ""},
		{"172.16.0.9", "", "", ""},
		{"192.168.001.010", "", "", ""},
		{"010.001.002.003", "", "", ""},
		{"12345678-1234-8abc-9def-0123456789ab", "", "", ""},
		{"20240131-1200-1", "20240131", "20240131", "20240131"},
		{"10.0.0.0", "10", "10.0", "10.0.0"},
		{"19.3.0.0", "19", "19.3", "19.3.0"},
		{"10.0.19041.1", "10", "10.0", "10.0.19041"},
		{"120.0.6099.109", "120", "120.0", "120.0.6099"},
	} {
		for part, want := range map[VersionPart]string{Major: c.major, Minor: c.minor, Patch: c.patch} {
			got, ok := cutVersion(c.text, part)
			assert.Equal(t, want != "", ok, "%q to %s", c.text, part)
			assert.Equal(t, want, got, "%q to %s", c.text, part)
		}
	}
}

func TestDateFormats(t *testing.T) {
	for _, c := range []struct {
		date       Date
		text, want string
	}{
		{Date{To: Quarter, Layout: "Q{quarter}-{year}"}, "2024-07-01T00:00:00Z", "Q3-2024"},
		{Date{To: Quarter}, "2024-07-01T00:30:00+01:00", "2024-Q2"},
		{Date{To: Year}, "2024-12-31T23:59:59.999Z", "2024"},
		{Date{To: Month}, "2024-02-29", "2024-02"},
		{Date{To: Week}, "2024-12-30T00:00:00Z", "2025-W01"},
		{Date{To: Week}, "2021-01-03T00:00:00Z", "2020-W53"},
		{Date{To: Day}, "2024-12-30T05:06:07Z", "2024-12-30"},
		{Date{To: Hour}, "2024-12-30T05:06:07Z", "2024-12-30T05:00Z"},
		{Date{To: Hour}, "2024-12-30 05:06:07", "2024-12-30T05:00Z"},
		{Date{To: Hour}, "2024-12-30 07:06:07.5+02", "2024-12-30T05:00Z"},
		{Date{To: Day}, "1735535167", "2024-12-30"},
		{Date{To: Day}, "1735535167000", "2024-12-30"},
		{Date{To: Day}, "20241230050607", "2024-12-30"},
		{Date{To: Day}, "2460674.7126", "2024-12-30"},
		{Date{To: Day}, "0", ""},
		{Date{To: Day}, "0000-00-00 00:00:00", ""},
		{Date{To: Day}, "9999-12-31T23:59:59Z", ""},
		{Date{To: Year}, "yesterday", ""},
		{Date{To: Year}, "", ""},
		{Date{To: Year}, "2024-13-01", ""},
	} {
		got, ok := c.date.format(c.text)
		assert.Equal(t, c.want, got, c.text)
		assert.Equal(t, c.want != "", ok, c.text)
	}
}

// A random answer of which the memoized bit is mostly the truth is none: it is marked, and no pattern may have it.
func TestAnAnswerThatIsMostlyTheTruthKeeps(t *testing.T) {
	for _, c := range []struct {
		response RandomizedResponse
		keeps    bool
	}{{RandomizedResponse{}, false}, {RandomizedResponse{F: .001, P: .001, Q: .999}, true}, {RandomizedResponse{F: .001, Values: []string{"a", "b"}}, true}} {
		entry := Text{RandomizedResponse: &c.response}
		assert.Equal(t, c.keeps, entry.Keeps(), "%+v", c.response)
		assert.Equal(t, c.keeps, entry.Step().Whole)
		assert.Equal(t, c.keeps, entry.Step().Guarantee == "Leaves exact.")
		assert.False(t, Text{RandomizedResponse: &c.response, Drop: true}.Keeps())
	}
}

func TestTextRules(t *testing.T) {
	for name, c := range map[string]struct {
		rule    Text
		in      any
		want    any
		outcome Outcome
	}{
		"keep text":       {Text{Keep: true, Open: true}, "x", "x", Passes},
		"keep open text":  {Text{Keep: true}, "x", nil, OpenText},
		"keep number":     {Text{Keep: true}, 7, int64(7), Passes},
		"no UTF-8":        {Text{Keep: true, Open: true}, "a\xff", nil, Passes},
		"keep bool":       {Text{Keep: true}, true, true, Passes},
		"keep list":       {Text{Keep: true}, []any{"x"}, nil, NotScalar},
		"keep map":        {Text{Keep: true}, map[string]any{"k": "v"}, nil, NotScalar},
		"keep bytes":      {Text{Keep: true}, []byte("x"), nil, NotScalar},
		"redact":          {Text{Redact: true}, "x", "redacted", Passes},
		"allow":           {Text{Allow: []string{"free"}}, "free", "free", Passes},
		"allow number":    {Text{Allow: []string{"1"}}, 1, int64(1), Passes},
		"not listed":      {Text{Allow: []string{"free"}}, "gold", nil, NotListed},
		"other":           {Text{Allow: []string{"free"}, Other: "other"}, "gold", "other", Passes},
		"version":         {Text{Version: Minor}, "5.3.1", "5.3", Passes},
		"no version":      {Text{Version: Minor}, "x", nil, NoVersion},
		"date":            {Text{Date: &Date{To: Year}}, "2024-05-06", "2024", Passes},
		"no date":         {Text{Date: &Date{To: Year}}, 2024, nil, NoDate},
		"nothing found":   {Text{Date: &Date{To: Year}}, nil, nil, Passes},
		"nothing allowed": {Text{Allow: []string{"x"}, Other: "other"}, nil, nil, Passes},
		"keep yields":     {Text{Keep: true, Redact: true}, "x", "redacted", Passes},
	} {
		t.Run(name, func(t *testing.T) {
			v := pcommon.NewValueEmpty()
			assert.NoError(t, v.FromRaw(c.in))
			outcome := c.rule.Step().Apply(v, &Key{})
			assert.Equal(t, c.outcome, outcome)
			if outcome == Passes {
				assert.Equal(t, c.want, v.AsRaw())
			}
		})
	}
}
