// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zapcore"

	"github.com/headcount-otel/headcount/internal/dbtest"
)

const counting = `
sources: {db: {database: {url_env: SITE_URL}}}
consent: headcount
resource:
  service.instance.id: {value: site}
metrics:
  site.users: {source: db, count: {table: users}}
`

func TestAUserThatMayWriteIsWarnedOfOnce(t *testing.T) {
	onServers(t, func(t *testing.T, kind dbtest.Kind) {
		server := kind.Shared(t)
		name, db := server.Database(t)
		run(t, db, "CREATE TABLE users (id int)")
		warnings := func(t *testing.T, user string) int {
			t.Setenv("SITE_URL", server.URL(user, name))
			b := started(t, fromYAML(t, counting))
			b.scrapes()
			assert.Equal(t, map[string]any{"site.users": int64(0)}, figures(b.last()))
			return len(b.logs.FilterLevelExact(zapcore.WarnLevel).FilterMessageSnippet("may write").All())
		}
		assert.Equal(t, 1, warnings(t, dbtest.Owner), "may do all")
		assert.Equal(t, 0, warnings(t, dbtest.Reader), "may only read")
		for _, grant := range grants(kind) {
			run(t, db, grant[0])
			assert.Equal(t, 1, warnings(t, dbtest.Reader), grant[0])
			run(t, db, grant[1])
			assert.Equal(t, 0, warnings(t, dbtest.Reader), grant[1])
		}
	})
}

// grants are ways to let the reader write, and how each is taken back.
func grants(kind dbtest.Kind) [][2]string {
	if kind.Name == "postgresql" {
		return [][2]string{
			{"GRANT DELETE ON users TO reader", "REVOKE DELETE ON users FROM reader"},
			{"GRANT UPDATE (id) ON users TO reader", "REVOKE UPDATE (id) ON users FROM reader"},
			{"GRANT INSERT ON users TO PUBLIC", "REVOKE INSERT ON users FROM PUBLIC"},
			{"GRANT TRIGGER ON users TO reader", "REVOKE TRIGGER ON users FROM reader"},
			{"CREATE VIEW seen AS SELECT id FROM users; GRANT INSERT ON seen TO reader", "DROP VIEW seen"},
			{"CREATE SEQUENCE ids; GRANT USAGE ON ids TO reader", "DROP SEQUENCE ids"},
			{"ALTER TABLE users OWNER TO reader; REVOKE ALL ON users FROM reader; GRANT SELECT ON users TO reader", "ALTER TABLE users OWNER TO owner; GRANT SELECT ON users TO reader"},
			{"CREATE SCHEMA reads AUTHORIZATION reader; CREATE TABLE reads.one (id int); ALTER TABLE reads.one OWNER TO owner", "DROP SCHEMA reads CASCADE"},
			{
				"ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO reader; CREATE TABLE later (id int)",
				"ALTER DEFAULT PRIVILEGES REVOKE INSERT ON TABLES FROM reader; DROP TABLE later",
			},
			{"CREATE ROLE writers; GRANT INSERT ON users TO writers; GRANT writers TO reader", "DROP OWNED BY writers; DROP ROLE writers"},
			{
				"ALTER ROLE reader NOINHERIT; CREATE ROLE writers; GRANT INSERT ON users TO writers; GRANT writers TO reader",
				"DROP OWNED BY writers; DROP ROLE writers; ALTER ROLE reader INHERIT",
			},
			{"ALTER ROLE reader NOINHERIT; GRANT pg_write_all_data TO reader", "REVOKE pg_write_all_data FROM reader; ALTER ROLE reader INHERIT"},
			{"GRANT pg_execute_server_program TO reader", "REVOKE pg_execute_server_program FROM reader"},
			{"CREATE ROLE writers SUPERUSER; GRANT writers TO reader", "DROP ROLE writers"},
			{"ALTER ROLE reader CREATEROLE", "ALTER ROLE reader NOCREATEROLE"},
		}
	}
	return [][2]string{
		{"GRANT DELETE ON *.* TO reader@'127.0.0.1'", "REVOKE DELETE ON *.* FROM reader@'127.0.0.1'"},
		{"GRANT INSERT ON users TO reader@'127.0.0.1'", "REVOKE INSERT ON users FROM reader@'127.0.0.1'"},
		{"GRANT UPDATE (id) ON users TO reader@'127.0.0.1'", "REVOKE UPDATE (id) ON users FROM reader@'127.0.0.1'"},
		{
			"ALTER TABLE users ADD `a)b` int; GRANT SELECT (`a)b`), UPDATE (id) ON users TO reader@'127.0.0.1'",
			"REVOKE SELECT (`a)b`), UPDATE (id) ON users FROM reader@'127.0.0.1'; ALTER TABLE users DROP `a)b`",
		},
		{"GRANT TRIGGER ON users TO reader@'127.0.0.1'", "REVOKE TRIGGER ON users FROM reader@'127.0.0.1'"},
		{"GRANT EVENT ON *.* TO reader@'127.0.0.1'", "REVOKE EVENT ON *.* FROM reader@'127.0.0.1'"},
		{"GRANT CREATE USER ON *.* TO reader@'127.0.0.1'", "REVOKE CREATE USER ON *.* FROM reader@'127.0.0.1'"},
		{"GRANT PROXY ON owner@'127.0.0.1' TO reader@'127.0.0.1'", "REVOKE PROXY ON owner@'127.0.0.1' FROM reader@'127.0.0.1'"},
		{"GRANT INSERT ON users TO PUBLIC", "REVOKE INSERT ON users FROM PUBLIC"},
		{
			"CREATE ROLE writers; GRANT INSERT ON users TO writers; GRANT writers TO reader@'127.0.0.1'; SET DEFAULT ROLE writers FOR reader@'127.0.0.1'",
			"DROP ROLE writers",
		},
		{"CREATE ROLE writers; GRANT INSERT ON users TO writers; GRANT writers TO reader@'127.0.0.1'", "DROP ROLE writers"},
		{
			"CREATE ROLE writers; CREATE ROLE `the \"others\"`; GRANT INSERT ON users TO writers; GRANT writers TO `the \"others\"`; GRANT `the \"others\"` TO reader@'127.0.0.1'",
			"DROP ROLE writers; DROP ROLE `the \"others\"`",
		},
	}
}

func TestAFileIsNoWriter(t *testing.T) {
	path := t.TempDir() + "/site.sqlite3"
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	run(t, db, "CREATE TABLE users (id int)")
	require.NoError(t, db.Close())
	t.Setenv("SITE_URL", "sqlite:///"+path)
	assert.Empty(t, started(t, fromYAML(t, counting)).logs.All())
}
