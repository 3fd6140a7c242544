// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package timeform

import (
	"strings"
	"time"
)

// shapes are the layouts of texts that are found without being named, the longest first.
var shapes = []string{
	"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006/01/02 15:04:05",
	"20060102T150405", "20060102150405",
	"2006-01-02 15:04", "2006-01-02T15:04", "2006/01/02 15:04", "200601021504",
	"2006-01-02", "2006/01/02", "20060102",
}

// shapeOf finds the form of a text that begins with a year.
func shapeOf(text string) (Form, bool) {
	text = strings.TrimSpace(text)
	for _, layout := range shapes {
		if len(text) < len(layout) {
			continue
		}
		if _, err := time.Parse(layout, text[:len(layout)]); err != nil {
			continue
		}
		_, rest := cutFraction(layout, text[len(layout):])
		if end, _, ok := tailOf(rest); ok && (end == naive || !endsInDate(layout)) {
			return Form{name: describe(layout, end), layout: layout, tail: end}, true
		}
	}
	return Form{}, false
}

func endsInDate(layout string) bool { return strings.HasSuffix(layout, "02") }

// describe is a layout as documents write it, with what follows.
func describe(layout string, end tail) string {
	words := strings.NewReplacer("2006", "YYYY", "01", "MM", "02", "DD", "15", "hh", "04", "mm", "05", "ss").Replace(layout)
	return words + map[tail]string{utc: "Z", offset: "±hh:mm", named: "±hh:mm zone"}[end]
}

// cutFraction takes the fraction of a second from what follows a layout that ends in seconds.
func cutFraction(layout, rest string) (fraction time.Duration, after string) {
	if !strings.HasSuffix(layout, "05") || rest == "" || (rest[0] != '.' && rest[0] != ',') {
		return 0, rest
	}
	unit, i := time.Second/10, 1
	for ; i < len(rest) && rest[i] >= '0' && rest[i] <= '9'; i++ {
		fraction += time.Duration(rest[i]-'0') * unit
		unit /= 10
	}
	if i == 1 {
		return 0, rest
	}
	return fraction, rest[i:]
}

// tailOf reads what follows the seconds, and how far from UTC it says that the text is.
func tailOf(rest string) (end tail, ahead time.Duration, ok bool) {
	if rest == "" {
		return naive, 0, true
	}
	rest = strings.TrimPrefix(rest, " ")
	switch rest {
	case "Z", "z", "UTC", "GMT":
		return utc, 0, true
	}
	shift, name, _ := strings.Cut(rest, " ")
	for _, layout := range [...]string{"-07:00", "-0700", "-07"} {
		at, err := time.Parse(layout, shift)
		if err != nil {
			continue
		}
		_, seconds := at.Zone()
		switch {
		case seconds == 0:
			end = utc
		case name == "":
			end = offset
		default:
			end = named
		}
		return end, time.Duration(seconds) * time.Second, true
	}
	return naive, 0, false
}

// ofText reads a text in this form.
func (f Form) ofText(text string, zone *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	if len(text) < len(f.layout) {
		return time.Time{}, errForm
	}
	key, rest := text[:len(f.layout)], text[len(f.layout):]
	at, err := time.ParseInLocation(f.layout, key, orUTC(zone))
	if err != nil {
		return time.Time{}, errForm
	}
	fraction, rest := cutFraction(f.layout, rest)
	end, ahead, ok := tailOf(rest)
	if !ok || !f.allows(end) {
		return time.Time{}, errForm
	}
	if end != naive {
		at, _ = time.Parse(f.layout, key) // in UTC
	}
	return at.Add(fraction - ahead).UTC(), nil
}

// allows reports whether a text with this end is one of the form: offsets may be nothing.
func (f Form) allows(end tail) bool {
	return f.tail == end || (end == utc && (f.tail == offset || f.tail == named))
}

// boundText is the beginning of the least text of a time not before at.
func (f Form) boundText(at time.Time, zone *time.Location) string {
	if f.tail != naive {
		zone = time.UTC
	}
	at = at.In(orUTC(zone))
	text := at.Format(f.layout)
	written, err := time.ParseInLocation(f.layout, text, at.Location())
	if err != nil || strings.Contains(f.layout, "05") || !written.Before(at) {
		return text
	}
	// The layout is rougher than a second, so the next text is the least one.
	switch {
	case strings.Contains(f.layout, "04"):
		return written.Add(time.Minute).Format(f.layout)
	case strings.Contains(f.layout, "15"):
		return written.Add(time.Hour).Format(f.layout)
	case strings.Contains(f.layout, "02"):
		return written.AddDate(0, 0, 1).Format(f.layout)
	default:
		return written.AddDate(0, 1, 0).Format(f.layout)
	}
}

func orUTC(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}
