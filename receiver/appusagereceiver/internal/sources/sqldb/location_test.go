// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"crypto/tls"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseLocation(t *testing.T) {
	for text, want := range map[string]location{
		"me:p%40ss%2Fw%23rd$1@db.example.com:5433/shop": {user: "me", password: "p@ss/w#rd$1", host: "db.example.com", port: "5433", database: "shop"},
		"me:a:b@c@[2001:db8::1]:5432/shop":              {user: "me", password: "a:b@c", host: "2001:db8::1", port: "5432", database: "shop"},
		"[::1]/shop":                                    {host: "::1", database: "shop"},
		"me@%2Frun%2Fpostgresql/shop":                   {user: "me", host: "/run/postgresql", database: "shop"},
		"/shop?host=%2Frun":                             {database: "shop", options: url.Values{"host": {"/run"}}},
		"host":                                          {host: "host"},
	} {
		if want.options == nil {
			want.options = url.Values{}
		}
		got, err := parseLocation(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
}

func TestParsePostgres(t *testing.T) {
	for text, host := range map[string]string{
		"postgres://me:s3cr%3Ft+%20@%2Frun%2Fpostgresql/shop":                  "/run/postgresql",
		"postgresql://me:s3cr%3Ft+%20@[2001:db8::1]:5432/shop?sslmode=require": "2001:db8::1",
	} {
		database, err := Parse(text)
		require.NoError(t, err)
		config := database.dialect.(postgres).config
		assert.Equal(t, host, config.Host)
		assert.Equal(t, "s3cr?t+ ", config.Password)
		assert.Equal(t, "shop", config.Database)
		assert.Equal(t, "headcount", config.RuntimeParams["application_name"])
		assert.Equal(t, strings.Contains(text, "sslmode"), config.TLSConfig != nil)
		assert.Equal(t, "postgresql", database.System())
	}
}

func TestParseMySQL(t *testing.T) {
	authority := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(authority, []byte("no certificate"), 0o600))
	for text, check := range map[string]func(mariadb){
		"mysql://me:p%40ss@db:3307/shop": func(m mariadb) {
			assert.Equal(t, "tcp", m.config.Net)
			assert.Equal(t, "db:3307", m.config.Addr)
			assert.Equal(t, "p@ss", m.config.Passwd)
			assert.Equal(t, "preferred", m.config.TLSConfig)
		},
		"mysql://me@[::1]/shop?ssl-mode=DISABLED": func(m mariadb) {
			assert.Equal(t, "[::1]:3306", m.config.Addr)
			assert.Empty(t, m.config.TLSConfig)
			assert.Nil(t, m.config.TLS)
		},
		"mysql://me@%2Frun%2Fmysqld.sock/shop": func(m mariadb) {
			assert.Equal(t, "unix", m.config.Net)
			assert.Equal(t, "/run/mysqld.sock", m.config.Addr)
		},
		"mysql://me@localhost/shop?unix_socket=/run/mysqld.sock": func(m mariadb) { assert.Equal(t, "/run/mysqld.sock", m.config.Addr) },
		"mysql://me@db/shop?ssl_mode=verify_identity": func(m mariadb) {
			assert.Equal(t, &tls.Config{MinVersion: tls.VersionTLS12, ServerName: "db"}, m.config.TLS)
		},
		"mysql://me@db/shop?ssl-mode=REQUIRED": func(m mariadb) { assert.True(t, m.config.TLS.InsecureSkipVerify) },
	} {
		database, err := Parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, "mysql", database.System())
		check(database.dialect.(mariadb))
	}
	for query, message := range map[string]string{
		"ssl-mode=maybe":                                 "ssl-mode is one of",
		"ssl-ca=" + authority:                            "ssl-ca names a file of PEM certificates",
		"ssl-ca=/no/such/ca.pem":                         "ssl-ca names a file of PEM certificates",
		"ssl-mode=REQUIRED&ssl-cert=/none&ssl-key=/none": "ssl-cert and ssl-key name the files",
	} {
		_, err := Parse("mysql://me@db/shop?" + query)
		assert.ErrorContains(t, err, message)
	}
}

func TestParseSQLite(t *testing.T) {
	for text, path := range map[string]string{
		"sqlite:///app.sqlite3":           "app.sqlite3",
		"sqlite:////srv/app.sqlite3":      "/srv/app.sqlite3",
		"sqlite:////srv/a%20b%23c.db?x=y": "/srv/a b#c.db",
	} {
		database, err := Parse(text)
		require.NoError(t, err)
		assert.Equal(t, sqliteFile{path}, database.dialect)
		assert.Equal(t, "sqlite", database.System())
	}
	for _, text := range []string{"sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite://app.sqlite3"} {
		_, err := Parse(text)
		assert.ErrorContains(t, err, "sqlite:////absolute/path", text)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"postgres://u:hunter2@h/d", "mysql://u:hunter2@[::1]:1/d?ssl-ca=x", "sqlite:////a", "oracle://u:hunter2@h", "postgres://u:hunter2@%zz/d",
		"postgres://u:hunter2@h:port/d", "postgres://u:hunter2@h/d?sslmode=hunter2", "postgres://u:hunter2@h,i:1,2/d", "://", "postgres://?a=%",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		// No password file of the machine that runs the test.
		t.Setenv("PGPASSFILE", os.DevNull)
		if _, err := Parse(text); err != nil && strings.Contains(text, "hunter2") {
			assert.NotContains(t, err.Error(), "hunter2")
		}
	})
}
