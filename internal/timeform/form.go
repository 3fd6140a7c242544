// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package timeform

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Form is one way to write a time. The zero Form is none.
type Form struct {
	name string
	// perSecond is an epoch's units in a second; 0 of the other forms.
	perSecond int64
	// julian days are numbers too.
	julian bool
	// layout is a text's, in Go's words, without fractions of a second and zone.
	layout string
	tail   tail
}

// Zero is no form.
var Zero Form

// tail is what follows in a text after the seconds and their fractions.
type tail uint8

const (
	// naive texts say no zone.
	naive tail = iota
	// utc texts say Z, UTC, or an offset of nothing.
	utc
	// offset texts say how far from UTC they are: such as +02:00 or +0200.
	offset
	// named texts end in a zone's name after their offset.
	named
)

// The forms of numbers.
var (
	Unix      = Form{name: "unix", perSecond: 1}
	UnixMilli = Form{name: "unix_ms", perSecond: 1e3}
	UnixMicro = Form{name: "unix_us", perSecond: 1e6}
	UnixNano  = Form{name: "unix_ns", perSecond: 1e9}
	Julian    = Form{name: "julian", julian: true}
)

// numbers are the forms of numbers, and evident those that a number shows by itself: of nanoseconds it does not, because ids
// that begin in a time, such as Discord's, are as long. digits are the layouts of texts that a number may be.
var (
	evident = []Form{Unix, UnixMilli, UnixMicro, Julian}
	numbers = append([]Form{UnixNano}, evident...)
	digits  = []string{"20060102150405", "200601021504", "20060102"}
)

// Parse reads a form's name: unix, unix_ms, unix_us, unix_ns, julian, or a text's layout.
func Parse(name string) (Form, error) {
	for _, form := range numbers {
		if form.name == name {
			return form, nil
		}
	}
	return parseLayout(name)
}

// String is the form's name, and says nothing of a value.
func (f Form) String() string { return f.name }

// IsText reports whether the form is one of texts alone.
func (f Form) IsText() bool { return f.layout != "" && !f.isDigits() }

// SaysHours reports whether a text says more than a day.
func (f Form) SaysHours() bool {
	return strings.Contains(f.layout, "15")
}

func (f Form) isDigits() bool {
	return f.layout != "" && f.tail == naive && strings.Trim(f.layout, "0123456789") == ""
}

// Naive reports that the form says no zone, so that one has to be known.
func (f Form) Naive() bool { return f.layout != "" && f.tail == naive }

// Shifted reports that the texts say offsets, and so do not sort as their times do.
func (f Form) Shifted() bool { return f.tail == offset }

// Sorts reports whether values in this form sort as their times do.
func (f Form) Sorts() bool { return f.tail != offset && f.tail != named && sorts(f.layout) }

var errForm = errors.New("the value does not fit the form")

// Time reads a value: an int64, a float64, a string or bytes. zone is that of naive texts.
func (f Form) Time(value any, zone *time.Location) (time.Time, error) {
	if f.layout != "" {
		return f.ofText(textOf(value), zone)
	}
	n, fraction, ok := numberOf(value)
	if !ok {
		return time.Time{}, errForm
	}
	var at time.Time
	switch {
	case f.julian:
		at = time.UnixMilli(int64(math.Round((float64(n)+fraction)*julianDay)) - julianEpoch)
	case f.perSecond == 0:
		return time.Time{}, errForm
	default:
		micros := math.Round(fraction * 1e6 / float64(f.perSecond))
		at = time.Unix(n/f.perSecond, n%f.perSecond*(1e9/f.perSecond)).Add(time.Duration(micros) * time.Microsecond)
	}
	if !between(at, 1971, far) {
		return time.Time{}, errForm
	}
	return at.UTC(), nil
}

const (
	// julianDay is a day in milliseconds, and julianEpoch the Julian date of 1970 in them.
	julianDay   = 86_400_000
	julianEpoch = 210_866_760_000_000
	// far is a year in which nothing has happened yet: later ones stand for never.
	far = 2900
)

// Bound is the least value in this form, as its text, of a time not before at, which is in whole seconds.
func (f Form) Bound(at time.Time, zone *time.Location) string {
	switch {
	case f.layout != "":
		return f.boundText(at, zone)
	case f.julian:
		// Half a millisecond less, because producers round differently.
		return strconv.FormatFloat((float64(at.UnixMilli()+julianEpoch)-0.5)/julianDay, 'f', -1, 64)
	default:
		return strconv.FormatInt(at.Unix(), 10) + strings.Repeat("0", len(strconv.FormatInt(f.perSecond, 10))-1)
	}
}

// between reports that at lies within the years from (included) to (excluded).
func between(at time.Time, from, to int) bool { return at.Year() >= from && at.Year() < to }

// numberOf takes a number apart; of texts, those of digits and at most one point.
func numberOf(value any) (whole int64, fraction float64, ok bool) {
	switch v := value.(type) {
	case int64:
		return v, 0, true
	case float64:
		if math.IsNaN(v) || math.Abs(v) >= 1<<62 {
			return 0, 0, false
		}
		n, part := math.Modf(v)
		return int64(n), part, true
	}
	text := strings.TrimSpace(textOf(value))
	n, part, dotted := strings.Cut(text, ".")
	whole, err := strconv.ParseInt(n, 10, 64)
	if err != nil || strings.Trim(text, "0123456789.") != "" {
		return 0, 0, false
	}
	if dotted {
		fraction, err = strconv.ParseFloat("0."+part, 64)
	}
	return whole, fraction, err == nil
}

func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}
