// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// TestNumbersAmongBooleans: where booleans are kept as numbers, others may be kept, which are no booleans.
func TestNumbersAmongBooleans(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		exec(t, o.owner, "CREATE TABLE t (id integer, flag boolean)") // tinyint(1) to MariaDB
		if o.kind == "postgresql" {
			_, err := o.owner.ExecContext(t.Context(), "INSERT INTO t VALUES (1, 5)")
			require.Error(t, err, "a boolean is nothing else there")
			return
		}
		exec(t, o.owner, "INSERT INTO t VALUES (1, 0), (2, 1), (3, 5), (4, 5), (5, NULL)")
		query := func(kind sqldb.Kind, where map[string]any) sqldb.Query {
			return sqldb.Query{Kind: kind, Table: "t", Column: "flag", Where: where}
		}
		answers := o.read(t, time.Minute,
			query(sqldb.Max, nil), query(sqldb.Sum, nil), query(sqldb.Sum, tests("id", sqldb.Less, 3)), query(sqldb.Min, nil),
			query(sqldb.Pick, tests("id", sqldb.Is, 2)), query(sqldb.Pick, tests("id", sqldb.Is, 3)),
			query(sqldb.Count, tests("flag", sqldb.Is, true)),
		)
		for i, want := range []source.Value{int64(5), int64(11), int64(1), false, true, int64(5), int64(1)} {
			require.NoError(t, answers[i].Err, i)
			assert.Equal(t, want, answers[i].Value, i)
		}
		groups := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", By: []string{"flag"}, Limit: 9})[0]
		require.NoError(t, groups.Err)
		assert.ElementsMatch(t, []source.Group{
			{By: []source.Value{nil}, Count: 1}, {By: []source.Value{false}, Count: 1}, {By: []source.Value{true}, Count: 1}, {By: []source.Value{int64(5)}, Count: 2},
		}, groups.Groups)
	})
}

// TestSinglePrecision: what was written as 1.1 is found as 1.1, though it is another number than the double.
func TestSinglePrecision(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		single := map[string]string{"sqlite": "float", "postgresql": "real", "mariadb": "float"}[o.kind]
		exec(t, o.owner, "CREATE TABLE t (n "+single+")")
		exec(t, o.owner, "INSERT INTO t VALUES (1.1), (2.5), (NULL)")
		for op, want := range map[string]int64{sqldb.Is: 1, sqldb.Not: 2, sqldb.Less: 0, sqldb.AtMost: 1, sqldb.More: 1, sqldb.AtLeast: 2} {
			for _, written := range []any{1.1, "1.1"} {
				if _, isText := written.(string); isText && op != sqldb.Is && op != sqldb.Not {
					continue // which would be a time
				}
				answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("n", op, written)})[0]
				require.NoError(t, answer.Err, op)
				assert.Equal(t, want, answer.Value, op)
			}
		}
	})
}

// TestSumsOfSinglePrecision are added up as doubles: in single precision 2²⁴ and one are 2²⁴.
func TestSumsOfSinglePrecision(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		single := map[string]string{"sqlite": "float", "postgresql": "real", "mariadb": "float"}[o.kind]
		exec(t, o.owner, "CREATE TABLE t (id integer, n "+single+")")
		exec(t, o.owner, "INSERT INTO t VALUES (1, 16777216), (2, 1), (3, 1), (4, 1), (5, 2.5), (6, 0.1), (7, NULL)")
		sum := func(op string, id int) sqldb.Query {
			return sqldb.Query{Kind: sqldb.Sum, Table: "t", Column: "n", Where: tests("id", op, id)}
		}
		answers := o.read(t, time.Minute, sum(sqldb.Less, 5), sum(sqldb.Is, 5), sum(sqldb.Is, 6), sum(sqldb.Is, 7))
		for i, want := range []source.Value{float64(16777219), 2.5, 0.1, int64(0)} {
			require.NoError(t, answers[i].Err, i)
			assert.EqualValues(t, want, answers[i].Value, i)
		}
	})
}

func TestSumsPast64Bits(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		exec(t, o.owner, "CREATE TABLE t (n bigint, s varchar(9))")
		exec(t, o.owner, "INSERT INTO t VALUES (9223372036854775807, '1'), (9223372036854775807, '2'), (-3, '3')")
		answers := o.read(t, time.Minute,
			sqldb.Query{Kind: sqldb.Sum, Table: "t", Column: "n"},
			sqldb.Query{Kind: sqldb.Sum, Table: "t", Column: "n", Where: tests("n", sqldb.Less, 0)},
			sqldb.Query{Kind: sqldb.Sum, Table: "t", Column: "n", Where: tests("n", sqldb.Less, -3)},
			sqldb.Query{Kind: sqldb.Sum, Table: "t", Column: "s"},
		)
		for i, want := range []source.Value{float64(1 << 64), int64(-3), int64(0)} {
			require.NoError(t, answers[i].Err, i)
			assert.Equal(t, want, answers[i].Value, i)
		}
		assert.ErrorContains(t, answers[3].Err, "does not hold numbers")
	})
}

// TestTimesBeforeTheEpoch: a birthday is no sentinel because it is old.
func TestTimesBeforeTheEpoch(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		exec(t, o.owner, "CREATE TABLE t (born date, at timestamp NULL, written varchar(30))")
		for _, row := range []string{
			"('1943-05-06', '1943-05-06 10:00:00', '1943-05-06T10:00:00Z')", "('1970-07-01', '1970-07-01 10:00:00', '1970-07-01T10:00:00Z')",
			"('1985-01-01', '1985-01-01 10:00:00', '1985-01-01T10:00:00+02:00')", "('1970-01-01', '1970-01-01', '1970-01-01')", "(NULL, NULL, '')",
		} {
			if o.kind == "mariadb" { // whose timestamps begin in 1970
				row = strings.Replace(strings.Replace(row, "'1943-05-06 10:00:00'", "NULL", 1), ", '1970-01-01',", ", NULL,", 1)
			}
			exec(t, o.owner, "INSERT INTO t VALUES "+row)
		}
		for _, column := range []string{"born", "at", "written"} {
			old := int64(2)
			if o.kind == "mariadb" && column == "at" {
				old = 1
			}
			for _, c := range []struct {
				op, than string
				want     int64
			}{
				{sqldb.Less, "1980-01-01", old},
				{sqldb.AtMost, "1985-01-01T10:00:00Z", old + 1},
				{sqldb.Less, "1943-05-06", 0},
				{sqldb.More, "1980-01-01", 1},
			} {
				answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests(column, c.op, c.than)})[0]
				require.NoError(t, answer.Err, column)
				assert.Equal(t, c.want, answer.Value, "%s %s %s", column, c.op, c.than)
			}
		}
	})
}

// TestDistinctValuesAreNotAdded: what is in two groups that are called the same would count twice.
func TestDistinctValuesAreNotAdded(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		exec(t, o.owner, "CREATE TABLE status (id integer, title varchar(20))")
		exec(t, o.owner, "INSERT INTO status VALUES (1, 'open'), (2, 'done'), (3, 'done')")
		exec(t, o.owner, "CREATE TABLE issue (status_id integer, owner varchar(20), kind varchar(20))")
		exec(t, o.owner, "INSERT INTO issue VALUES (1, 'a', 'bug'), (2, 'a', ''), (3, 'a', NULL)")
		by := func(column string, label *sqldb.Label, where map[string]any) sqldb.Query {
			return sqldb.Query{Kind: sqldb.CountDistinct, Table: "issue", Column: "owner", By: []string{column}, Limit: 9, Label: label, Where: where}
		}
		title := &sqldb.Label{Table: "status", Key: "id", Column: "title"}
		answers := o.read(t, time.Minute, by("status_id", title, nil), by("kind", nil, nil), by("status_id", title, tests("status_id", sqldb.Less, 3)))
		require.ErrorContains(t, answers[0].Err, "would count twice")
		require.ErrorContains(t, answers[1].Err, "would count twice")
		require.NoError(t, answers[2].Err)
		assert.ElementsMatch(t, []source.Group{{By: []source.Value{"open"}, Count: 1}, {By: []source.Value{"done"}, Count: 1}}, answers[2].Groups)
	})
}

// TestTextsAreMeasuredAsTheyLeave, whatever the column's character set.
func TestTextsAreMeasuredAsTheyLeave(t *testing.T) {
	server := dbtest.MariaDB.Shared(t)
	name, owner := server.Database(t)
	exec(t, owner, "CREATE TABLE t (word varchar(300) CHARACTER SET latin1)")
	exec(t, owner, "INSERT INTO t VALUES (REPEAT('é', 200))")
	o := opened{"mariadb", owner, parse(t, server.URL(dbtest.Reader, name))}
	answers := o.read(t, time.Minute,
		sqldb.Query{Kind: sqldb.Pick, Table: "t", Column: "word"},
		sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("word", sqldb.Is, "日")},
	)
	require.ErrorContains(t, answers[0].Err, "longer than 256 bytes")
	assert.ErrorContains(t, answers[1].Err, "types do not fit")
}

// TestNumbersThatWereRounded: YAML keeps seventeen digits of a number, and one that lost some would equal none.
func TestNumbersThatWereRounded(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		exec(t, o.owner, "CREATE TABLE t (n decimal(30, 0))")
		exec(t, o.owner, "INSERT INTO t VALUES (12345678901234567890123), (10000000000000000000000)")
		count := func(where map[string]any) source.Answer {
			return o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: where})[0]
		}
		for _, where := range []map[string]any{tests("n", sqldb.Is, 12345678901234567890123.0), tests("n", sqldb.In, 1, 12345678901234567890123.0)} {
			require.EqualError(t, count(where).Err, "where::n: a number of so many digits was rounded when the configuration was read: write it in quotes")
		}
		for _, where := range []map[string]any{tests("n", sqldb.Is, "12345678901234567890123"), tests("n", sqldb.Is, 1e22), tests("n", sqldb.More, 12345000000000000000000.0)} {
			answer := count(where)
			require.NoError(t, answer.Err, where)
			assert.Equal(t, int64(1), answer.Value, where)
		}
	})
}

// TestTextsAmongNumbers: to SQLite, which lets a column hold both, a text is more than all numbers.
func TestTextsAmongNumbers(t *testing.T) {
	for _, declared := range []string{"numeric", "integer", "real", "decimal(10, 2)", "bigint unsigned"} {
		o := inSQLite(t)
		exec(t, o.owner, "CREATE TABLE t (n "+declared+")")
		exec(t, o.owner, "INSERT INTO t VALUES (1), (2), ('3'), (4.5), ('n/a'), (''), (NULL)")
		for op, want := range map[string]int64{sqldb.More: 3, sqldb.AtLeast: 4, sqldb.Less: 0, sqldb.AtMost: 1} {
			answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("n", op, 1)})[0]
			require.NoError(t, answer.Err, "%s %s", declared, op)
			assert.Equal(t, want, answer.Value, "%s %s", declared, op)
		}
	}
}
