// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/internal/timeform"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// written is one way in which a column holds times.
type written struct {
	// types are the column's in SQLite, PostgreSQL and MariaDB; an empty one is not tried.
	types [3]string
	// literal is SQL for a moment, and exact how exactly it is written.
	literal func(time.Time) string
	exact   time.Duration
	// nevers are literals that stand for never.
	nevers []string
	zone   string
}

func epoch(perSecond int64) func(time.Time) string {
	return func(at time.Time) string { return fmt.Sprint(at.UnixNano() / (1e9 / perSecond)) }
}

func quoted(layout string) func(time.Time) string {
	return func(at time.Time) string { return "'" + at.UTC().Format(layout) + "'" }
}

const sec, ms, us = time.Second, time.Millisecond, time.Microsecond

var berlin, _ = timeform.Zone("Europe/Berlin")

// forms are the ways of real programs.
var forms = map[string]written{
	"unix":         {types: [3]string{"integer", "bigint", "bigint"}, literal: epoch(1), exact: sec, nevers: []string{"0", "-1", "253402300799"}},
	"unix_ms":      {types: [3]string{"datetime", "bigint", "bigint"}, literal: epoch(1e3), exact: ms, nevers: []string{"0", "253402300799999"}},
	"unix_us":      {types: [3]string{"bigint", "bigint", "bigint unsigned"}, literal: epoch(1e6), exact: us, nevers: []string{"0"}},
	"unix_ns":      {types: [3]string{"bigint", "bigint", "bigint"}, literal: epoch(1e9), exact: us, nevers: []string{"0"}},
	"real":         {types: [3]string{"real", "double precision", "double"}, literal: func(at time.Time) string { return fmt.Sprintf("%d.%03d", at.Unix(), at.Nanosecond()/1e6) }, exact: ms, nevers: []string{"0.0"}},
	"numeric":      {types: [3]string{"numeric", "numeric(20, 3)", "decimal(20, 3)"}, literal: func(at time.Time) string { return fmt.Sprintf("%d.%03d", at.Unix(), at.Nanosecond()/1e6) }, exact: ms, nevers: []string{"0"}},
	"digits":       {types: [3]string{"text", "text", "varchar(20)"}, literal: func(at time.Time) string { return fmt.Sprintf("'%d'", at.Unix()) }, exact: sec, nevers: []string{"''", "'0'"}},
	"julian":       {types: [3]string{"real", "double precision", "double"}, literal: func(at time.Time) string { return fmt.Sprintf("%.9f", float64(at.UnixMilli())/864e5+2440587.5) }, exact: ms, nevers: []string{"0", "2440587.5"}},
	"compact":      {types: [3]string{"text", "varchar(14)", "char(14)"}, literal: quoted("20060102150405"), exact: sec, nevers: []string{"''", "'00000000000000'", "'19700101000000'"}},
	"compact_int":  {types: [3]string{"integer", "bigint", "bigint"}, literal: func(at time.Time) string { return at.UTC().Format("20060102150405") }, exact: sec, nevers: []string{"0"}},
	"compact_ms":   {types: [3]string{"text", "text", "varchar(30)"}, literal: quoted("20060102150405.000"), exact: ms, nevers: []string{"''"}},
	"iso_blank":    {types: [3]string{"text", "text", "varchar(30)"}, literal: quoted("2006-01-02 15:04:05"), exact: sec, nevers: []string{"''", "'0000-00-00 00:00:00'", "'9999-12-31 23:59:59'", "'1970-01-01 00:00:00'"}},
	"iso_fraction": {types: [3]string{"datetime", "text", "varchar(30)"}, literal: quoted("2006-01-02 15:04:05.999999"), exact: us, nevers: []string{"'0001-01-01 00:00:00'"}},
	"iso_z":        {types: [3]string{"text", "text", "varchar(30)"}, literal: quoted("2006-01-02T15:04:05.999Z"), exact: ms, nevers: []string{"''", "'0001-01-01T00:00:00Z'"}},
	"iso_minute":   {types: [3]string{"text", "text", "varchar(30)"}, literal: quoted("2006-01-02 15:04"), exact: time.Minute},
	"iso_day":      {types: [3]string{"text", "text", "varchar(30)"}, literal: quoted("2006-01-02"), exact: 24 * time.Hour, nevers: []string{"'0000-00-00'", "'9999-12-31'"}},
	"go":           {types: [3]string{"datetime", "text", "varchar(50)"}, literal: quoted("2006-01-02 15:04:05.999 +0000 UTC"), exact: ms},
	"offsets": {types: [3]string{"text", "text", "varchar(40)"}, literal: func(at time.Time) string {
		zone := time.FixedZone("", int(at.Unix()%5-2)*3600+int(at.Unix()%2)*1800)
		return "'" + at.In(zone).Format("2006-01-02T15:04:05-07:00") + "'"
	}, exact: sec, nevers: []string{"''"}},
	"offset_plain": {types: [3]string{"datetime", "text", "varchar(40)"}, literal: func(at time.Time) string {
		return "'" + at.In(berlin).Format("2006-01-02 15:04:05.000-0700") + "'"
	}, exact: ms},
	"blob":      {types: [3]string{"blob", "bytea", "binary(14)"}, literal: quoted("20060102150405"), exact: sec},
	"local":     {types: [3]string{"text", "timestamp", "datetime"}, literal: func(at time.Time) string { return "'" + at.In(berlin).Format("2006-01-02 15:04:05") + "'" }, exact: sec, zone: "Europe/Berlin"},
	"zoned":     {types: [3]string{"", "timestamptz", "timestamp(6) NULL"}, literal: quoted("2006-01-02 15:04:05.000000-07:00"), exact: us},
	"naive":     {types: [3]string{"timestamp", "timestamp", "datetime(6)"}, literal: quoted("2006-01-02 15:04:05.000000"), exact: us, nevers: []string{"'9999-12-31 23:59:59'"}},
	"date":      {types: [3]string{"date", "date", "date"}, literal: quoted("2006-01-02"), exact: 24 * time.Hour},
	"infinite":  {types: [3]string{"", "timestamptz", ""}, literal: quoted("2006-01-02 15:04:05-07:00"), exact: sec, nevers: []string{"'infinity'", "'-infinity'"}},
	"zero_date": {types: [3]string{"", "", "datetime"}, literal: quoted("2006-01-02 15:04:05"), exact: sec, nevers: []string{"'0000-00-00'", "'2024-00-10'", "'2024-10-00'", "'1970-01-01'"}},
}

// instants are rows of a random table; nil is never or NULL.
var instants = rapid.SliceOfN(rapid.Ptr(rapid.Custom(func(t *rapid.T) time.Time {
	base := time.Date(2025, 3, 30, 0, 30, 0, 0, time.UTC) // when Berlin's summer begins
	far := rapid.Int64Range(-600_000_000, 300_000_000).Draw(t, "seconds")
	near := rapid.Int64Range(-200_000, 200_000).Draw(t, "near")
	seconds := rapid.SampledFrom([]int64{far, near}).Draw(t, "offset")
	return base.Add(time.Duration(seconds)*sec + time.Duration(rapid.Int64Range(0, 999).Draw(t, "ms"))*ms)
}), true), 0, 25)

// TestTimesInEachForm compares since, min, max and newest with a reference, for each form in each database.
func TestTimesInEachForm(t *testing.T) {
	tables := 12
	if os.Getenv("HEADCOUNT_PROVE") != "" {
		tables = 400
	}
	everywhere(t, func(t *testing.T, o opened) {
		at := map[string]int{"sqlite": 0, "postgresql": 1, "mariadb": 2}[o.kind]
		if o.kind == "mariadb" {
			o.owner.SetMaxOpenConns(1)
			exec(t, o.owner, "SET sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'")
		}
		var names, columns []string
		for _, name := range slices.Sorted(maps.Keys(forms)) {
			if typeName := forms[name].types[at]; typeName != "" {
				names, columns = append(names, name), append(columns, "c_"+name+" "+typeName)
			}
		}
		exec(t, o.owner, "CREATE TABLE t ("+strings.Join(columns, ", ")+")")
		for _, name := range names {
			exec(t, o.owner, fmt.Sprintf("CREATE INDEX i_%s ON t (c_%s)", name, name))
		}
		for seed := range tables {
			rows := instants.Example(seed)
			o.fillTimes(t, names, rows)
			o.requireTimes(t, names, rows, seed)
			if t.Failed() {
				return
			}
		}
	})
}

func (o opened) fillTimes(t *testing.T, names []string, rows []*time.Time) {
	t.Helper()
	exec(t, o.owner, "DELETE FROM t")
	var lines []string
	for i, at := range rows {
		var line []string
		for _, name := range names {
			form, literal := forms[name], "NULL"
			if len(form.nevers) > 0 && i%2 == 0 {
				literal = form.nevers[i/2%len(form.nevers)]
			}
			if at != nil {
				literal = form.literal(*at)
			}
			if o.kind == "sqlite" && name == "blob" {
				literal = "CAST(" + literal + " AS BLOB)"
			}
			line = append(line, literal)
		}
		lines = append(lines, "("+strings.Join(line, ", ")+")")
	}
	if len(lines) > 0 {
		exec(t, o.owner, "INSERT INTO t VALUES "+strings.Join(lines, ", "))
	}
}

func (o opened) requireTimes(t *testing.T, names []string, rows []*time.Time, seed int) {
	t.Helper()
	cutoff := time.Date(2025, 3, 30, 0, 30, 0, 0, time.UTC)
	for _, at := range rows {
		if at != nil {
			cutoff = at.Add(time.Duration(seed%3-1) * sec)
		}
	}
	cutoff = cutoff.Truncate(sec)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	session, err := o.database.Open(ctx)
	require.NoError(t, err)
	defer session.Close()
	for _, name := range names {
		form := forms[name]
		times := sqldb.Times{Numbers: true}
		if form.zone != "" {
			times.Zone = berlin
		}
		if name == "iso_day" {
			times.Form, err = timeform.Parse("YYYY-MM-DD")
			require.NoError(t, err)
		}
		if name == "unix_ns" {
			times.Form = timeform.UnixNano
		}
		column := "c_" + name
		answers := session.Read(ctx, []sqldb.Query{
			{Kind: sqldb.Count, Table: "t", Where: map[string]any{column: sqldb.Since(cutoff)}, Times: times},
			{Kind: sqldb.Min, Table: "t", Column: column, Times: times},
			{Kind: sqldb.Max, Table: "t", Column: column, Times: times},
		})
		since, least, most := reference(rows, cutoff, form.exact)
		for i, want := range []any{since, least, most} {
			require.NoError(t, answers[i].Err, "%s %d", name, i)
			if want == nil && timeform.IsNothing(answers[i].Value) {
				continue // that such a value stands for never is known where there are times beside it
			}
			requireSame(t, want, answers[i].Value, form.exact, name)
		}
		if name == "unix" || name == "naive" || form.zone != "" {
			if name == "unix" {
				times.Form = timeform.Unix
			}
			row, err := session.Newest(ctx, sqldb.Newest{Table: "t", By: column, Times: times})
			require.NoError(t, err)
			require.Equal(t, most == nil, row == nil)
			if row != nil {
				requireSame(t, most, row.By, form.exact, name)
			}
		}
	}
}

// reference is what since, min and max are to find.
func reference(rows []*time.Time, cutoff time.Time, exact time.Duration) (since int64, least, most any) {
	for _, row := range rows {
		if row == nil {
			continue
		}
		at := row.Truncate(exact)
		if !at.Before(cutoff) {
			since++
		}
		if least == nil || at.Before(least.(time.Time)) {
			least = at
		}
		if most == nil || at.After(most.(time.Time)) {
			most = at
		}
	}
	return since, least, most
}

func requireSame(t *testing.T, want, got any, exact time.Duration, name string) {
	t.Helper()
	at, isTime := want.(time.Time)
	if !isTime {
		require.Equal(t, want, got, name)
		return
	}
	require.IsType(t, at, got, name)
	require.WithinDuration(t, at, got.(time.Time), min(exact, ms), "%s %s", name, got)
}

// TestFormsThatAreNot: what fits no form, or more than one, fails; it is never nothing or zero.
func TestFormsThatAreNot(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		texts := map[string]string{"sqlite": "text", "postgresql": "text", "mariadb": "varchar(40)"}[o.kind]
		for i, c := range []struct{ typeName, values, why string }{
			{"bigint", "(1715941230), (1715941230123)", "more than one form"},
			{"bigint", "(42), (43)", "no form of a time that is known"},
			{texts, "('17.05.2024')", "no form of a time that is known"},
			{texts, "('2024-05-17 10:20:30'), ('2024-05-17T10:20:31')", "more than one form"},
			{texts, "('2024-05-17 10:20:30'), ('never')", "no form of a time that is known"},
		} {
			table := fmt.Sprintf("t%d", i)
			exec(t, o.owner, fmt.Sprintf("CREATE TABLE %s (at %s)", table, c.typeName))
			exec(t, o.owner, fmt.Sprintf("INSERT INTO %s VALUES %s", table, c.values))
			answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: table, Where: map[string]any{"at": sqldb.Since(time.Now())}})[0]
			require.ErrorContains(t, answer.Err, c.why, c.values)
			assert.Nil(t, answer.Value)
			for _, digit := range []string{"1715", "42", "2024", "17."} {
				assert.NotContains(t, answer.Err.Error(), digit, "a value is never said")
			}
		}
		exec(t, o.owner, "CREATE TABLE other (at bigint)")
		exec(t, o.owner, "INSERT INTO other VALUES (1715941230), (5)")
		unset := "5"
		answers := o.read(t, time.Minute,
			sqldb.Query{Kind: sqldb.Min, Table: "other", Column: "at", Times: sqldb.Times{Form: timeform.UnixMilli}},
			sqldb.Query{Kind: sqldb.Min, Table: "other", Column: "at", Times: sqldb.Times{Form: timeform.Unix, Unset: &unset}},
			sqldb.Query{Kind: sqldb.Pick, Table: "other", Column: "at", Where: map[string]any{"at": 5}, Times: sqldb.Times{Form: timeform.Unix, Unset: &unset}},
			sqldb.Query{Kind: sqldb.Min, Table: "other", Column: "at"},
		)
		require.ErrorContains(t, answers[0].Err, "do not fit `time: unix_ms`")
		assert.Equal(t, time.Unix(1715941230, 0).UTC(), answers[1].Value)
		require.NoError(t, answers[2].Err)
		assert.Nil(t, answers[2].Value)
		assert.Equal(t, int64(5), answers[3].Value, "a number is a number unless it is said to be a time")
	})
}

// TestMomentsAreComparedAsSuch: an equal time is one moment, in whatever zone it is written and whatever way it is kept.
func TestMomentsAreComparedAsSuch(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		naive, zoned := "datetime(6)", "timestamp"
		if o.kind == "postgresql" {
			naive, zoned = "timestamp", "timestamptz"
		}
		exec(t, o.owner, "CREATE TABLE t (id integer, n "+naive+", z "+zoned+", d date)")
		begins := "INSERT INTO t VALUES "
		if o.kind == "mariadb" {
			begins = "SET time_zone = '+00:00'; " + begins
		}
		zone := map[string]string{"postgresql": "+00"}[o.kind]
		exec(t, o.owner, begins+"(1, '2024-05-06 07:08:09', '2024-05-06 07:08:09"+zone+"', '2024-05-06'), (2, '2024-05-06 00:00:00', '2024-05-06 00:00:00"+zone+"', '2024-05-07')")
		berlin, err := time.LoadLocation("Europe/Berlin")
		require.NoError(t, err)
		for _, c := range []struct {
			column, op string
			value      any
			zone       *time.Location
			want       int64
		}{
			{"n", sqldb.Is, "2024-05-06 07:08:09", nil, 1},
			{"n", sqldb.Is, "2024-05-06T07:08:09Z", nil, 1},
			{"n", sqldb.Is, "2024-05-06T09:08:09+02:00", nil, 1},
			{"n", sqldb.Is, "2024-05-06", nil, 1},
			{"n", sqldb.Is, "2024-05-06T05:08:09Z", berlin, 1},
			{"n", sqldb.More, "2024-05-06T05:08:08Z", berlin, 1},
			{"n", sqldb.AtLeast, "2024-05-06T07:08:09", berlin, 1},
			{"z", sqldb.Is, "2024-05-06T09:08:09+02:00", nil, 1},
			{"z", sqldb.Is, "2024-05-06T07:08:09.000Z", nil, 1},
			{"z", sqldb.Not, "2024-05-06T09:08:09+02:00", nil, 1},
			{"d", sqldb.Is, "2024-05-07", nil, 1},
		} {
			answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests(c.column, c.op, c.value), Times: sqldb.Times{Zone: c.zone}})[0]
			require.NoError(t, answer.Err, c)
			assert.Equal(t, c.want, answer.Value, c)
		}
	})
}
