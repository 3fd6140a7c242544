// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package changes

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

func TestLimitsOfNumbers(t *testing.T) {
	hundred, ten := &rule.Round{To: 100}, &rule.Round{To: 10}
	most, more, never := int64(100), int64(1000), 0.0
	for name, c := range map[string]struct {
		was, is rule.Number
		kind    string
	}{
		"a wider grid":            {rule.Number{Round: ten}, rule.Number{Round: hundred}, "rounder"},
		"a finer grid":            {rule.Number{Round: hundred}, rule.Number{Round: ten}, "finer"},
		"another direction":       {rule.Number{Round: ten}, rule.Number{Round: &rule.Round{To: 10, Mode: rule.RoundDown}}, "otherwise"},
		"a direction from 0":      {rule.Number{Round: ten}, rule.Number{Round: &rule.Round{To: 10, Mode: rule.RoundUp}}, "finer"},
		"the default written out": {rule.Number{Round: ten}, rule.Number{Round: &rule.Round{To: 100, Mode: rule.RoundHalfEven}}, "rounder"},
		"no longer sticky":        {rule.Number{Round: &rule.Round{To: 10, Mode: rule.RoundSticky}}, rule.Number{Round: ten}, "finer"},
		"no threshold":            {rule.Number{Round: ten, SuppressBelow: 6}, rule.Number{Round: ten}, "finer"},
		"a lower threshold":       {rule.Number{Round: ten, SuppressBelow: 6}, rule.Number{Round: hundred, SuppressBelow: 2}, "finer"},
		"no noise":                {rule.Number{Round: ten, Noise: &rule.Noise{Scale: 2}}, rule.Number{Round: ten}, "finer"},
		"less noise":              {rule.Number{Noise: &rule.Noise{Sensitivity: 1, Epsilon: .5}}, rule.Number{Noise: &rule.Noise{Scale: 1}}, "finer"},
		"more noise":              {rule.Number{Noise: &rule.Noise{Scale: 1}}, rule.Number{Noise: &rule.Noise{Sensitivity: 4, Epsilon: 1}}, "rounder"},
		"fresh noise":             {rule.Number{Noise: &rule.Noise{Scale: 1}}, rule.Number{Noise: &rule.Noise{Scale: 1, Fresh: true}}, "finer"},
		"no clamp":                {rule.Number{Round: ten, Clamp: &rule.Clamp{}}, rule.Number{Round: ten}, "finer"},
		"a clamp before noise":    {rule.Number{Noise: &rule.Noise{Scale: 2}}, rule.Number{Noise: &rule.Noise{Scale: 2}, Clamp: &rule.Clamp{Max: &most}}, "finer"},
		"none of it any more":     {rule.Number{Noise: &rule.Noise{Scale: 2}, Clamp: &rule.Clamp{Max: &most}}, rule.Number{Noise: &rule.Noise{Scale: 2}}, "finer"},
		"a bit that tells more":   {rule.Number{OneBit: &rule.OneBit{Max: 10}}, rule.Number{OneBit: &rule.OneBit{Max: 10, Zero: .1}}, "finer"},
		"a bit that tells less":   {rule.Number{OneBit: &rule.OneBit{Max: 10}}, rule.Number{OneBit: &rule.OneBit{Max: 10, Zero: .4}}, "otherwise"},
		"a bit without flips":     {rule.Number{OneBit: &rule.OneBit{Max: 10}}, rule.Number{OneBit: &rule.OneBit{Max: 10, Flip: &never}}, "finer"},
		"ranges for an offset":    {rule.Number{Round: &rule.Round{To: 10, Mode: rule.RoundSticky}}, rule.Number{Bucket: &rule.Bucket{}}, "finer"},
		"no longer fresh":         {rule.Number{Noise: &rule.Noise{Scale: 1, Fresh: true}}, rule.Number{Noise: &rule.Noise{Scale: 1}}, "rounder"},
		"fewer ranges":            {rule.Number{Bucket: &rule.Bucket{}}, rule.Number{Bucket: &rule.Bucket{Bounds: []int64{0, 101}}}, "rounder"},
		"more ranges":             {rule.Number{Bucket: &rule.Bucket{Bounds: []int64{0, 10}}}, rule.Number{Bucket: &rule.Bucket{Bounds: []int64{0, 5, 10}}}, "finer"},
		"other ranges":            {rule.Number{Bucket: &rule.Bucket{Bounds: []int64{0, 10}}}, rule.Number{Bucket: &rule.Bucket{Bounds: []int64{0, 11}}}, "finer"},
		"ranges for a grid":       {rule.Number{Round: ten}, rule.Number{Bucket: &rule.Bucket{Bounds: []int64{0, 6, 21}}}, "otherwise"},
		"ranges that begin at 1":  {rule.Number{Round: ten}, rule.Number{Bucket: &rule.Bucket{}}, "finer"},
		"a bit for a grid":        {rule.Number{Round: ten}, rule.Number{OneBit: &rule.OneBit{Max: 10}}, "otherwise"},
		"a grid for a bit":        {rule.Number{OneBit: &rule.OneBit{Max: 10}}, rule.Number{Round: hundred}, "finer"},
		"groups not listed":       {rule.Number{Noise: &rule.Noise{Scale: 2}, Groups: []string{"plan"}}, rule.Number{Noise: &rule.Noise{Scale: 2}}, "finer"},
		"names that leave sooner": {rule.Number{Noise: &rule.Noise{Scale: 2}, SuppressBelow: 28}, rule.Number{Noise: &rule.Noise{Scale: 2}, SuppressBelow: 28, Round: &rule.Round{To: 10, Mode: rule.RoundSticky}}, "finer"},
		"0 by its absence":        {rule.Number{Round: hundred}, rule.Number{Round: hundred, SuppressBelow: 1}, "finer"},
		"a number by a threshold": {rule.Number{Round: ten, SuppressBelow: 4}, rule.Number{Round: ten, SuppressBelow: 5}, "finer"},
		"a clamp that cuts less":  {rule.Number{Round: ten, Clamp: &rule.Clamp{Max: &most}}, rule.Number{Round: ten, Clamp: &rule.Clamp{Max: &more}}, "finer"},
		"a clamp that cuts more":  {rule.Number{Round: ten, Clamp: &rule.Clamp{Max: &more}}, rule.Number{Round: ten, Clamp: &rule.Clamp{Max: &most}}, "rounder"},
		"a clamp that lifts less": {rule.Number{Round: ten, Clamp: &rule.Clamp{Min: &most}}, rule.Number{Round: ten, Clamp: &rule.Clamp{Max: &more}}, "finer"},
		"another unit":            {rule.Number{Round: ten}, rule.Number{Round: ten, Unit: "{run}"}, "otherwise"},
	} {
		assert.Equal(t, c.kind, ofNumbers(&c.was, &c.is).kind(), name)
	}
}

func TestLimitsOfTexts(t *testing.T) {
	month, year := rule.Text{Date: &rule.Date{To: rule.Month}}, rule.Text{Date: &rule.Date{To: rule.Year}}
	few, more := rule.Text{Allow: []string{"a"}, Other: "o"}, rule.Text{Allow: []string{"a", "b"}, Other: "o"}
	for name, c := range map[string]struct {
		was, is rule.Text
		kind    string
	}{
		"more of a version":       {rule.Text{Version: rule.Major}, rule.Text{Version: rule.Patch}, "finer"},
		"less of a version":       {rule.Text{Version: rule.Minor}, rule.Text{Version: rule.Major}, "rounder"},
		"a shorter period":        {year, month, "finer"},
		"a longer period":         {month, year, "rounder"},
		"a name that stays":       {rule.Text{Pseudonym: &rule.Pseudonym{Every: rule.Quarter}}, rule.Text{Pseudonym: &rule.Pseudonym{Every: rule.Never}}, "finer"},
		"one that changes more":   {rule.Text{Pseudonym: &rule.Pseudonym{Every: rule.Year}}, rule.Text{Pseudonym: &rule.Pseudonym{Every: rule.Week}}, "rounder"},
		"a longer list":           {few, more, "finer"},
		"a shorter list":          {more, few, "rounder"},
		"not redacted":            {rule.Text{Redact: true}, few, "finer"},
		"a layout that says more": {rule.Text{Date: &rule.Date{To: rule.Month, Layout: "{year}"}}, month, "finer"},
		"a layout that says less": {rule.Text{Date: &rule.Date{To: rule.Month, Layout: "{month}/{year}"}}, rule.Text{Date: &rule.Date{To: rule.Month, Layout: "Q{quarter}/{year}"}}, "rounder"},
		"another layout":          {month, rule.Text{Date: &rule.Date{To: rule.Month, Layout: "{month}/{year}"}}, "otherwise"},
		"any text":                {rule.Text{Keep: true}, rule.Text{Keep: true, Open: true}, "finer"},
		"no longer any text":      {rule.Text{Keep: true, Open: true}, rule.Text{Keep: true}, "otherwise"},
		"something else":          {few, year, "otherwise"},
	} {
		assert.Equal(t, c.kind, ofTexts(&c.was, &c.is).kind(), name)
	}
}
