// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// opened is one database of a kind, open for its owner, and what it is to our readings.
type opened struct {
	kind     string
	owner    *sql.DB
	database sqldb.Database
}

// everywhere runs a test on all three kinds of databases.
func everywhere(t *testing.T, test func(t *testing.T, o opened)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, inSQLite(t)) })
	onServers(t, test)
}

// onServers runs a test of what a SQLite file does not have.
func onServers(t *testing.T, test func(t *testing.T, o opened)) {
	t.Helper()
	for _, kind := range []dbtest.Kind{dbtest.PostgreSQL, dbtest.MariaDB} {
		t.Run(kind.Name, func(t *testing.T) {
			server := kind.Shared(t)
			name, owner := server.Database(t)
			test(t, opened{kind.Name, owner, parse(t, server.URL(dbtest.Reader, name))})
		})
	}
}

func inSQLite(t *testing.T) opened {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.sqlite3")
	// An application in the collector's own process has no locks that last; without checkpoints it needs none.
	owner, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(wal)&_pragma=busy_timeout(10000)&_pragma=wal_autocheckpoint(0)")
	require.NoError(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	return opened{"sqlite", owner, parse(t, "sqlite:///"+path)}
}

func parse(t *testing.T, url string) sqldb.Database {
	t.Helper()
	database, err := sqldb.Parse(url)
	require.NoError(t, err)
	return database
}

func exec(t require.TestingT, db *sql.DB, text string, bound ...any) {
	_, err := db.Exec(text, bound...)
	require.NoError(t, err, text)
}

// sample is a row of the random tables; nil is NULL.
type sample struct {
	id    int64
	n     *int64
	cents *int64
	f     *float64
	flag  *bool
	text  *string
	at    *time.Time
}

func maybe[T any](g *rapid.Generator[T]) *rapid.Generator[*T] { return rapid.Ptr(g, true) }

var samples = rapid.Custom(func(t *rapid.T) []sample {
	// The year's edge in UTC, from either side.
	edge := time.Date(2025, 12, 31, 23, 0, 0, 0, time.UTC)
	rows := make([]sample, rapid.IntRange(0, 30).Draw(t, "rows"))
	for i := range rows {
		rows[i] = sample{
			id:    int64(i + 1),
			n:     maybe(rapid.OneOf(rapid.Int64(), rapid.Int64Range(-3, 3), rapid.Just(int64(math.MaxInt64)), rapid.Just(int64(math.MinInt64)))).Draw(t, "n"),
			cents: maybe(rapid.Int64Range(-1e12, 1e12)).Draw(t, "cents"),
			f:     maybe(rapid.Float64Range(-1e9, 1e9)).Draw(t, "f"),
			flag:  maybe(rapid.Bool()).Draw(t, "flag"),
			text:  maybe(rapid.SampledFrom([]string{"", "free", "Pro plan", "日本語", "é", "🦉🦉", "it's \"quoted\"", "\\", "%_"})).Draw(t, "text"),
		}
		if offset := maybe(rapid.Int64Range(-7200e6, 7200e6)).Draw(t, "at"); offset != nil {
			at := edge.Add(time.Duration(*offset) * time.Microsecond)
			rows[i].at = &at
		}
	}
	return rows
})

func (o opened) create(t *testing.T) {
	t.Helper()
	types := map[string][]any{
		"sqlite":     {"bool", "datetime", "text"},
		"postgresql": {"boolean", "timestamptz", "text"},
		"mariadb":    {"bool", "datetime(6)", "varchar(99) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"},
	}[o.kind]
	exec(t, o.owner, fmt.Sprintf("CREATE TABLE t (id bigint PRIMARY KEY, n bigint, cents decimal(20, 2), f double precision, flag %s, at %s, s %s)", types...))
	exec(t, o.owner, "CREATE INDEX t_n ON t (n)")
}

func (o opened) fill(t *rapid.T, rows []sample) {
	exec(t, o.owner, "DELETE FROM t")
	text := "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)"
	if o.kind == "postgresql" {
		text = "INSERT INTO t VALUES ($1, $2, $3::text::numeric, $4, $5, $6, $7)"
	}
	transaction, err := o.owner.Begin()
	require.NoError(t, err)
	for _, r := range rows {
		var cents, at any
		if r.cents != nil {
			cents = fmt.Sprintf("%d.%02d", *r.cents/100, abs(*r.cents%100))
			if *r.cents < 0 && *r.cents > -100 {
				cents = "-" + cents.(string)
			}
		}
		if r.at != nil {
			at = *r.at
			if o.kind == "sqlite" {
				at = r.at.Format("2006-01-02 15:04:05.000000")
			}
		}
		_, err := transaction.Exec(text, r.id, r.n, cents, r.f, r.flag, at, r.text)
		require.NoError(t, err)
	}
	require.NoError(t, transaction.Commit())
}

func abs(n int64) int64 { return max(n, -n) }

// column takes one column of all rows that are not NULL there.
func column[T any](rows []sample, of func(sample) *T) (values []T) {
	for _, r := range rows {
		if v := of(r); v != nil {
			values = append(values, *v)
		}
	}
	return values
}

func distinct[T comparable](values []T) int64 {
	set := map[T]bool{}
	for _, v := range values {
		set[v] = true
	}
	return int64(len(set))
}

// least is the smallest value by compare, or nil.
func least[T any](values []T, compare func(a, b T) int, as func(T) source.Value) source.Value {
	if len(values) == 0 {
		return nil
	}
	return as(slices.MinFunc(values, compare))
}

// amount is a decimal as all databases give it: an integer where it is one.
func amount(cents int64) source.Value {
	if cents%100 == 0 {
		return cents / 100
	}
	var f float64
	_, _ = fmt.Sscan(fmt.Sprintf("%de-2", cents), &f)
	return f
}

func order[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

func TestReadingsEqualTheModel(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		o.create(t)
		rapid.Check(t, func(t *rapid.T) {
			rows := samples.Draw(t, "rows")
			o.fill(t, rows)
			n := column(rows, func(r sample) *int64 { return r.n })
			cents := column(rows, func(r sample) *int64 { return r.cents })
			f := column(rows, func(r sample) *float64 { return r.f })
			flags := column(rows, func(r sample) *bool { return r.flag })
			texts := column(rows, func(r sample) *string { return r.text })
			at := column(rows, func(r sample) *time.Time { return r.at })
			flagged := int64(len(slices.DeleteFunc(slices.Clone(flags), func(set bool) bool { return !set })))
			owls := int64(len(slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s != "🦉🦉" })))

			asks := []struct {
				query sqldb.Query
				want  source.Value
			}{
				{sqldb.Query{Kind: sqldb.Count, Table: "t"}, int64(len(rows))},
				{sqldb.Query{Kind: sqldb.Count, Table: "t", Where: map[string]any{"flag": true}}, flagged},
				{sqldb.Query{Kind: sqldb.Count, Table: "t", Where: map[string]any{"s": "🦉🦉"}}, owls},
				{sqldb.Query{Kind: sqldb.Count, Table: "t", Where: map[string]any{"n": nil}}, int64(len(rows) - len(n))},
				{sqldb.Query{Kind: sqldb.CountDistinct, Table: "t", Column: "n"}, distinct(n)},
				{sqldb.Query{Kind: sqldb.CountDistinct, Table: "t", Column: "s"}, distinct(texts)},
				{sqldb.Query{Kind: sqldb.CountDistinct, Table: "t", Column: "flag"}, distinct(flags)},
				{sqldb.Query{Kind: sqldb.CountDistinct, Table: "t", Column: "cents", Where: map[string]any{}}, distinct(cents)},
				{sqldb.Query{Kind: sqldb.Min, Table: "t", Column: "n"}, least(n, order, func(v int64) source.Value { return v })},
				{sqldb.Query{Kind: sqldb.Max, Table: "t", Column: "n"}, least(n, func(a, b int64) int { return order(b, a) }, func(v int64) source.Value { return v })},
				{sqldb.Query{Kind: sqldb.Min, Table: "t", Column: "cents"}, least(cents, order, amount)},
				{sqldb.Query{Kind: sqldb.Max, Table: "t", Column: "f"}, least(f, func(a, b float64) int { return order(b, a) }, func(v float64) source.Value { return v })},
				{sqldb.Query{Kind: sqldb.Min, Table: "t", Column: "at"}, least(at, time.Time.Compare, func(v time.Time) source.Value { return v })},
				{sqldb.Query{Kind: sqldb.SQL, Text: "SELECT COUNT(*) FROM t -- a comment"}, int64(len(rows))},
				{sqldb.Query{Kind: sqldb.Sum, Table: "t", Column: "id"}, int64(len(rows) * (len(rows) + 1) / 2)},
				{sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("n", sqldb.In, 1, -1, nil)}, countOf(rows, func(r sample) bool { return r.n == nil || *r.n == 1 || *r.n == -1 })},
				{sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("n", sqldb.Not, 1, 2)}, countOf(rows, func(r sample) bool { return r.n == nil || (*r.n != 1 && *r.n != 2) })},
				{sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("n", sqldb.Not, nil)}, int64(len(n))},
				{sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("n", sqldb.Less, 1)}, countOf(rows, func(r sample) bool { return r.n != nil && *r.n < 1 })},
				{sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("f", sqldb.AtLeast, 0.5)}, countOf(rows, func(r sample) bool { return r.f != nil && *r.f >= 0.5 })},
				{sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("flag", sqldb.Not, true)}, int64(len(rows)) - flagged},
				{sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("s", sqldb.Prefix, "%")}, countOf(rows, func(r sample) bool { return r.text != nil && strings.HasPrefix(*r.text, "%") })},
				{sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("s", sqldb.Prefix, "🦉")}, owls},
				{sqldb.Query{Kind: sqldb.Count, Table: "t", Where: map[string]any{"id": []sqldb.Test{{Op: sqldb.In, Of: &sqldb.Rows{Table: "t", Column: "id", Where: map[string]any{"flag": true}}}}}}, flagged},
			}
			if len(rows) > 0 {
				var flag, text source.Value
				if rows[0].flag != nil {
					flag = *rows[0].flag
				}
				if rows[0].text != nil && *rows[0].text != "" {
					text = *rows[0].text
				}
				first := map[string]any{"id": 1}
				asks = append(asks, []struct {
					query sqldb.Query
					want  source.Value
				}{
					{sqldb.Query{Kind: sqldb.Pick, Table: "t", Column: "flag", Where: first}, flag},
					{sqldb.Query{Kind: sqldb.Pick, Table: "t", Column: "s", Where: first}, text},
				}...)
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			session, err := o.database.Open(ctx)
			require.NoError(t, err)
			defer session.Close()
			queries := make([]sqldb.Query, len(asks))
			for i, ask := range asks {
				queries[i] = ask.query
			}
			for i, got := range session.Read(ctx, queries) {
				require.NoError(t, got.Err, "%+v", queries[i])
				require.Equal(t, asks[i].want, got.Value, "%+v", queries[i])
			}
			requireGroups(ctx, t, session, rows)
			requireCountPer(ctx, t, session, flags)
			requireNewest(ctx, t, session, rows)
		})
	})
}

func requireGroups(ctx context.Context, t *rapid.T, session *sqldb.Session, rows []sample) {
	want := map[source.Value]int64{}
	for _, r := range rows {
		var key source.Value
		if r.flag != nil {
			key = *r.flag
		}
		want[key]++
	}
	got := map[source.Value]int64{}
	answer := session.Read(ctx, []sqldb.Query{{Kind: sqldb.Count, Table: "t", By: []string{"flag"}, Limit: 3}})[0]
	require.NoError(t, answer.Err)
	for _, group := range answer.Groups {
		got[group.By[0]] = group.Count
	}
	require.Equal(t, want, got)
}

// tests is a where of one test.
func tests(column, op string, values ...any) map[string]any {
	test := sqldb.Test{Op: op}
	for _, value := range values {
		test.Values = append(test.Values, sqldb.Literal{Value: value})
	}
	return map[string]any{column: []sqldb.Test{test}}
}

func countOf(rows []sample, is func(sample) bool) (n int64) {
	for _, r := range rows {
		if is(r) {
			n++
		}
	}
	return n
}

func requireCountPer(ctx context.Context, t *rapid.T, session *sqldb.Session, flags []bool) {
	rows := map[bool]int{}
	for _, flag := range flags {
		rows[flag]++
	}
	want := make([]source.Group, 3)
	for _, n := range rows {
		switch {
		case n <= 1:
			want[0].Count++
		case n <= 5:
			want[1].Count++
		default:
			want[2].Count++
		}
	}
	answer := session.Read(ctx, []sqldb.Query{{Kind: sqldb.CountPer, Table: "t", Column: "flag", Bounds: []int64{1, 5}}})[0]
	require.NoError(t, answer.Err)
	require.Equal(t, want, answer.Groups)
}

func requireNewest(ctx context.Context, t *rapid.T, session *sqldb.Session, rows []sample) {
	row, err := session.Newest(ctx, sqldb.Newest{Table: "t", By: "id", Columns: []string{"f"}, Lengths: []string{"s"}})
	require.NoError(t, err)
	if len(rows) == 0 {
		require.Nil(t, row)
		return
	}
	last := rows[len(rows)-1]
	require.Equal(t, last.id, row.By)
	var length, f source.Value
	if last.text != nil {
		length = int64(len([]rune(*last.text)))
	}
	if last.f != nil {
		f = *last.f
	}
	require.Equal(t, length, row.Lengths["s"].Value)
	require.Equal(t, f, row.Columns["f"].Value)
}
