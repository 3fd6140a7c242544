// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package draft_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/internal/draft"
)

// dialects are the types in which shop.sql is made.
var dialects = map[string]map[string]string{
	"sqlite":     {"Time": "DATETIME", "False": "0", "Kind": "TEXT CHECK (kind IN ('Book', 'Film'))"},
	"postgresql": {"Time": "timestamptz", "False": "false", "Kind": "text CHECK (kind IN ('Book', 'Film'))"},
	"mariadb":    {"Time": "datetime", "False": "false", "Kind": "enum('Book', 'Film')"},
}

// fill makes the tables of shop.sql.
func fill(t *testing.T, db *sql.DB, dialect string) {
	t.Helper()
	types := map[string]string{"N": "numbers"}
	for key, value := range dialects[dialect] {
		types[key] = value
	}
	var text strings.Builder
	require.NoError(t, template.Must(template.ParseFiles("testdata/shop.sql")).Execute(&text, types))
	conn, err := db.Conn(context.Background())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	statements := []string{
		"CREATE TABLE numbers (value INTEGER)",
		"INSERT INTO numbers WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 240) SELECT value FROM n",
		text.String(),
		"DROP TABLE numbers",
	}
	if dialect == "mariadb" {
		statements = append([]string{"SET SESSION sql_mode = 'ANSI_QUOTES'"}, statements...)
	}
	for _, statement := range statements {
		_, err = conn.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
}

func database(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "shop.sqlite3")
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	defer db.Close()
	fill(t, db, "sqlite")
	return "sqlite:///" + file
}

// The draft is the same one whichever database the program keeps its rows in.
func TestDraft(t *testing.T) {
	for dialect, url := range map[string]func(t *testing.T) string{
		"sqlite": database,
		"postgresql": func(t *testing.T) string {
			server := dbtest.PostgreSQL.Shared(t)
			name, db := server.Database(t)
			fill(t, db, "postgresql")
			return server.URL("reader", name) + "?sslmode=disable"
		},
		"mysql": func(t *testing.T) string {
			server := dbtest.MariaDB.Shared(t)
			name, db := server.Database(t)
			fill(t, db, "mariadb")
			return server.URL("reader", name)
		},
	} {
		t.Run(dialect, func(t *testing.T) {
			text, err := draft.Write(t.Context(), url(t), "Shop", time.Minute)
			require.NoError(t, err)
			assert.Contains(t, text, ", on "+dialect+", with ")
			text = strings.Replace(text, ", on "+dialect+", with ", ", on sqlite, with ", 1)
			const golden = "testdata/shop.yaml"
			if os.Getenv("UPDATE_GOLDEN") != "" && dialect == "sqlite" {
				require.NoError(t, os.WriteFile(golden, []byte(text), 0o600))
			}
			expected, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(expected), text)

			assert.NotContains(t, text, "canary", "no value of a row is printed")
			for _, trap := range []string{"smtp_password", "gender", "birth", "mail_host", "title", "token_type"} {
				assert.NotContains(t, text, trap)
			}
		})
	}
}

// What cannot be read is said; where nothing can, there is no draft.
func TestUnreadableDatabaseIsAnError(t *testing.T) {
	server := dbtest.MariaDB.Shared(t)
	name, db := server.Database(t)
	_, err := db.Exec("CREATE TABLE things (id INTEGER, name TEXT); CREATE VIEW v AS SELECT 1; CREATE USER IF NOT EXISTS blind@'127.0.0.1' IDENTIFIED BY '" + dbtest.Password + "'; GRANT INSERT ON " + name + ".things TO blind@'127.0.0.1'")
	require.NoError(t, err)
	_, err = draft.Write(t.Context(), server.URL("blind", name), "shop", time.Minute)
	assert.ErrorContains(t, err, "no table could be read: the database's user may not read it")
}

// What is drafted over app:base is a receiver's configuration.
func TestDraftIsValid(t *testing.T) {
	text, err := draft.Write(t.Context(), database(t), "Shop", time.Minute)
	require.NoError(t, err)
	assert.NoError(t, valid(t, text))
}

// Rows that are no things, in tables of FreeRADIUS, Trac, Buildbot and others.
func TestRowsThatAreNoThings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "traps.sqlite3")
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), `
		CREATE TABLE radpostauth (id INTEGER PRIMARY KEY, username TEXT, pass TEXT, authdate TIMESTAMP);
		CREATE TABLE wiki (name TEXT, version INTEGER, time INTEGER, text TEXT, UNIQUE (name, version));
		CREATE TABLE page (name TEXT, revision INTEGER, body TEXT, PRIMARY KEY (name, revision));
		CREATE TABLE "transaction" (issued_at DATETIME, id INTEGER PRIMARY KEY, remote_addr TEXT);
		CREATE TABLE auth_cookie (cookie TEXT, name TEXT, ipnr TEXT);
		CREATE TABLE cryptokeys (id INTEGER PRIMARY KEY, flags INTEGER, content TEXT);
		CREATE TABLE users (uid INTEGER PRIMARY KEY, bb_username TEXT, bb_password TEXT);
		CREATE TABLE ticket (id INTEGER PRIMARY KEY, version INTEGER, summary TEXT);`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	text, err := draft.Write(t.Context(), "sqlite:///"+file, "shop", time.Minute)
	require.NoError(t, err)
	assert.Contains(t, text, "shop.users: {unit: \"{user}\", source: db, count: {table: users}}")
	assert.Contains(t, text, "count: {table: ticket}")
	assert.Equal(t, 2, strings.Count(text, "count: {table:"), text)
	assert.Contains(t, text, "one row a version of a thing: count_distinct of what names the thing counts them: page, wiki")
}

// Tables that join two others, sign in elsewhere or keep what was done, in Linkwarden, listmonk, umami, Lemmy and Roundup.
func TestRowsThatJoinOrSignIn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "joins.sqlite3")
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), `
		CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, password TEXT);
		CREATE TABLE collections (id INTEGER PRIMARY KEY, name TEXT, color TEXT CHECK (color IN ('red', 'blue')), default_type TEXT CHECK (default_type IN ('a', 'b')));
		CREATE TABLE campaigns (id INTEGER PRIMARY KEY, name TEXT);
		CREATE TABLE segment (id INTEGER PRIMARY KEY, name TEXT);
		CREATE TABLE UsersAndCollections (userId INTEGER REFERENCES users(id), collectionId INTEGER REFERENCES collections(id), canCreate BOOLEAN, PRIMARY KEY (userId, collectionId));
		CREATE TABLE campaign_collections (id INTEGER PRIMARY KEY, campaign_id INTEGER REFERENCES campaigns(id), collection_id INTEGER REFERENCES collections(id), collection_name TEXT);
		CREATE TABLE Account (id INTEGER PRIMARY KEY, userId INTEGER REFERENCES users(id), type TEXT, provider TEXT, refresh_token TEXT, session_state TEXT);
		CREATE TABLE modlog (id INTEGER PRIMARY KEY, kind TEXT, published_at TIMESTAMP);
		CREATE TABLE previously_run_sql (id INTEGER PRIMARY KEY, content TEXT);
		CREATE TABLE ids (name VARCHAR, num INTEGER); -- as Roundup's
		CREATE TABLE issue_nosy (linkid INTEGER, nodeid INTEGER);
		CREATE TABLE _issue (_title VARCHAR(255), id INTEGER PRIMARY KEY)`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	text, err := draft.Write(t.Context(), "sqlite:///"+file, "shop", time.Minute)
	require.NoError(t, err)
	for _, table := range []string{"users", "collections", "campaigns", "segment"} {
		assert.Contains(t, text, "count: {table: "+table+"}")
	}
	assert.Contains(t, text, `shop.issue: {unit: "{issue}", source: db, count: {table: "_issue"}}`)
	assert.Equal(t, 5, strings.Count(text, "count: {table:"), text)
	assert.Contains(t, text, "joins others: UsersAndCollections, campaign_collections, issue_nosy")
	assert.Contains(t, text, "bookkeeping of the framework: ids")
	assert.Contains(t, text, "what signs somebody in: Account")
}

func TestEmptyDatabaseIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "empty.sqlite3")
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "CREATE TABLE sessions (token TEXT)")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	_, err = draft.Write(t.Context(), "sqlite:///"+file, "shop", time.Minute)
	assert.ErrorContains(t, err, "none looks like something to count")
}
