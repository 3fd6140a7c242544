// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package timeform

import (
	"errors"
	"strings"
	"time"
)

var (
	// ErrNone is the failure to find a form that the values have.
	ErrNone = errors.New("the values are in no form of a time that is known: say the column's with `time`")
	// ErrNano is the failure of what may be nanoseconds, or no time.
	ErrNano = errors.New("numbers of this length may be nanoseconds, or ids that begin in a time (snowflakes): where they are nanoseconds, say `time: unix_ns`")
	// ErrMixed is the failure to find one form for all values.
	ErrMixed = errors.New("the values are in more than one form of a time")
)

// Nothing are the values that stand for never or not yet, as patterns of SQL's LIKE over the value as a text:
// empty, nothing and less, the epochs' beginnings, dates without a month or a day, and the end of time.
var Nothing = []string{
	"", "0", "0.%", "0000%", "0001%", "-%", "infinity", "1970-01-01", "1970-01-01_00:00:00%", "19700101000000%", "2440587.5%",
	"9999-__-__%", "9999/__/__%", "99991231%", "2534023%", "____-00-%", "____-__-00%",
}

// IsNothing reports whether a value stands for never.
func IsNothing(value any) bool {
	if value == nil {
		return true
	}
	text := strings.TrimSpace(textOf(value))
	for _, pattern := range Nothing {
		if like(text, pattern) {
			return true
		}
	}
	return false
}

// like matches as SQL does; a % stands at the end alone.
func like(text, pattern string) bool {
	open := strings.HasSuffix(pattern, "%")
	pattern = strings.TrimSuffix(pattern, "%")
	if len(text) < len(pattern) || (!open && len(text) != len(pattern)) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] != '_' && pattern[i] != text[i] {
			return false
		}
	}
	return true
}

// Find is the one form that all values of a column have, of those that stand for something; the zero Form when none does.
func Find(values []any) (Form, error) {
	var found Form
	for _, value := range values {
		if IsNothing(value) {
			continue
		}
		form, ok := formOf(value)
		ok = ok && !isIndented(value)
		switch {
		case !ok && mayBeNano(value):
			return Form{}, ErrNano
		case !ok:
			return Form{}, ErrNone
		case found == (Form{}), found.layout == form.layout && found.tail == utc && form.tail != naive:
			found = form
		case found == form, found.layout == form.layout && form.tail == utc && found.tail != naive:
		default:
			return Form{}, ErrMixed
		}
	}
	return found, nil
}

// isIndented reports a text that begins with a blank, which sorts before all that do not: no bound compares with it.
func isIndented(value any) bool {
	text := textOf(value)
	return text != strings.TrimLeft(text, " \t\r\n")
}

// formOf finds a single value's form. Of a number only one fits, because of each the years from 2000 to 2100 are taken.
func formOf(value any) (Form, bool) {
	if n, fraction, isNumber := numberOf(value); isNumber {
		for _, form := range evident {
			if at, err := form.Time(value, nil); err == nil && between(at, 2000, 2100) {
				return form, true
			}
		}
		for _, layout := range digits {
			form := Form{name: describe(layout, naive), layout: layout}
			if at, err := form.Time(value, nil); err == nil && n > 0 && fraction < 1 && between(at, 2000, 2100) {
				return form, true
			}
		}
		if _, isText := value.(string); !isText {
			return Form{}, false
		}
	}
	switch value.(type) {
	case string, []byte:
		return shapeOf(textOf(value))
	default:
		return Form{}, false
	}
}

func mayBeNano(value any) bool {
	at, err := UnixNano.Time(value, nil)
	return err == nil && between(at, 2000, 2100)
}

// Fits reports whether values that stand for something are all in the form.
func (f Form) Fits(values []any) bool {
	for _, value := range values {
		if IsNothing(value) {
			continue
		}
		if _, err := f.Time(value, nil); err != nil || isIndented(value) {
			return false
		}
	}
	return true
}

// Read reads a single value in whatever form it is, naive ones as UTC; false for what is no time, or stands for never.
func Read(value any) (time.Time, bool) {
	if at, isTime := value.(time.Time); isTime {
		return at.UTC(), !IsNever(at)
	}
	if IsNothing(value) {
		return time.Time{}, false
	}
	return readIn(value, nil)
}

// ReadIn reads a text that says a time, in this zone where it says none; said is whether it does. A nil zone is UTC.
func ReadIn(text string, zone *time.Location) (at time.Time, said, ok bool) {
	if IsNothing(text) {
		return time.Time{}, false, false
	}
	at, ok = readIn(text, zone)
	elsewhere, _ := readIn(text, time.FixedZone("", 1))
	there, _ := readIn(text, time.FixedZone("", 2))
	return at, elsewhere.Equal(there), ok
}

func readIn(value any, zone *time.Location) (time.Time, bool) {
	form, ok := formOf(value)
	if !ok {
		return time.Time{}, false
	}
	at, err := form.Time(value, zone)
	return at, err == nil && !IsNever(at)
}

// IsNever reports that a time stands for never.
func IsNever(at time.Time) bool {
	return at.Year() <= 1 || at.Year() >= far || at.Unix() == 0
}

// Far is a time at which nothing has happened yet: it and later ones stand for never.
var Far = time.Date(far, 1, 1, 0, 0, 0, 0, time.UTC)
