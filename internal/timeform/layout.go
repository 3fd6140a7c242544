// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package timeform

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// strptime are the directives of Python and C in Go's words.
var strptime = strings.NewReplacer("%Y", "2006", "%m", "01", "%d", "02", "%H", "15", "%M", "04", "%S", "05",
	"%b", "Jan", "%B", "January", "%y", "06", "%e", "_2", "%I", "03", "%p", "PM", "%T", "15:04:05", "%F", "2006-01-02",
	".%f", "", ",%f", "", "%z", "-07:00", "%:z", "-07:00", "%Z", "MST", "%%", "%")

// zones are the words for a zone at a layout's end, and what texts then end in.
var zones = []struct {
	word string
	tail tail
}{
	{"Z07:00", offset},
	{"-07:00", offset},
	{"-0700", offset},
	{"-07", offset},
	{"±hh:mm", offset},
	{"±hhmm", offset},
	{"+hh:mm", offset},
	{"UTC", utc},
	{"Z", utc},
}

// parseLayout reads a text's layout in one of three tongues: YYYY-MM-DD hh:mm:ss, strptime's %Y-%m-%d, Go's 2006-01-02.
func parseLayout(name string) (Form, error) {
	f := Form{name: name, layout: name}
	for _, z := range zones {
		if head, found := strings.CutSuffix(f.layout, z.word); found {
			f.layout, f.tail = strings.TrimSuffix(head, " "), z.tail
			break
		}
	}
	switch {
	case strings.Contains(name, "%"):
		f.layout = strptime.Replace(f.layout)
		for _, z := range zones {
			if head, found := strings.CutSuffix(f.layout, z.word); found {
				f.layout, f.tail = strings.TrimSuffix(head, " "), z.tail
				break
			}
		}
	case strings.Contains(strings.ToUpper(name), "YYYY"):
		f.layout = fromLetters(f.layout)
	}
	f.layout = strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(f.layout, ".000"), ".999"), ".,")
	// A moment that differs in each part from Go's own shows whether the layout keeps all of them.
	probe := time.Date(2038, time.November, 27, 21, 46, 58, 0, time.UTC)
	text := probe.Format(f.layout)
	read, err := time.Parse(f.layout, text)
	if err != nil || text == f.layout || read.Year() != probe.Year() || read.Month() != probe.Month() {
		return Form{}, fmt.Errorf("%q: write unix, unix_ms, unix_us, unix_ns, julian, or a text's layout such as YYYY-MM-DD hh:mm:ss", name)
	}
	return f, nil
}

// fromLetters turns YYYYMMDDHHMMSS into Go's words; MM is the month until hours have come, and fractions need no word.
func fromLetters(layout string) string {
	var text strings.Builder
	hours := false
	for len(layout) > 0 {
		two := strings.ToUpper(layout[:min(2, len(layout))])
		switch {
		case strings.HasPrefix(strings.ToUpper(layout), "YYYY"):
			text.WriteString("2006")
			layout = layout[4:]
			continue
		case two == "MM" && hours:
			text.WriteString("04")
		case two == "MM":
			text.WriteString("01")
		case two == "DD":
			text.WriteString("02")
		case two == "HH":
			text.WriteString("15")
			hours = true
		case two == "SS":
			text.WriteString("05")
			return text.String() + strings.TrimLeft(strings.TrimLeft(layout[2:], ".,"), "sSfF")
		default:
			text.WriteString(layout[:1])
			layout = layout[1:]
			continue
		}
		layout = layout[2:]
	}
	return text.String()
}

// ErrSort is why a layout serves `pick` alone.
var ErrSort = errors.New("texts in this layout do not sort as their times do: only `pick` can read them")

// sorts reports whether texts in a layout sort as their times do: each part stands behind the greater ones.
func sorts(layout string) bool {
	at := -1
	for _, part := range [...]string{"2006", "01", "02", "15", "04", "05"} {
		next := strings.Index(layout, part)
		if next < 0 {
			continue
		}
		if next < at {
			return false
		}
		at = next
	}
	return layout == "" || (strings.HasPrefix(layout, "2006") && !strings.ContainsAny(strings.NewReplacer("T", "").Replace(layout), "JanFebMonPM_"))
}
