// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/gomodule/redigo/redis"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/cachetest"
)

// page is a page of docs/sources.
type page struct{ text string }

func documented(t *testing.T, name string) page {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "sources", name))
	require.NoError(t, err)
	return page{string(text)}
}

// block is the one fenced block of a language.
func (p page) block(t *testing.T, language string) string {
	t.Helper()
	found := regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(p.text, -1)
	require.Len(t, found, 1, language)
	return found[0][1]
}

// reads runs the page's example, with replacements in it, and compares with what the page says that it reads.
func (p page) reads(t *testing.T, replace ...string) {
	t.Helper()
	retrieved, err := confmap.NewRetrievedFromYAML([]byte(strings.NewReplacer(replace...).Replace(p.block(t, "yaml"))))
	require.NoError(t, err)
	conf, err := retrieved.AsConf()
	require.NoError(t, err)
	example, err := conf.Sub("receivers::appusage")
	require.NoError(t, err)
	got := started(t, parsed(t, example)).last()

	all := figures(got)
	for name, value := range attributes(got) {
		if name != instanceID {
			all[name] = value
		}
	}
	found, err := json.Marshal(all)
	require.NoError(t, err)
	assert.JSONEq(t, p.block(t, "json"), string(found))
}

func TestRedisPage(t *testing.T) {
	p := documented(t, "redis.md")
	socket := cachetest.Redis(t)
	client, err := redis.Dial("unix", socket)
	require.NoError(t, err)
	defer func() { require.NoError(t, client.Close()) }()
	do := func(line string) {
		words := strings.Fields(line)
		_, err := client.Do(words[0], redis.Args{}.AddFlat(words[1:])...)
		require.NoError(t, err, line)
	}
	for line := range strings.Lines(p.block(t, "redis")) {
		do(line)
	}
	t.Setenv("REDIS_URL", "unix://"+socket)
	p.reads(t)

	// The user that the page tells to make is enough.
	acl := regexp.MustCompile(`(?m)^    (ACL SETUSER .*)$`).FindStringSubmatch(p.text)
	require.NotNil(t, acl)
	do(acl[1])
	t.Setenv("REDIS_URL", "unix://headcount:PASSWORD@"+socket)
	p.reads(t)
}

func TestMemcachedPage(t *testing.T) {
	p := documented(t, "memcached.md")
	socket := cachetest.Memcached(t)
	client := memcache.New(socket)
	defer func() { require.NoError(t, client.Close()) }()
	for line := range strings.Lines(p.block(t, "memcached")) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		require.NoError(t, client.Set(&memcache.Item{Key: key, Value: []byte(value)}))
	}
	p.reads(t, "127.0.0.1:11211", socket)
}

// TestDjangoCachePage reads what Django's backends write; internal/djangocache has Django itself write it.
func TestDjangoCachePage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.sqlite3")
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	for _, statement := range []string{
		`CREATE TABLE app_cache (cache_key varchar(255) NOT NULL PRIMARY KEY, value text NOT NULL, expires datetime NOT NULL)`,
		`INSERT INTO app_cache VALUES (':1:users', 'gAVLOS4=', '9999-12-31 23:59:59'), (':1:old', 'gAVLOS4=', '2020-01-01 00:00:00')`,
	} {
		_, err := db.Exec(statement)
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())
	socket := cachetest.Redis(t)
	client, err := redis.Dial("unix", socket)
	require.NoError(t, err)
	defer func() { require.NoError(t, client.Close()) }()
	_, err = client.Do("SET", "shop:2:orders", 1204)
	require.NoError(t, err)
	t.Setenv("DATABASE_URL", "sqlite:///"+file)
	t.Setenv("REDIS_URL", "unix://"+socket)
	documented(t, "django-cache.md").reads(t)

	got := figures(started(t, fromYAML(t, `
storage: file_storage
sources: {db: {database: {url_env: DATABASE_URL}}}
metrics:
  shop.old: {source: db, django: {key: old, table: app_cache}}
  shop.never: {source: db, django: {key: never, table: app_cache}}
  shop.other: {source: db, django: {key: users, version: 2, table: app_cache}}
  shop.lost: {source: db, django: {key: users, table: no_cache}}
`)).last())
	assert.Equal(t, map[string]any{"shop.old": nil, "shop.never": nil, "shop.other": nil}, got)
}

// TestDjangoCacheTable is about the tables that Django makes in the other databases.
func TestDjangoCacheTable(t *testing.T) {
	for column, kind := range map[string]dbtest.Kind{"timestamp with time zone": dbtest.PostgreSQL, "datetime(6)": dbtest.MariaDB} {
		t.Run(kind.Name, func(t *testing.T) {
			server := kind.Shared(t)
			name, db := server.Database(t)
			for _, statement := range []string{
				"CREATE TABLE app_cache (cache_key varchar(255) NOT NULL PRIMARY KEY, value text NOT NULL, expires " + column + " NOT NULL)",
				"INSERT INTO app_cache VALUES (':1:users', 'gAVLOS4=', '9999-12-31 23:59:59'), (':1:old', 'gAVLOS4=', '2020-01-01 00:00:00')",
			} {
				_, err := db.Exec(statement)
				require.NoError(t, err)
			}
			t.Setenv("DATABASE_URL", server.URL(dbtest.Reader, name))
			got := figures(started(t, fromYAML(t, `
storage: file_storage
sources: {db: {database: {url_env: DATABASE_URL}}}
metrics:
  users: {source: db, django: {key: users, table: app_cache}}
  old: {source: db, django: {key: old, table: app_cache}}
  never: {source: db, django: {key: never, table: app_cache}}
`)).last())
			assert.Equal(t, map[string]any{"users": int64(57), "old": nil, "never": nil}, got)
		})
	}
}

func TestHTTPPage(t *testing.T) {
	p := documented(t, "http.md")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, p.block(t, "document"))
	}))
	defer server.Close()
	p.reads(t, "http://127.0.0.1:8000", server.URL)
}

func TestFilePage(t *testing.T) {
	p := documented(t, "file.md")
	file := filepath.Join(t.TempDir(), ".env")
	require.NoError(t, os.WriteFile(file, []byte(p.block(t, "document")), 0o600))
	p.reads(t, "path: .env", "path: "+file)
}

// TestErrorsAreDocumented is about each reason that a source of this repository gives: the pages say what to do.
func TestErrorsAreDocumented(t *testing.T) {
	for folder, pages := range map[string][]string{
		"sources/redissource":     {"redis.md"},
		"sources/memcachedsource": {"memcached.md"},
		"sources/djangocache":     {"django-cache.md"},
		"pickle":                  {"django-cache.md"},
		"sources/httpsource":      {"http.md"},
		"sources/filesource":      {"file.md"},
	} {
		var text string
		for _, name := range pages {
			text += documented(t, name).text
		}
		files, err := filepath.Glob(filepath.Join("internal", folder, "*.go"))
		require.NoError(t, err)
		require.NotEmpty(t, files, folder)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			code, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, reason := range regexp.MustCompile(`(?:Reason: |errors\.New\()"([^"]*)"`).FindAllStringSubmatch(string(code), -1) {
				beginning, _, _ := strings.Cut(reason[1], ":")
				ofConfig := regexp.MustCompile("^(a Redis URL|a memcached server is|write the URL|a URL may hold|the URL|no users)").MatchString(beginning)
				assert.True(t, ofConfig || strings.Contains(text, "| "+beginning), "%s: %q", file, beginning)
			}
		}
	}
}
