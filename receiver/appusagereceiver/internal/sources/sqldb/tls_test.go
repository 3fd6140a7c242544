// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb"
)

// demand is what a URL asks for, in order of strength.
type demand int

const (
	plain demand = iota
	either
	encrypted
	authority
	verified
)

// demands are those of many clients' URLs; CA stands for the authority's file.
var demands = map[string]demand{
	"sslmode=disable": plain, "ssl=false": plain, "ssl-mode=DISABLED": plain, "useSSL=false&allowPublicKeyRetrieval=true": plain, "ssl_disabled=True": plain,
	"": either, "sslmode=prefer": either, "tls=preferred": either, "sslMode=PREFERRED": either,
	"sslmode=require": encrypted, "sslmode=no-verify": encrypted, "ssl-mode=REQUIRED": encrypted, "sslaccept=accept_invalid_certs": encrypted,
	`ssl={"rejectUnauthorized":false}`: encrypted, "tls=skip-verify": encrypted, "useSSL=true&requireSSL=true": encrypted, "ssl=require": encrypted,
	"ssl=true&trustServerCertificate=true&sslmode=require": verified,
	"sslmode=verify-ca": authority, "sslmode=verify-ca&sslrootcert=CA": authority, "ssl_mode=verify_ca&sslca=CA": authority,
	"verifyServerCertificate=true&useSSL=true": authority, "ssl-ca=CA": authority, "ssl_ca=CA&ssl_verify_cert=true": authority,
	"sslmode=verify-full": verified, "sslmode=verify-full&sslrootcert=CA": verified, "ssl-mode=VERIFY_IDENTITY&ssl-ca=CA": verified,
	"sslaccept=strict&ssl-ca=CA": verified, "ssl=true&ssl-ca=CA": verified, `ssl={"rejectUnauthorized":true}&sslrootcert=CA`: verified, "tls=true&ssl-ca=CA": verified,
	"sslverify=true&sslca=CA": authority, "MYSQL_ATTR_SSL_CA=CA": verified, "ssl_verify_identity=true&ssl_ca=CA": verified, "tls=true": verified,
}

// faults are certificates, and what is said of each to who verifies as far as to see it.
var faults = []struct {
	name   string
	change func(*x509.Certificate)
	seen   demand
	says   string
}{
	{name: "good", seen: verified + 1},
	{"of another host", func(c *x509.Certificate) { c.DNSNames = []string{"db.example.com"} }, verified, "not for the host that the URL names"},
	{"expired", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-24 * time.Hour) }, authority, "the server's certificate has expired"},
	{"named the old way", func(c *x509.Certificate) { c.DNSNames = nil }, verified, "not for the host that the URL names"},
	{"not yet valid", func(c *x509.Certificate) { c.NotBefore = time.Now().Add(30 * time.Minute) }, authority, "the server's certificate has expired, or is not valid yet"},
	{"for clients alone", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, authority, "the server's certificate is not one for servers"},
}

// TestDemandsForTLSAreKept has each demand in each client's words meet each certificate: it connects
// as it was asked to, or says why not.
func TestDemandsForTLSAreKept(t *testing.T) {
	for _, kind := range []dbtest.Kind{dbtest.PostgreSQL, dbtest.MariaDB} {
		t.Run(kind.Name, func(t *testing.T) {
			trusted, other := dbtest.NewAuthority(t), dbtest.NewAuthority(t)
			certificate, key := trusted.Issue(t, "server", nil)
			server := kind.Secured(certificate, key).Own(t)
			name, _ := server.Database(t)
			base := strings.Replace(server.URL(dbtest.Reader, name), "127.0.0.1", "localhost", 1)
			for i, fault := range faults {
				if i > 2 && os.Getenv("HEADCOUNT_PROVE") == "" {
					break // which make prove tries too
				}
				if i > 0 {
					server.Kill()
					trusted.Issue(t, "server", fault.change)
					server.Start(t)
				}
				tried := map[string]bool{}
				for _, query := range slices.Sorted(maps.Keys(demands)) {
					asked := demands[query]
					like := fmt.Sprint(asked, strings.Contains(query, "=CA"))
					if i > 0 && tried[like] {
						continue // the others differ in their words alone, and the good certificate has seen them all
					}
					tried[like] = true
					connects(t, fault.name, base+"?"+strings.ReplaceAll(query, "=CA", "="+trusted.File()), kind, asked, func() string {
						switch {
						case asked < authority:
							return ""
						case !strings.Contains(query, "=CA"):
							return "the server's certificate"
						case asked >= fault.seen:
							return fault.says
						default:
							return ""
						}
					}())
				}
			}
			server.Kill()
			trusted.Issue(t, "server", nil)
			server.Start(t)
			connects(t, "another authority", base+"?sslmode=verify-full&sslrootcert="+other.File(), kind, verified, "of an authority that is not trusted here")
		})
	}
}

// connects opens a session, and asks the server itself whether it is encrypted.
func connects(t *testing.T, fault, url string, kind dbtest.Kind, asked demand, refusal string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, query, _ := strings.Cut(url, "?")
	about := fmt.Sprintf("%s: a certificate %s, %s", kind.Name, fault, query)
	session, err := parse(t, url).Open(ctx)
	if refusal != "" {
		require.ErrorContains(t, err, refusal, about)
		return
	}
	require.NoError(t, err, about)
	defer session.Close()
	answer := session.Read(ctx, []sqldb.Query{{Kind: sqldb.SQL, Text: map[string]string{
		dbtest.PostgreSQL.Name: "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
		dbtest.MariaDB.Name:    "SELECT variable_value <> '' FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'",
	}[kind.Name]}})[0]
	require.NoError(t, answer.Err, about)
	assert.Contains(t, []source.Value{asked != plain, map[bool]int64{true: 1}[asked != plain]}, answer.Value, about)
}

// TestServersWithoutTLS: who asks for it does not connect.
func TestServersWithoutTLS(t *testing.T) {
	ca := dbtest.NewAuthority(t).File()
	for _, kind := range []dbtest.Kind{dbtest.PostgreSQL, dbtest.MariaDB} {
		t.Run(kind.Name, func(t *testing.T) {
			server := kind.Shared(t)
			name, _ := server.Database(t)
			for query, asked := range demands {
				refusal := "the server speaks no TLS, and the URL asks for it"
				if asked < encrypted && query != "" {
					continue // as with everything else that is tested
				}
				if asked < encrypted {
					refusal = ""
				}
				connects(t, "not there", server.URL(dbtest.Reader, name)+"?"+strings.ReplaceAll(query, "=CA", "="+ca), kind, plain, refusal)
			}
		})
	}
}

// TestServersThatWantTLS want it, or a certificate of ours, of some users.
func TestServersThatWantTLS(t *testing.T) {
	authority := dbtest.NewAuthority(t)
	certificate, key := authority.Issue(t, "server", nil)
	client, clientKey := authority.Issue(t, "client", func(c *x509.Certificate) { c.Subject.CommonName = "careful" })
	files := "&sslrootcert=" + authority.File() + "&sslcert=" + client + "&sslkey=" + clientKey
	for _, kind := range []dbtest.Kind{dbtest.PostgreSQL, dbtest.MariaDB} {
		t.Run(kind.Name, func(t *testing.T) {
			server := kind.Secured(certificate, key).Trusting(authority).Own(t)
			name, owner := server.Database(t)
			switch kind.Name {
			case dbtest.PostgreSQL.Name:
				exec(t, owner, "CREATE ROLE careful LOGIN PASSWORD '"+dbtest.Password+"'; CREATE ROLE secret LOGIN PASSWORD '"+dbtest.Password+"'")
				rules, err := os.ReadFile(server.Folder + "/data/pg_hba.conf")
				require.NoError(t, err)
				rules = append([]byte("hostssl all careful all scram-sha-256 clientcert=verify-full\nhostnossl all careful all reject\nhostssl all secret all scram-sha-256\nhostnossl all secret all reject\n"), rules...)
				require.NoError(t, os.WriteFile(server.Folder+"/data/pg_hba.conf", rules, 0o600))
				server.Kill()
				server.Start(t)
			default:
				exec(t, owner, "CREATE USER careful@'127.0.0.1' IDENTIFIED BY '"+dbtest.Password+"' REQUIRE X509; CREATE USER secret@'127.0.0.1' IDENTIFIED BY '"+dbtest.Password+"' REQUIRE SSL;"+
					"GRANT SELECT ON "+name+".* TO careful@'127.0.0.1', secret@'127.0.0.1'")
			}
			url := func(user, query string) string {
				return strings.Replace(server.URL(user, name), "127.0.0.1", "localhost", 1) + "?" + query
			}
			connects(t, "of ours", url("careful", "sslmode=verify-full"+files), kind, verified, "")
			connects(t, "of none", url("secret", ""), kind, either, "")
			connects(t, "of none", url("secret", "sslmode=disable"), kind, plain, map[string]string{
				dbtest.PostgreSQL.Name: "the server lets this user into this database neither from here nor in plain text (pg_hba.conf)",
				dbtest.MariaDB.Name:    "the database refuses the user or the password, or asks of this user for TLS or a certificate",
			}[kind.Name])
			connects(t, "of none", url("careful", "sslmode=require"), kind, encrypted, map[string]string{
				dbtest.PostgreSQL.Name: "the server asks of this user for a client's certificate: name it with sslcert and sslkey",
				dbtest.MariaDB.Name:    "the database refuses the user or the password, or asks of this user for TLS or a certificate",
			}[kind.Name])
		})
	}
}

// TestFilesOfCertificates: a file that is not there, or is none, is named before anything is connected.
func TestFilesOfCertificates(t *testing.T) {
	authority := dbtest.NewAuthority(t)
	certificate, key := authority.Issue(t, "client", nil)
	_, otherKey := authority.Issue(t, "other", nil)
	empty := t.TempDir() + "/empty.pem"
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for query, says := range map[string]string{
		"sslmode=verify-full&sslrootcert=/none/ca.pem":                               "the file /none/ca.pem cannot be read",
		"sslmode=verify-full&sslrootcert=" + empty:                                   "holds no certificate",
		"sslmode=require&sslcert=/none/c.pem&sslkey=" + key:                          "the file /none/c.pem cannot be read",
		"sslmode=require&sslcert=" + certificate + "&sslkey=" + otherKey:             "do not belong together",
		"sslmode=require&sslcert=" + key + "&sslkey=" + key:                          "sslcert (ssl-cert)",
		"sslmode=require&sslcert=" + certificate + "&sslkey=" + key + "&sslcapath=/": "the option sslcapath asks for security",
	} {
		for _, scheme := range []string{"postgres", "mysql"} {
			_, err := sqldb.Parse(scheme + "://me:hunter2@localhost/shop?" + query)
			require.ErrorContains(t, err, says, query)
			assert.NotContains(t, err.Error(), "hunter2")
		}
	}
}

// TestTLSOfAPooler: PgBouncer's certificate is verified as a server's is, and its demand for TLS is understood.
func TestTLSOfAPooler(t *testing.T) {
	authority, other := dbtest.NewAuthority(t), dbtest.NewAuthority(t)
	certificate, key := authority.Issue(t, "pooler", nil)
	server := dbtest.PostgreSQL.Shared(t)
	name, owner := server.Database(t)
	exec(t, owner, "CREATE TABLE t AS SELECT 1 AS id")
	url := server.Pooler(t, "transaction", "client_tls_sslmode = require", "client_tls_cert_file = "+certificate, "client_tls_key_file = "+key)
	base := strings.Replace(url(dbtest.Reader, dbtest.Password, name), "127.0.0.1", "localhost", 1)
	for query, says := range map[string]string{
		"":                "",
		"sslmode=require": "",
		"sslmode=verify-full&sslrootcert=" + authority.File(): "",
		"sslmode=verify-full&sslrootcert=" + other.File():     "of an authority that is not trusted here",
		"sslmode=disable": "the server takes no connections in plain text: write sslmode=require",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		session, err := parse(t, base+"?"+query).Open(ctx)
		if says == "" {
			require.NoError(t, err, query)
			assert.Equal(t, int64(1), session.Read(ctx, []sqldb.Query{{Kind: sqldb.Count, Table: "t"}})[0].Value)
			session.Close()
		} else {
			require.ErrorContains(t, err, says, query)
		}
		cancel()
	}
}
