// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

const someID = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"

// TestOddColumns reads what applications keep in columns whose types say otherwise.
func TestOddColumns(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		for _, statement := range map[string][]string{
			"sqlite": {
				"CREATE TABLE odd (bit boolean, raw blob, id numeric, blob_id blob, doc json, `1st name` text, `a.b` integer)",
				"INSERT INTO odd VALUES (1, CAST('20240517' AS BLOB), '" + someID + "', x'a0eebc999c0b4ef8bb6d6bb9bd380a11', '\"free\"', 'x', 7)",
			},
			"postgresql": {
				`CREATE TABLE odd (bit bit(1), raw bytea, id uuid, blob_id bytea, doc jsonb, "1st name" text, "a.b" integer)`,
				`INSERT INTO odd VALUES (B'1', '20240517', '` + someID + `', '\xa0eebc999c0b4ef8bb6d6bb9bd380a11', '"free"', 'x', 7)`,
			},
			"mariadb": {
				"CREATE TABLE odd (bit bit(1), raw binary(8), id char(36), blob_id binary(16), doc json, `1st name` text, `a.b` integer)",
				"INSERT INTO odd VALUES (b'1', '20240517', '" + someID + "', x'a0eebc999c0b4ef8bb6d6bb9bd380a11', '\"free\"', 'x', 7)",
			},
		}[o.kind] {
			exec(t, o.owner, statement)
		}
		pick := func(column string) sqldb.Query {
			return sqldb.Query{Kind: sqldb.Pick, Table: "odd", Column: column, Where: map[string]any{"bit": true, "blob_id": someID}}
		}
		want := map[string]source.Value{"bit": true, "raw": "20240517", "id": someID, "blob_id": someID, "doc": "free", "1st name": "x", "a.b": int64(7)}
		for column, value := range want {
			require.NoError(t, sqldb.CheckColumn(column))
			answer := o.read(t, time.Minute, pick(column))[0]
			require.NoError(t, answer.Err, column)
			assert.Equal(t, value, answer.Value, column)
		}
		for _, kind := range []sqldb.Kind{sqldb.Min, sqldb.Max} {
			answer := o.read(t, time.Minute, sqldb.Query{Kind: kind, Table: "odd", Column: "raw"})[0]
			require.NoError(t, answer.Err)
			assert.Equal(t, "20240517", answer.Value)
		}
		answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "odd", By: []string{"raw", "1st name"}, Limit: 5})[0]
		require.NoError(t, answer.Err)
		assert.Equal(t, []source.Group{{By: []source.Value{"20240517", "x"}, Count: 1}}, answer.Groups)
	})
}

// TestTextsInJSONHaveNoQuotes, neither where they are read nor where they are compared.
func TestTextsInJSONHaveNoQuotes(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		for i, typeName := range map[string][]string{
			"sqlite": {"json", `text CHECK (JSON_VALID("doc"))`}, "postgresql": {"json", "jsonb"}, "mariadb": {"json", "longtext CHECK (json_valid(doc))"},
		}[o.kind] {
			table := fmt.Sprintf("t%d", i)
			exec(t, o.owner, "CREATE TABLE "+table+" (id integer, doc "+typeName+")")
			exec(t, o.owner, "INSERT INTO "+table+` VALUES (1, '"free"'), (2, '"pro"'), (3, '"free"'), (4, '5'), (5, '{"a": 1}'), (6, NULL)`)
			for _, c := range []struct {
				where map[string]any
				want  int64
			}{
				{tests("doc", sqldb.Is, "free"), 2},
				{tests("doc", sqldb.Is, `"free"`), 2},
				{tests("doc", sqldb.In, "free", "pro"), 3},
				{tests("doc", sqldb.Not, "free"), 4},
				{tests("doc", sqldb.Prefix, "fr"), 2},
				{tests("doc", sqldb.Is, "5"), 1},
				{tests("doc", sqldb.Is, `{"a":1}`), 1},
				{tests("doc", sqldb.In, `{ "a" : 1 }`, "pro"), 2},
				{tests("doc", sqldb.Is, nil), 1},
			} {
				answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: table, Where: c.where})[0]
				require.NoError(t, answer.Err, "%s %v", typeName, c.where)
				assert.Equal(t, c.want, answer.Value, "%s %v", typeName, c.where)
			}
			answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Pick, Table: table, Column: "doc", Where: map[string]any{"id": 2}})[0]
			require.NoError(t, answer.Err)
			assert.Equal(t, "pro", answer.Value)
		}
	})
}

// TestSessionsAreTheirOwn: what a server or a database has for all sessions changes nothing in what is read.
func TestSessionsAreTheirOwn(t *testing.T) {
	ask := func(t *testing.T, o opened) {
		t.Helper()
		exec(t, o.owner, "INSERT INTO t VALUES (1, '', 'free', '2024-05-17 10:20:30'), (2, 'café', 'pro', '2024-05-18 10:20:30')")
		answers := o.read(t, time.Minute,
			sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("word", sqldb.Is, "café")},
			sqldb.Query{Kind: sqldb.Pick, Table: "t", Column: "word", Where: map[string]any{"id": 2}},
			sqldb.Query{Kind: sqldb.Pick, Table: "t", Column: "plan", Where: map[string]any{"id": 1}},
			sqldb.Query{Kind: sqldb.Count, Table: "t", Where: map[string]any{"at": sqldb.Since(time.Date(2024, 5, 18, 0, 0, 0, 0, time.UTC))}},
			sqldb.Query{Kind: sqldb.Count, Table: "t", By: []string{"plan"}, Limit: 9},
		)
		for i, want := range []source.Value{int64(1), "café", "free", int64(1)} {
			require.NoError(t, answers[i].Err, i)
			assert.Equal(t, want, answers[i].Value, i)
		}
		assert.ElementsMatch(t, []source.Group{{By: []source.Value{"free"}, Count: 1}, {By: []source.Value{"pro"}, Count: 1}}, answers[4].Groups)
	}
	t.Run("postgresql", func(t *testing.T) {
		server := dbtest.PostgreSQL.Shared(t)
		name, owner := server.Database(t)
		exec(t, owner, "CREATE DATABASE latin_"+name+" ENCODING LATIN1 TEMPLATE template0 LOCALE 'C'")
		inside, err := sql.Open("pgx", server.URL(dbtest.Owner, "latin_"+name)+"?default_query_exec_mode=simple_protocol&client_encoding=UTF8")
		require.NoError(t, err)
		defer func() { _ = inside.Close() }()
		for _, setting := range []string{"client_encoding = 'LATIN1'", "DateStyle = 'SQL, DMY'", "standard_conforming_strings = off", "default_transaction_read_only = on"} {
			exec(t, owner, "ALTER ROLE reader IN DATABASE latin_"+name+" SET "+setting)
		}
		exec(t, inside, "CREATE TABLE t (id int, word text, plan char(10), at text); GRANT SELECT ON t TO reader")
		ask(t, opened{"postgresql", inside, parse(t, server.URL(dbtest.Reader, "latin_"+name))})
	})
	t.Run("mariadb", func(t *testing.T) {
		server := dbtest.MariaDB.Shared(t)
		name, owner := server.Database(t)
		exec(t, owner, "CREATE TABLE t (id int, word varchar(20) CHARACTER SET latin1, plan char(10), at varchar(30))")
		exec(t, owner, "SET GLOBAL sql_mode = 'ORACLE,EMPTY_STRING_IS_NULL,PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES', init_connect = 'SET NAMES latin1', sql_select_limit = 1")
		defer exec(t, owner, "SET GLOBAL sql_mode = DEFAULT, init_connect = '', sql_select_limit = DEFAULT")
		ask(t, opened{"mariadb", owner, parse(t, server.URL(dbtest.Reader, name))})
	})
}

// TestPlacesInJSON reads single values inside JSON.
func TestPlacesInJSON(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		typeName := map[string]string{"sqlite": "text", "postgresql": "json", "mariadb": "json"}[o.kind]
		exec(t, o.owner, "CREATE TABLE settings (id integer, doc "+typeName+")")
		exec(t, o.owner, `INSERT INTO settings VALUES (1, '{"plan": {"name": "pro", "seats": 5}, "beta": true, "tags": ["a", "b"], "rate": 0.5, "none": null}'),
			(2, '{"plan": {"name": "pro"}}'), (3, '{"plan": {"name": "free"}}'), (4, '{"plan": {"name": null}}'), (5, '{}'), (6, NULL)`)
		for _, c := range []struct {
			path []string
			want source.Value
		}{
			{[]string{"plan", "name"}, "pro"},
			{[]string{"plan", "seats"}, int64(5)},
			{[]string{"beta"}, true},
			{[]string{"tags", "1"}, "b"},
			{[]string{"rate"}, 0.5},
			{[]string{"none"}, nil},
			{[]string{"it's", "not"}, nil},
		} {
			answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Pick, Table: "settings", Column: "doc", JSON: c.path, Where: map[string]any{"id": 1}})[0]
			require.NoError(t, answer.Err, c.path)
			assert.Equal(t, c.want, answer.Value, c.path)
		}
		answers := o.read(t, time.Minute,
			sqldb.Query{Kind: sqldb.CountDistinct, Table: "settings", Column: "doc", JSON: []string{"plan", "name"}},
			sqldb.Query{Kind: sqldb.Pick, Table: "settings", Column: "doc", JSON: []string{"plan"}, Where: map[string]any{"id": 1}},
		)
		require.NoError(t, answers[0].Err)
		assert.Equal(t, int64(2), answers[0].Value)
		assert.ErrorContains(t, answers[1].Err, "leads to an object or a list")
	})
}

// TestLabels calls groups by what a second table says; two values of one name are one group.
func TestLabels(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		exec(t, o.owner, "CREATE TABLE status (id integer, title varchar(20))")
		exec(t, o.owner, "INSERT INTO status VALUES (1, 'open'), (2, 'done'), (3, 'done')")
		exec(t, o.owner, "CREATE TABLE issue (id integer, status_id integer, owner varchar(20))")
		exec(t, o.owner, "INSERT INTO issue VALUES (1, 1, 'a'), (2, 2, 'a'), (3, 3, 'b'), (4, 3, ''), (5, NULL, NULL), (6, 9, 'a')")
		answers := o.read(t, time.Minute,
			sqldb.Query{Kind: sqldb.Count, Table: "issue", By: []string{"status_id"}, Limit: 9, Label: &sqldb.Label{Table: "status", Key: "id", Column: "title"}},
			sqldb.Query{Kind: sqldb.Count, Table: "issue", By: []string{"owner"}, Limit: 9},
			sqldb.Query{Kind: sqldb.CountPer, Table: "issue", Column: "owner", Where: tests("owner", sqldb.Not, ""), Bounds: []int64{1, 2}},
		)
		counts := func(groups []source.Group) map[source.Value]int64 {
			all := map[source.Value]int64{}
			for _, group := range groups {
				require.NotContains(t, all, group.By[0], "a name comes once")
				all[group.By[0]] = group.Count
			}
			return all
		}
		for _, answer := range answers {
			require.NoError(t, answer.Err)
		}
		assert.Equal(t, map[source.Value]int64{"open": 1, "done": 3, nil: 2}, counts(answers[0].Groups))
		assert.Equal(t, map[source.Value]int64{"a": 3, "b": 1, nil: 2}, counts(answers[1].Groups), "an empty text is nothing, as NULL is")
		assert.Equal(t, []source.Group{{Count: 1}, {Count: 0}, {Count: 1}}, answers[2].Groups)
	})
}

// TestOneSpelling: of what a collation holds for equal one spelling is told, whatever the order of rows.
func TestOneSpelling(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		if o.kind == "postgresql" {
			exec(t, o.owner, "CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
		}
		collate := map[string]string{"sqlite": "text COLLATE NOCASE", "postgresql": "text COLLATE nocase", "mariadb": "varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"}[o.kind]
		for _, rows := range []string{"('Free'), ('free'), ('FREE')", "('free'), ('FREE'), ('Free')"} {
			exec(t, o.owner, "DROP TABLE IF EXISTS account")
			exec(t, o.owner, "CREATE TABLE account (plan "+collate+")")
			exec(t, o.owner, "INSERT INTO account VALUES "+rows)
			answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "account", By: []string{"plan"}, Limit: 5})[0]
			require.NoError(t, answer.Err)
			assert.Equal(t, []source.Group{{By: []source.Value{"FREE"}, Count: 3}}, answer.Groups)
		}
	})
}

// TestLiteralsFitTheirColumns: a value of another type is refused with the column's, and never matches what it should not.
func TestLiteralsFitTheirColumns(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		text := map[string]string{"sqlite": "text", "postgresql": "varchar(20)", "mariadb": "varchar(20)"}[o.kind]
		exec(t, o.owner, "CREATE TABLE t (version "+text+", active "+text+", n integer, flag boolean, at timestamp NULL)")
		exec(t, o.owner, "INSERT INTO t VALUES ('5.10', 't', 1, true, '2024-05-17 10:20:30'), ('abc', 'f', 0, false, NULL)")
		written := "5.10"
		for _, c := range []struct {
			column string
			value  sqldb.Literal
			want   int64
			why    string
		}{
			{column: "version", value: sqldb.Literal{Value: 0}, why: "where::version: the value is a number and the column of the type"},
			{column: "version", value: sqldb.Literal{Value: 5.1}, why: "write it in quotes"},
			{column: "version", value: sqldb.Literal{Value: 5.1, Written: &written}, want: 1},
			{column: "version", value: sqldb.Literal{Value: "5.10"}, want: 1},
			{column: "active", value: sqldb.Literal{Value: true}, why: "where::active: the value is a boolean and the column of the type"},
			{column: "n", value: sqldb.Literal{Value: "one"}, why: "where::n: the value is a text and the column of the type"},
			{column: "n", value: sqldb.Literal{Value: "1"}, want: 1},
			{column: "n", value: sqldb.Literal{Value: true}, want: 1},
			{column: "n", value: sqldb.Literal{Value: 0.5}, want: 0},
			{column: "flag", value: sqldb.Literal{Value: 1}, want: 1},
			{column: "flag", value: sqldb.Literal{Value: "true"}, want: 1},
			{column: "flag", value: sqldb.Literal{Value: 2}, why: "where::flag: the value is a number and the column of the type"},
			{column: "flag", value: sqldb.Literal{Value: "maybe"}, why: "where::flag: the value is a text and the column of the type"},
		} {
			where := map[string]any{c.column: []sqldb.Test{{Op: sqldb.Is, Values: []sqldb.Literal{c.value}}}}
			answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: where})[0]
			if c.why != "" {
				require.ErrorContains(t, answer.Err, c.why)
				assert.NotContains(t, answer.Err.Error(), "5.1", "a value is never said")
				continue
			}
			require.NoError(t, answer.Err, "%s %v", c.column, c.value)
			assert.Equal(t, c.want, answer.Value, "%s %v", c.column, c.value)
		}
		for op, want := range map[string]int64{sqldb.Less: 0, sqldb.AtMost: 1, sqldb.More: 0, sqldb.AtLeast: 1} {
			answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests("at", op, "2024-05-17 10:20:30")})[0]
			require.NoError(t, answer.Err, op)
			assert.Equal(t, want, answer.Value, op)
		}
		for _, query := range []sqldb.Query{
			{Kind: sqldb.Count, Table: "t", Where: tests("version", sqldb.Less, "b")},
			{Kind: sqldb.Count, Table: "t", Where: tests("n", sqldb.Prefix, "b")},
			{Kind: sqldb.Sum, Table: "t", Column: "version"},
		} {
			assert.Error(t, o.read(t, time.Minute, query)[0].Err, "%+v", query)
		}
	})
}

func TestNames(t *testing.T) {
	for _, name := range []string{"t", "app.Odd-Name", "2fa tokens", `"my.table"`, `app."my.table"`, "Ünï", "wp_$x"} {
		assert.NoError(t, sqldb.CheckTable(name), name)
	}
	for _, name := range []string{"", " t", "t ", "a.b.c", "a;b", `a"b`, "a`b", "a'b", "a\nb", ".t", "t.", `a\b`} {
		assert.Error(t, sqldb.CheckTable(name), name)
	}
	everywhere(t, func(t *testing.T, o opened) {
		quoted := map[string]string{"sqlite": `"2fa tokens.v1"`, "postgresql": `"2fa tokens.v1"`, "mariadb": "`2fa tokens.v1`"}[o.kind]
		exec(t, o.owner, "CREATE TABLE "+quoted+" (id integer)")
		exec(t, o.owner, "INSERT INTO "+quoted+" VALUES (1), (2)")
		for i, answer := range o.read(t, time.Minute,
			sqldb.Query{Kind: sqldb.Count, Table: `"2fa tokens.v1"`},
			sqldb.Query{Kind: sqldb.CountDistinct, Table: `"2fa tokens.v1"`, Column: "id"},
		) {
			require.NoError(t, answer.Err, i)
			assert.Equal(t, int64(2), answer.Value)
		}
	})
}

// TestBeginningsCompareAsTheColumnDoes: where the case does not count for a column, it does not for what a text begins with.
func TestBeginningsCompareAsTheColumnDoes(t *testing.T) {
	everywhere(t, func(t *testing.T, o opened) {
		folded := map[string]string{"sqlite": "text COLLATE NOCASE", "mariadb": "varchar(20) COLLATE utf8mb4_general_ci", "postgresql": "citext"}[o.kind]
		exact := map[string]string{"sqlite": "text", "mariadb": "varchar(20) COLLATE utf8mb4_bin", "postgresql": "text"}[o.kind]
		if o.kind == "postgresql" {
			exec(t, o.owner, "CREATE EXTENSION citext")
		}
		exec(t, o.owner, "CREATE TABLE t (folded "+folded+", exact "+exact+")")
		exec(t, o.owner, "INSERT INTO t VALUES ('Abc', 'Abc'), ('abc', 'abc'), ('a%', 'a%'), ('a', 'a'), ('b', 'b'), ('été', 'été'), (NULL, NULL)")
		for _, c := range []struct {
			column, begins string
			want           int64
		}{{"folded", "AB", 2}, {"exact", "ab", 1}, {"exact", "a%", 1}, {"exact", "a", 3}, {"folded", "A", 4}, {"exact", "ét", 1}, {"folded", "abcd", 0}} {
			answer := o.read(t, time.Minute, sqldb.Query{Kind: sqldb.Count, Table: "t", Where: tests(c.column, sqldb.Prefix, c.begins)})[0]
			require.NoError(t, answer.Err, c)
			assert.Equal(t, c.want, answer.Value, c)
		}
	})
}
