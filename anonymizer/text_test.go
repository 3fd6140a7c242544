// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

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
		{"123456789", "", "", ""},
		{".1", "", "", ""},
		{"1.", "", "", ""},
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

func TestTextRules(t *testing.T) {
	for name, c := range map[string]struct {
		rule TextRule
		in   any
		want any
		fate reason
	}{
		"keep text":       {TextRule{Keep: true}, "x", "x", passes},
		"keep bool":       {TextRule{Keep: true}, true, true, passes},
		"keep list":       {TextRule{Keep: true}, []any{"x"}, nil, notScalar},
		"keep map":        {TextRule{Keep: true}, map[string]any{"k": "v"}, nil, notScalar},
		"keep bytes":      {TextRule{Keep: true}, []byte("x"), nil, notScalar},
		"redact":          {TextRule{Redact: true}, "x", "redacted", passes},
		"allow":           {TextRule{Allow: []string{"free"}}, "free", "free", passes},
		"allow number":    {TextRule{Allow: []string{"1"}}, 1, int64(1), passes},
		"not listed":      {TextRule{Allow: []string{"free"}}, "gold", nil, notListed},
		"other":           {TextRule{Allow: []string{"free"}, Other: "other"}, "gold", "other", passes},
		"version":         {TextRule{Version: Minor}, "5.3.1", "5.3", passes},
		"no version":      {TextRule{Version: Minor}, "x", nil, noVersion},
		"date":            {TextRule{Date: &Date{To: Year}}, "2024-05-06", "2024", passes},
		"no date":         {TextRule{Date: &Date{To: Year}}, 2024, nil, noDate},
		"nothing found":   {TextRule{Date: &Date{To: Year}}, nil, nil, passes},
		"nothing allowed": {TextRule{Allow: []string{"x"}, Other: "other"}, nil, nil, passes},
		"keep yields":     {TextRule{Keep: true, Redact: true}, "x", "redacted", passes},
	} {
		t.Run(name, func(t *testing.T) {
			v := pcommon.NewValueEmpty()
			assert.NoError(t, v.FromRaw(c.in))
			fate := compileText(c.rule).treat(v, &place{})
			assert.Equal(t, c.fate, fate)
			if fate == passes {
				assert.Equal(t, c.want, v.AsRaw())
			}
		})
	}
}
