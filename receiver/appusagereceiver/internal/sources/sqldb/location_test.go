// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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

func TestPostgresOptions(t *testing.T) {
	t.Setenv("PGPASSFILE", os.DevNull)
	for text, check := range map[string]func(postgres){
		"postgres://h1:1,h2/d?connect_timeout=3": func(p postgres) {
			assert.Equal(t, "h1", p.config.Host)
			assert.Equal(t, "h2", p.config.Fallbacks[len(p.config.Fallbacks)-1].Host)
			assert.EqualValues(t, 5432, p.config.Fallbacks[len(p.config.Fallbacks)-1].Port)
		},
		"postgres://h/d?schema=shop": func(p postgres) {
			assert.Contains(t, p.begin()[0], `SET LOCAL search_path = "shop"`)
		},
		"jdbc:postgresql://h/d?currentSchema=shop,public": func(p postgres) {
			assert.Contains(t, p.begin()[0], `SET LOCAL search_path = "shop", "public"`)
		},
		"postgres://h/d?hostaddr=127.0.0.2&sslmode=verify-full": func(p postgres) {
			found, err := p.config.LookupFunc(t.Context(), "h")
			assert.NoError(t, err)
			assert.Equal(t, []string{"127.0.0.2"}, found)
			assert.Equal(t, "h", p.config.TLSConfig.ServerName)
		},
		"postgres://h/d?ssl_min_protocol_version=TLSv1.3&sslmode=require": func(p postgres) {
			assert.EqualValues(t, tls.VersionTLS13, p.config.TLSConfig.MinVersion)
		},
		"postgres://h/d?sslmode=no-verify": func(p postgres) { assert.True(t, p.config.TLSConfig.InsecureSkipVerify) },
		"postgres://h/d?sslrootcert=system": func(p postgres) {
			assert.Equal(t, "h", p.config.TLSConfig.ServerName)
			assert.Empty(t, p.config.Fallbacks)
		},
		"postgres://h/d?keepalives=1&keepalives_idle=5&gssencmode=prefer&load_balance_hosts=random&fallback_application_name=x&sslcompression=0&requirepeer=x": func(p postgres) {
			assert.Equal(t, map[string]string{"application_name": "headcount", "client_encoding": "UTF8"}, p.config.RuntimeParams)
		},
		"postgres://h/d?targetServerType=preferSecondary": func(p postgres) { assert.NotNil(t, p.config.ValidateConnect) },
	} {
		database, err := Parse(text)
		require.NoError(t, err, text)
		assert.Empty(t, database.Ignored(), text)
		check(database.dialect.(postgres))
	}
	database, err := Parse("postgres://h/d?pgbouncer=true&connection_limit=1&statement_cache_size=0")
	require.NoError(t, err)
	assert.Equal(t, []string{"connection_limit", "pgbouncer", "statement_cache_size"}, database.Ignored())
	for query, message := range map[string]string{
		"gssencmode=require":       "gssencmode=require cannot be honoured",
		"targetServerType=nothing": "targetServerType has a value that is unknown",
		"channel_binding=hunter2":  "one of its options has a value that cannot be",
	} {
		_, err := Parse("postgres://h/d?" + query)
		require.ErrorContains(t, err, message)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}

// TestServicesOfLibpq: what a service's section asks for counts before the variable.
func TestServicesOfLibpq(t *testing.T) {
	file := filepath.Join(t.TempDir(), "services")
	require.NoError(t, os.WriteFile(file, []byte("[shop]\nhost=h\ndbname=d\nsslmode=verify-full\n"), 0o600))
	t.Setenv("PGSERVICEFILE", file)
	t.Setenv("PGSSLMODE", "require")
	for _, text := range []string{"postgres:///?service=shop", "service=shop"} {
		database, err := Parse(text)
		require.NoError(t, err)
		config := database.dialect.(postgres).config
		assert.Equal(t, "h", config.Host)
		assert.False(t, config.TLSConfig.InsecureSkipVerify)
	}
	require.NoError(t, os.WriteFile(file, []byte("[shop]\nhost=h\ndbname=d\n"), 0o600))
	t.Setenv("PGSSLMODE", "verify-full")
	for _, text := range []string{"postgres:///?service=shop", "service=shop"} {
		database, err := Parse(text)
		require.NoError(t, err)
		config := database.dialect.(postgres).config
		assert.False(t, config.TLSConfig.InsecureSkipVerify, "the variable counts where the section says nothing")
		assert.Empty(t, config.Fallbacks)
	}
	_, err := Parse("service=shep")
	assert.ErrorContains(t, err, "the option service names none in the file of services")
}

// TestVariablesOfLibpq: what they ask for holds as long as the URL says nothing of it.
func TestVariablesOfLibpq(t *testing.T) {
	for _, c := range []struct {
		variable, value, query string
		check                  func(t *testing.T, config *pgx.ConnConfig)
		refusal                string
	}{
		{variable: "PGSSLMODE", value: "verify-full", check: func(t *testing.T, config *pgx.ConnConfig) {
			assert.False(t, config.TLSConfig.InsecureSkipVerify)
			assert.Empty(t, config.Fallbacks)
		}},
		{variable: "PGSSLMODE", value: "require", query: "?sslmode=disable", check: func(t *testing.T, config *pgx.ConnConfig) { assert.Nil(t, config.TLSConfig) }},
		{variable: "PGSSLMODE", value: "verify-full", query: "?requiressl=1", check: func(t *testing.T, config *pgx.ConnConfig) {
			assert.False(t, config.TLSConfig.InsecureSkipVerify, "the stricter of both")
		}},
		{variable: "PGREQUIRESSL", value: "1", check: func(t *testing.T, config *pgx.ConnConfig) { assert.Empty(t, config.Fallbacks) }},
		{variable: "PGSSLMINPROTOCOLVERSION", value: "TLSv1.3", check: func(t *testing.T, config *pgx.ConnConfig) {
			assert.EqualValues(t, tls.VersionTLS13, config.TLSConfig.MinVersion)
		}},
		{variable: "PGSSLCRL", value: "/etc/crl.pem", refusal: "the option PGSSLCRL asks for security"},
		{variable: "PGGSSENCMODE", value: "require", refusal: "gssencmode=require cannot be honoured"},
		{variable: "PGSSLMODE", value: "require", query: "?ssl=false", refusal: "another option asks for TLS"},
	} {
		t.Run(c.variable+c.query, func(t *testing.T) {
			t.Setenv(c.variable, c.value)
			database, err := Parse("postgres://h/d" + c.query)
			if c.refusal != "" {
				require.ErrorContains(t, err, c.refusal)
				return
			}
			require.NoError(t, err)
			c.check(t, database.dialect.(postgres).config)
		})
	}
}

func TestParseMySQL(t *testing.T) {
	authority := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(authority, []byte("no certificate"), 0o600))
	for text, check := range map[string]func(mariadb){
		"mysql://me:p%40ss@db:3307/shop": func(m mariadb) {
			assert.Equal(t, "tcp", m.configs[0].Net)
			assert.Equal(t, "db:3307", m.configs[0].Addr)
			assert.Equal(t, "p@ss", m.configs[0].Passwd)
			assert.True(t, m.configs[0].TLS.InsecureSkipVerify)
			assert.True(t, m.configs[0].AllowFallbackToPlaintext)
		},
		"mysql://me@[::1]/shop?ssl-mode=DISABLED": func(m mariadb) {
			assert.Equal(t, "[::1]:3306", m.configs[0].Addr)
			assert.Empty(t, m.configs[0].TLSConfig)
			assert.Nil(t, m.configs[0].TLS)
		},
		"mysql://me@%2Frun%2Fmysqld.sock/shop": func(m mariadb) {
			assert.Equal(t, "unix", m.configs[0].Net)
			assert.Equal(t, "/run/mysqld.sock", m.configs[0].Addr)
		},
		"mysql://me@localhost/shop?unix_socket=/run/mysqld.sock": func(m mariadb) { assert.Equal(t, "/run/mysqld.sock", m.configs[0].Addr) },
		"mysql://me@db/shop?ssl_mode=verify_identity": func(m mariadb) {
			assert.Equal(t, &tls.Config{MinVersion: tls.VersionTLS12, ServerName: "db"}, m.configs[0].TLS)
		},
		"mysql://me@db/shop?ssl-mode=REQUIRED": func(m mariadb) {
			assert.True(t, m.configs[0].TLS.InsecureSkipVerify)
			assert.False(t, m.configs[0].AllowFallbackToPlaintext)
		},
		"mysql://me@db/shop?tls-version=TLSv1.3": func(m mariadb) {
			assert.EqualValues(t, tls.VersionTLS13, m.configs[0].TLS.MinVersion)
			assert.False(t, m.configs[0].AllowFallbackToPlaintext)
		},
		"mysql://me@db/shop?tls-version=TLSv1.3&ssl-mode=PREFERRED": func(m mariadb) {
			assert.EqualValues(t, tls.VersionTLS13, m.configs[0].TLS.MinVersion)
			assert.True(t, m.configs[0].AllowFallbackToPlaintext)
		},
		"mysql://me:p/@ss@tcp(db:3307)/shop": func(m mariadb) {
			assert.Equal(t, "me", m.configs[0].User)
			assert.Equal(t, "p/@ss", m.configs[0].Passwd)
			assert.Equal(t, "db:3307", m.configs[0].Addr)
		},
	} {
		database, err := Parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, "mysql", database.System())
		check(database.dialect.(mariadb))
	}
	for query, message := range map[string]string{
		"ssl-mode=maybe":                                 "the option ssl-mode asks for security, and cannot be honoured",
		"ssl-ca=" + authority:                            "holds no certificate as PEM",
		"ssl-ca=/no/such/ca.pem":                         "the file /no/such/ca.pem cannot be read",
		"ssl-mode=REQUIRED&ssl-cert=/none&ssl-key=/none": "the file /none cannot be read",
	} {
		_, err := Parse("mysql://me@db/shop?" + query)
		assert.ErrorContains(t, err, message)
	}
}

func TestParseSQLite(t *testing.T) {
	database, err := Parse("sqlite:////srv/a%20b%23c.db?timeout=20")
	require.NoError(t, err)
	assert.Equal(t, sqliteFile{"/srv/a b#c.db"}, database.dialect)
	assert.Equal(t, "sqlite", database.System())
	assert.Equal(t, []string{"timeout"}, database.Ignored())
	for _, query := range []string{"key=x", "cipher=sqlcipher", "_pragma_key=x"} {
		_, err = Parse("sqlite:////srv/app.db?" + query)
		assert.ErrorContains(t, err, "asks for an encrypted file")
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"postgres://u:hunter2@h/d", "mysql://u:hunter2@[::1]:1/d?ssl-ca=x", "sqlite:////a", "oracle://u:hunter2@h", "postgres://u:hunter2@%zz/d",
		"postgres://u:hunter2@h:port/d", "postgres://u:hunter2@h/d?sslmode=hunter2", "postgres://u:hunter2@h,i:1,2/d", "://", "postgres://?a=%",
	} {
		f.Add(text)
	}
	// What an error names is a scheme, an option and a file, none of which is a secret.
	named := regexp.MustCompile(`^[^:]*hunter2|[?&;][^=&;@/:]*hunter2[^=&;@/:]*([=&;]|$)`)
	f.Fuzz(func(t *testing.T, text string) {
		// No password file of the machine that runs the test.
		t.Setenv("PGPASSFILE", os.DevNull)
		if _, err := Parse(text); err != nil && !named.MatchString(text) && !strings.Contains(err.Error(), "file ") {
			assert.NotContains(t, err.Error(), "hunter2")
		}
	})
}
