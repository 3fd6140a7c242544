// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"strings"
	"time"

	"github.com/headcount-otel/headcount/conf"
	"github.com/headcount-otel/headcount/internal/timeform"
)

// Date leaves the period in which a time lies, in UTC. A time may be in any form that is known
// without being named: a text that begins with the year, Unix seconds or parts of them, a Julian day.
type Date struct {
	// To is the period: hour, day, week (ISO 8601), month, quarter or year.
	To Period `mapstructure:"to,omitempty"`
	// Layout is the text that leaves, with {year} {quarter} {month} {day} {hour}, or,
	// to weeks, {year} {week}. A placeholder finer than To is an error.
	Layout string `mapstructure:"layout,omitempty"`
}

// Period is a span of the calendar.
type Period string

const (
	Hour    Period = "hour"
	Day     Period = "day"
	Week    Period = "week"
	Month   Period = "month"
	Quarter Period = "quarter"
	Year    Period = "year"
)

// periods says for each period what may stand in its layout, and which one does by default.
var periods = map[Period]struct {
	placeholders []string
	layout       string
}{
	Year:    {[]string{"year"}, "{year}"},
	Quarter: {[]string{"year", "quarter"}, "{year}-Q{quarter}"},
	Month:   {[]string{"year", "quarter", "month"}, "{year}-{month}"},
	Week:    {[]string{"year", "week"}, "{year}-W{week}"},
	Day:     {[]string{"year", "quarter", "month", "day"}, "{year}-{month}-{day}"},
	Hour:    {[]string{"year", "quarter", "month", "day", "hour"}, "{year}-{month}-{day}T{hour}:00Z"},
}

var datePeriods = conf.WordsOf(Hour, Day, Week, Month, Quarter, Year)

// Words implements conf.Worded.
func (*Date) Words() map[string]conf.Words { return map[string]conf.Words{"to": datePeriods} }

// Validate checks the period and that the layout says nothing finer.
func (d *Date) Validate() error {
	period, known := periods[d.To]
	if !known {
		return fmt.Errorf("to: %q is no period: write %s", d.To, datePeriods)
	}
	layout := d.layout()
	for _, p := range period.placeholders {
		layout = strings.ReplaceAll(layout, "{"+p+"}", "")
	}
	if strings.ContainsAny(layout, "{}") {
		return fmt.Errorf("layout: %q: with to: %s there may stand {%s}", d.Layout, d.To, strings.Join(period.placeholders, "} {"))
	}
	return nil
}

func (d *Date) layout() string {
	if d.Layout == "" {
		return periods[d.To].layout
	}
	return d.Layout
}

// Finest is the shortest span of the calendar that the layout says; empty where it says none.
func (d *Date) Finest() Period {
	for _, p := range []Period{Hour, Day, Week, Month, Quarter, Year} {
		if strings.Contains(d.layout(), "{"+string(p)+"}") {
			return p
		}
	}
	return ""
}

// format returns the period's text for a time's text; false when that is no time, or one that stands for never.
func (d *Date) format(text string) (string, bool) {
	at, ok := timeform.Read(text)
	if !ok {
		return "", false
	}
	return d.of(at), true
}

// of returns the period's text for a time.
func (d *Date) of(at time.Time) string {
	at = at.UTC()
	year, week := at.Year(), 0
	if d.To == Week {
		year, week = at.ISOWeek()
	}
	return strings.NewReplacer(
		"{year}", fmt.Sprintf("%04d", year),
		"{quarter}", fmt.Sprint((int(at.Month())+2)/3),
		"{month}", fmt.Sprintf("%02d", at.Month()),
		"{week}", fmt.Sprintf("%02d", week),
		"{day}", fmt.Sprintf("%02d", at.Day()),
		"{hour}", fmt.Sprintf("%02d", at.Hour()),
	).Replace(d.layout())
}
