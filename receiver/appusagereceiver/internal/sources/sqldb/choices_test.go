// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// TestValuesThatCannotBe: what an enumeration does not list is a slip of who wrote the configuration, and no 0.
func TestValuesThatCannotBe(t *testing.T) {
	onServers(t, func(t *testing.T, o opened) { // SQLite has no enumerations
		switch o.kind {
		case "postgresql":
			exec(t, o.owner, "CREATE TYPE mood AS ENUM ('sad', 'it''s ok', '5')")
			exec(t, o.owner, "CREATE TABLE t (id integer, mood mood, tags text)")
		default:
			exec(t, o.owner, "CREATE TABLE t (id integer, mood ENUM('sad', 'it''s ok', '5'), tags SET('a', 'b', 'c'))")
		}
		exec(t, o.owner, "INSERT INTO t VALUES (1, 'sad', 'a,c'), (2, '5', 'b'), (3, NULL, NULL)")
		count := func(where map[string]any) source.Answer {
			return o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: where})[0]
		}
		for _, c := range []struct {
			where map[string]any
			want  int64
		}{
			{tests("mood", sqldb.Is, "sad"), 1},
			{tests("mood", sqldb.Is, "5"), 1},
			{tests("mood", sqldb.Is, "it's ok"), 0},
			{tests("mood", sqldb.Not, "sad"), 2},
			{tests("mood", sqldb.Is, nil), 1},
			{tests("tags", sqldb.Is, "a,c"), 1},
		} {
			answer := count(c.where)
			require.NoError(t, answer.Err, c.where)
			assert.Equal(t, c.want, answer.Value, c.where)
		}
		for _, op := range []string{sqldb.Is, sqldb.In, sqldb.Not} {
			answer := count(tests("mood", op, "sda"))
			require.EqualError(t, answer.Err, `where::mood: the column can never hold "sda": write one of sad, it's ok, 5`, op)
		}
		require.ErrorContains(t, count(tests("mood", sqldb.Is, 5)).Err, "write it in quotes")
		if o.kind == "mariadb" {
			assert.Equal(t, int64(1), count(tests("mood", sqldb.Is, "SAD")).Value, "its collation does not tell them apart")
			assert.Equal(t, int64(1), count(tests("mood", sqldb.Prefix, "s")).Value)
			require.ErrorContains(t, count(tests("tags", sqldb.Is, "c,a")).Err, "write one of a, b, c")
		} else {
			require.ErrorContains(t, count(tests("mood", sqldb.Is, "SAD")).Err, "can never hold")
		}
	})
}

// TestBooleansInAnySpelling: SQLite has no booleans, so that a program and its next version may write them each in its way.
func TestBooleansInAnySpelling(t *testing.T) {
	o := inSQLite(t)
	exec(t, o.owner, "CREATE TABLE t (id integer PRIMARY KEY, paid boolean)")
	exec(t, o.owner, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO t (paid) SELECT i % 2 FROM n")
	exec(t, o.owner, "INSERT INTO t (paid) VALUES ('true'), ('True'), ('false'), (NULL), ('perhaps')")
	for _, indexed := range []bool{false, true} {
		if indexed {
			exec(t, o.owner, "CREATE INDEX t_paid ON t (paid)")
		}
		for _, c := range []struct {
			where map[string]any
			want  int64
		}{
			{tests("paid", sqldb.Is, true), 502},
			{tests("paid", sqldb.Is, 1), 502},
			{tests("paid", sqldb.Is, "true"), 502},
			{tests("paid", sqldb.Is, false), 501},
			{tests("paid", sqldb.Not, true), 503},
			{tests("paid", sqldb.In, true, false), 1003},
		} {
			answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: c.where})[0]
			require.NoError(t, answer.Err, c.where)
			assert.Equal(t, c.want, answer.Value, c.where)
		}
	}
	exec(t, o.owner, "DELETE FROM t WHERE paid = 'perhaps'")
	answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", By: []string{"paid"}, Limit: 9})[0]
	require.NoError(t, answer.Err)
	assert.ElementsMatch(t, []source.Group{{By: []source.Value{true}, Count: 502}, {By: []source.Value{false}, Count: 501}, {By: []source.Value{nil}, Count: 1}}, answer.Groups)
}

// TestOneFormOfEachValue: a value is told alike where it is picked and where it names a group.
func TestOneFormOfEachValue(t *testing.T) {
	server := dbtest.PostgreSQL.Shared(t)
	name, owner := server.Database(t)
	exec(t, owner, `CREATE TABLE t (id int, address inet, net cidr, object oid, length interval, doc jsonb);
		INSERT INTO t VALUES (1, '10.0.0.1', '10.0.0.0/8', 17, '1 mon', '"a"'), (2, '::1', '::/0', 18, '02:03:04', '"b"')`)
	o := opened{"postgresql", owner, parse(t, server.URL(dbtest.Reader, name))}
	for _, column := range []string{"address", "net", "object", "length", "doc"} {
		var picked []source.Group
		for id := range 2 {
			answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Pick, Table: "t", Column: column, Where: map[string]any{"id": id + 1}})[0]
			require.NoError(t, answer.Err, column)
			picked = append(picked, source.Group{By: []source.Value{answer.Value}, Count: 1})
		}
		answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", By: []string{column}, Limit: 9})[0]
		require.NoError(t, answer.Err, column)
		assert.ElementsMatch(t, picked, answer.Groups, column)
	}
}
