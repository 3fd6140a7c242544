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

// TestChecksKeepOut: what a CHECK of the column never lets in is a slip of who wrote the configuration, where it finds nothing.
func TestChecksKeepOut(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		exec(t, o.owner, `CREATE TABLE t (id integer, state varchar(20) CHECK (state IN ('new', 'it''s ok')), level integer CHECK (level IN (1, -2)),
			free varchar(20) CHECK (free <> 'x'), either varchar(20) CHECK (either IN ('a') OR id > 5), plain varchar(20),
			spelled varchar(20) CHECK (spelled = 'yes' OR spelled = 'no)' OR spelled IS NULL), size integer, code char(8) CHECK (LENGTH(code) < 4 AND code NOT LIKE 'z%'),
			day varchar(20) CHECK (LOWER(day) IN ('mon', 'tue')), CHECK (size BETWEEN 1 AND 3), CONSTRAINT two CHECK (plain <> state))`)
		exec(t, o.owner, "INSERT INTO t (id, state, level, free, either, plain) VALUES (1, 'new', 1, 'y', 'a', 'p'), (9, NULL, NULL, NULL, 'b', NULL)")
		count := func(where map[string]any) source.Answer {
			return o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t"}, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: where})[1]
		}
		for _, c := range []struct {
			where map[string]any
			want  int64
		}{
			{tests("state", sqldb.Is, "new"), 1},
			{tests("state", sqldb.Is, "it's ok"), 0},
			{tests("state", sqldb.Is, nil), 1},
			{tests("state", sqldb.Not, "nwe"), 2},
			{tests("level", sqldb.Is, -2), 0},
			{tests("free", sqldb.Is, "z"), 0},
			{tests("either", sqldb.Is, "c"), 0},
			{tests("plain", sqldb.Is, "q"), 0},
			{tests("plain", sqldb.Is, "new"), 0},
			{tests("spelled", sqldb.Is, "no)"), 0},
			{tests("size", sqldb.Is, 3), 0},
			{tests("size", sqldb.Is, "2"), 0},
			{tests("code", sqldb.Is, "abc"), 0},
			{tests("day", sqldb.Is, "Tue"), 0},
		} {
			answer := count(c.where)
			require.NoError(t, answer.Err, c.where)
			assert.Equal(t, c.want, answer.Value, c.where)
		}
		for _, where := range []map[string]any{
			tests("state", sqldb.Is, "nwe"), tests("state", sqldb.In, "nwe"), tests("state", sqldb.In, "it's ok", "nwe"), tests("level", sqldb.Is, 3),
			tests("free", sqldb.Is, "x"), tests("spelled", sqldb.Is, "maybe"), tests("size", sqldb.Is, 4), tests("size", sqldb.Is, "0"),
			tests("code", sqldb.Is, "abcd"), tests("code", sqldb.Is, "zoo"), tests("day", sqldb.Is, "sun"),
		} {
			assert.ErrorContains(t, count(where).Err, "a CHECK of the column lets no ", where)
		}
		err := count(tests("state", sqldb.Is, "nwe")).Err
		require.ErrorContains(t, err, `where::state: a CHECK of the column lets no "nwe" in: it wants `)
		require.ErrorContains(t, err, "'new'")
		picked := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Pick, Table: "t", Column: "id", Where: tests("state", sqldb.Is, "nwe")})[0]
		require.ErrorContains(t, picked.Err, "a CHECK of the column")
	})
}

// TestChecksOfWhatIsWrittenOtherwise: a boolean, bytes and JSON stand otherwise in the database than in a configuration.
func TestChecksOfWhatIsWrittenOtherwise(t *testing.T) {
	o := inSQLite(t)
	exec(t, o.owner, `CREATE TABLE t (id integer, paid boolean CHECK (paid IN (0, 1)), key blob CHECK (length(key) = 16),
		doc text CHECK (json_valid(doc)), at datetime CHECK (at > '2020-01-01'), quoted text CHECK ("quoted" IN ("new", "old") /* CHECK (1 = 0) */), note text DEFAULT 'CHECK (1 = 0)')`)
	for name, value := range map[string]any{"paid": "true", "key": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "doc": "x", "at": "2019-01-01T00:00:00Z", "quoted": "new", "note": "q"} {
		answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests(name, sqldb.Is, value)})[0]
		require.NoError(t, answer.Err, name)
		assert.Equal(t, int64(0), answer.Value, name)
	}
	answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("quoted", sqldb.Is, "nwe")})[0]
	assert.ErrorContains(t, answer.Err, `no "nwe" in`)
}

// TestChecksOfPostgres: a domain has its own, and one that calls somebody's function is not asked.
func TestChecksOfPostgres(t *testing.T) {
	server := dbtest.PostgreSQL.Shared(t)
	name, owner := server.Database(t)
	exec(t, owner, `CREATE DOMAIN state AS text CHECK (VALUE IN ('new', 'paid'));
		CREATE FUNCTION short(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN length($1) < 4; END';
		CREATE TABLE t (state state, name text CHECK (short(name)), later text);
		ALTER TABLE t ADD CHECK (later IN ('a', 'b')) NOT VALID`)
	o := opened{"postgresql", owner, parse(t, server.URL(dbtest.Reader, name))}
	for _, where := range []map[string]any{tests("state", sqldb.Is, "paid"), tests("name", sqldb.Is, "too long"), tests("later", sqldb.Is, "c")} {
		answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: where})[0]
		require.NoError(t, answer.Err, where)
		assert.Equal(t, int64(0), answer.Value, where)
	}
	answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("state", sqldb.Is, "piad")})[0]
	assert.EqualError(t, answer.Err, `where::state: a CHECK of the column lets no "piad" in: it wants what its domain lets in`)
}
