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
		}
	}
	return [][2]string{
		{"GRANT DELETE ON *.* TO reader@'127.0.0.1'", "REVOKE DELETE ON *.* FROM reader@'127.0.0.1'"},
		{"GRANT INSERT ON users TO reader@'127.0.0.1'", "REVOKE INSERT ON users FROM reader@'127.0.0.1'"},
		{"GRANT UPDATE (id) ON users TO reader@'127.0.0.1'", "REVOKE UPDATE (id) ON users FROM reader@'127.0.0.1'"},
		{
			"CREATE ROLE writers; GRANT INSERT ON users TO writers; GRANT writers TO reader@'127.0.0.1'; SET DEFAULT ROLE writers FOR reader@'127.0.0.1'",
			"DROP ROLE writers",
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
