// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
