// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package timeform_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/internal/timeform"
)

var moment = time.Date(2024, 5, 17, 10, 20, 30, 0, time.UTC)

func TestEachFormIsFound(t *testing.T) {
	for _, c := range []struct {
		form  string
		value any
		want  time.Time
	}{
		{"unix", int64(1715941230), moment},
		{"unix", int64(999930000), time.Unix(999930000, 0)},
		{"unix", 1715941230.5, moment.Add(time.Second / 2)},
		{"unix", "1715941230", moment},
		{"unix", "1715941230.25", moment.Add(time.Second / 4)},
		{"unix", []byte("1715941230"), moment},
		{"unix_ms", int64(1715941230123), moment.Add(123 * time.Millisecond)},
		{"unix_us", int64(1715941230123456), moment.Add(123456 * time.Microsecond)},
		{"julian", 2460447.930902778, moment},
		{"YYYYMMDDhhmmss", int64(20240517102030), moment},
		{"YYYYMMDDhhmmss", "20240517102030", moment},
		{"YYYYMMDDhhmmss", "20240517102030.123", moment.Add(123 * time.Millisecond)},
		{"YYYYMMDDhhmmss", []byte("20240517102030"), moment},
		{"YYYYMMDDhhmm", "202405171020", moment.Truncate(time.Minute)},
		{"YYYYMMDD", int64(20240517), moment.Truncate(24 * time.Hour)},
		{"YYYYMMDDThhmmssZ", "20240517T102030Z", moment},
		{"YYYY-MM-DD hh:mm:ss", "2024-05-17 10:20:30", moment},
		{"YYYY-MM-DD hh:mm:ss", "2024-05-17 10:20:30.000250 ", moment.Add(250 * time.Microsecond)},
		{"YYYY-MM-DD hh:mm:ss", "2024-05-17 10:20:30,5", moment.Add(time.Second / 2)},
		{"YYYY-MM-DD hh:mm", "2024-05-17 10:20", moment.Truncate(time.Minute)},
		{"YYYY-MM-DD", "2024-05-17", moment.Truncate(24 * time.Hour)},
		{"YYYY-MM-DDThh:mm:ssZ", "2024-05-17T10:20:30.123Z", moment.Add(123 * time.Millisecond)},
		{"YYYY-MM-DD hh:mm:ssZ", "2024-05-17 10:20:30.123Z", moment.Add(123 * time.Millisecond)},
		{"YYYY-MM-DD hh:mm:ssZ", "2024-05-17 10:20:30 UTC", moment},
		{"YYYY-MM-DD hh:mm:ssZ", "2024-05-17 10:20:30 +0000 UTC", moment},
		{"YYYY-MM-DD hh:mm:ss±hh:mm", "2024-05-17 12:20:30+02", moment},
		{"YYYY-MM-DDThh:mm:ss±hh:mm", "2024-05-17T12:20:30+02:00", moment},
		{"YYYY-MM-DDThh:mm:ss±hh:mm", "2024-05-17T03:20:30-0700", moment},
		{"YYYY-MM-DD hh:mm:ss±hh:mm zone", "2024-05-17 12:20:30 +0200 CEST", moment},
	} {
		form, err := timeform.Find([]any{c.value})
		require.NoError(t, err, c.value)
		assert.Equal(t, c.form, form.String(), c.value)
		at, err := form.Time(c.value, nil)
		require.NoError(t, err, c.value)
		assert.WithinDuration(t, c.want, at, time.Microsecond, c.value)
		read, ok := timeform.Read(c.value)
		assert.True(t, ok)
		assert.Equal(t, at, read)
	}
}

func TestWhatIsNoTime(t *testing.T) {
	for _, value := range []any{
		int64(42), 1.5, "yesterday", "17.05.2024", "2024-13-01", "5.3.1", "2024", true, "2024-05-17 10:20:30 somewhere",
		"05/17/2024", "01.05.2024", "08:15:00", "Fri, 17 May 2024 10:20:30 +0200", int64(45429), 45429.43, int64(240517), int64(20240517102030123),
		int64(737000000), int64(638514000000000000), int64(13360000000000000), "2024-05-17Z",
	} {
		_, err := timeform.Find([]any{value})
		require.ErrorIs(t, err, timeform.ErrNone, value)
		_, ok := timeform.Read(value)
		assert.False(t, ok, value)
	}
}

// TestIndentedTexts: what begins with a blank sorts before all that does not, so that no bound of a column finds it. A single one is read.
func TestIndentedTexts(t *testing.T) {
	const indented = " 2026-01-02 03:04:05"
	_, err := timeform.Find([]any{indented})
	require.ErrorIs(t, err, timeform.ErrNone)
	form, err := timeform.Find([]any{"2026-01-02 03:04:05 "})
	require.NoError(t, err)
	assert.False(t, form.Fits([]any{indented}))
	_, is := timeform.Read(indented)
	assert.True(t, is)
}

// TestIDsAreNoTimes: an id of Discord's from 2026 would be a moment of 2019.
func TestIDsAreNoTimes(t *testing.T) {
	_, err := timeform.Find([]any{int64(1575951247335227392)})
	require.ErrorIs(t, err, timeform.ErrNano)
	_, ok := timeform.Read(int64(1575951247335227392))
	assert.False(t, ok)

	form, err := timeform.Parse("unix_ns")
	require.NoError(t, err)
	at, err := form.Time(int64(1715941230123456789), nil)
	require.NoError(t, err)
	assert.True(t, moment.Add(123456789).Equal(at))
}

func TestWhatStandsForNever(t *testing.T) {
	for _, value := range []any{
		nil, "", " ", int64(0), 0.0, "0", int64(-1), int64(-62135596800), "0000-00-00", "0000-00-00 00:00:00", "00000000000000", "0001-01-01T00:00:00Z",
		"1970-01-01", "1970-01-01 00:00:00", "1970-01-01T00:00:00.000Z", "9999-12-31", "9999-12-31 23:59:59", "99991231235959",
		int64(253402300799), int64(253402300799999), "infinity", "-infinity", "2024-00-10", "2024-10-00 00:00:00",
		time.Time{},
		time.Unix(0, 0),
	} {
		_, ok := timeform.Read(value)
		assert.False(t, ok, value)
		if _, isTime := value.(time.Time); !isTime {
			form, err := timeform.Find([]any{value, int64(1715941230), value})
			require.NoError(t, err, value)
			assert.Equal(t, timeform.Unix, form, value)
		}
	}
}

func TestMixedFormsAreNone(t *testing.T) {
	for _, values := range [][]any{
		{int64(1715941230), int64(1715941230123)},
		{int64(1715941230), "2024-05-17"},
		{"2024-05-17 10:20:30", "2024-05-17T10:20:30"},
		{"2024-05-17 10:20:30", "2024-05-17 10:20:30Z"},
		{"2024-05-17 10:20:30", "2024-05-17"},
	} {
		_, err := timeform.Find(values)
		assert.ErrorIs(t, err, timeform.ErrMixed, values)
	}
	form, err := timeform.Find([]any{"2024-05-17T10:20:30Z", "2024-05-17T10:20:30+02:00", "2024-05-17T10:20:30+00:00"})
	require.NoError(t, err)
	assert.True(t, form.Shifted())
}

func TestLayoutsAreNamed(t *testing.T) {
	for name, text := range map[string]string{
		"YYYYMMDDHHMMSS": "20240517102030", "YYYY-MM-DD hh:mm:ss": "2024-05-17 10:20:30", "YYYY-MM-DDTHH:MM:SS.sssZ": "2024-05-17T10:20:30.5Z",
		"%Y%m%d%H%M%S": "20240517102030", "%Y-%m-%dT%H:%M:%S.%f%z": "2024-05-17T10:20:30.5+02:00", "%d/%m/%Y %H:%M": "17/05/2024 10:20",
		"2006-01-02 15:04:05": "2024-05-17 10:20:30", "2006-01-02T15:04:05Z07:00": "2024-05-17T10:20:30+02:00", "02 Jan 2006": "17 May 2024",
		"2006-01-02 15:04:05.000": "2024-05-17 10:20:30.123",
	} {
		form, err := timeform.Parse(name)
		require.NoError(t, err, name)
		at, err := form.Time(text, nil)
		require.NoError(t, err, name)
		assert.Equal(t, 2024, at.Year())
		assert.Equal(t, time.May, at.Month())
		assert.Equal(t, name != "%d/%m/%Y %H:%M" && name != "02 Jan 2006", form.Sorts() || form.Shifted(), name)
	}
	for _, name := range []string{"", "text", "unix_m", "seconds", "hh:mm", "%H", "YYYY"} {
		_, err := timeform.Parse(name)
		assert.ErrorContains(t, err, "unix_ms", name)
	}
}

func TestZones(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "+02:00", "-03:30"} {
		zone, err := timeform.Zone(name)
		require.NoError(t, err)
		assert.Equal(t, name, zone.String())
	}
	for _, name := range []string{"", "Local", "Mars", "+2"} {
		_, err := timeform.Zone(name)
		assert.ErrorContains(t, err, "Europe/Berlin", name)
	}
	assert.True(t, timeform.IsUTC("Etc/UTC"))
	assert.False(t, timeform.IsUTC("GMT"), "which London's servers say in winter")
}

// TestBoundParts: a value in a form that sorts is not less than the bound exactly when its time is not before the bound's.
func TestBoundParts(t *testing.T) {
	names := []string{"unix", "unix_ms", "unix_us", "julian", "YYYYMMDDHHMMSS", "YYYY-MM-DD", "YYYY-MM-DD hh:mm", "YYYY-MM-DDThh:mm:ssZ", "YYYY-MM-DD hh:mm:ss"}
	kathmandu, err := timeform.Zone("Asia/Kathmandu")
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "form")
		form, err := timeform.Parse(name)
		require.NoError(t, err)
		bound := time.Unix(rapid.Int64Range(1.1e9, 4e9).Draw(t, "bound"), 0).UTC()
		at := bound.Add(time.Duration(rapid.OneOf(rapid.Int64Range(-1e6, 1e6), rapid.Int64Range(-3, 3)).Draw(t, "off")) * time.Second)
		value := form.Bound(at, kathmandu)
		if strings.HasSuffix(name, "Z") {
			value += "Z"
		}
		written, err := form.Time(value, kathmandu)
		require.NoError(t, err, value)
		least := form.Bound(bound, kathmandu)
		if name != "julian" {
			require.Equal(t, !written.Before(bound), value >= least, "%s %s", value, least)
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"2024-05-17 10:20:30", "20240517102030.1", "1715941230", "2460447.93", "2024-05-17T10:20:30+02:00", "0000-00-00", "9999-12-31"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, ok := timeform.Read(text)
		if ok && (at.Year() < 1 || at.Year() >= 2900 || at.Location() != time.UTC) {
			t.Errorf("%q is read as %s", text, at)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"YYYY-MM-DD hh:mm:ss", "%Y%m%d", "2006-01-02T15:04:05Z07:00", "unix_ms"} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, name string) {
		form, err := timeform.Parse(name)
		if err == nil && form.Sorts() {
			_ = form.Bound(moment, nil)
		}
	})
}
