// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dburl

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
)

func TestURLsAsEnvironmentsHaveThem(t *testing.T) {
	one := func(host, port string) []Host { return []Host{{host, port}} }
	for text, want := range map[string]URL{
		"postgres://me:p%40ss%2Fw%23rd$1@db.example.com:5433/shop": {Kind: PostgreSQL, User: "me", Password: "p@ss/w#rd$1", Hosts: one("db.example.com", "5433"), Database: "shop"},
		"postgresql://me:a:b@c@[2001:db8::1]:5432/shop":            {Kind: PostgreSQL, User: "me", Password: "a:b@c", Hosts: one("2001:db8::1", "5432"), Database: "shop"},
		"pgsql://[::1]/shop":                                       {Kind: PostgreSQL, Hosts: one("::1", ""), Database: "shop"},
		"postgis://me@%2Frun%2Fpostgresql/shop":                    {Kind: PostgreSQL, User: "me", Hosts: one("/run/postgresql", ""), Database: "shop"},
		"psql:///shop?host=/run":                                   {Kind: PostgreSQL, Hosts: one("/run", ""), Database: "shop"},
		"postgresql+psycopg2://h":                                  {Kind: PostgreSQL, Hosts: one("h", "")},
		"postgres://h1:5432,h2:5433,[::1]/shop":                    {Kind: PostgreSQL, Hosts: []Host{{"h1", "5432"}, {"h2", "5433"}, {"::1", ""}}, Database: "shop"},
		"postgres:///shop?host=h1,h2&port=1,2":                     {Kind: PostgreSQL, Hosts: []Host{{"h1", "1"}, {"h2", "2"}}, Database: "shop"},
		"jdbc:postgresql://h:1/shop?user=me&password=a+b%26":       {Kind: PostgreSQL, User: "me", Password: "a+b&", Hosts: one("h", "1"), Database: "shop"},
		"jdbc:mariadb://h/shop?user=me":                            {Kind: MySQL, User: "me", Hosts: one("h", ""), Database: "shop"},
		"mysql2://me@h/shop":                                       {Kind: MySQL, User: "me", Hosts: one("h", ""), Database: "shop"},
		"mysql+pymysql://me@h/shop":                                {Kind: MySQL, User: "me", Hosts: one("h", ""), Database: "shop"},
		"mysql+unix://me:pw@/run/mysqld/mysqld.sock/shop":          {Kind: MySQL, User: "me", Password: "pw", Hosts: one("/run/mysqld/mysqld.sock", ""), Database: "shop"},
		"mysql+unix://me@localhost/run/my%20sql.sock?charset=utf8": {Kind: MySQL, User: "me", Hosts: one("/run/my sql.sock", "")},
		"mysql+unix:/run/mysqld.sock/shop":                         {Kind: MySQL, Hosts: one("/run/mysqld.sock", ""), Database: "shop"},
		"postgres+unix:///run/postgresql/.s.PGSQL.5433/shop":       {Kind: PostgreSQL, Hosts: one("/run/postgresql", "5433"), Database: "shop"},
		"mysqlgis://h/shop":                                        {Kind: MySQL, Hosts: one("h", ""), Database: "shop"},
		"pdo_mysql://h/shop":                                       {Kind: MySQL, Hosts: one("h", ""), Database: "shop"},
		"MariaDB://h/shop":                                         {Kind: MySQL, Hosts: one("h", ""), Database: "shop"},
		"sqlite:///app.sqlite3":                                    {Kind: SQLite, Database: "app.sqlite3"},
		"sqlite:////srv/app.sqlite3":                               {Kind: SQLite, Database: "/srv/app.sqlite3"},
		"sqlite://///srv/app.sqlite3":                              {Kind: SQLite, Database: "/srv/app.sqlite3"},
		"spatialite:////srv/a%20b%23c.db":                          {Kind: SQLite, Database: "/srv/a b#c.db"},
		"sqlite3:db/dev.sqlite3":                                   {Kind: SQLite, Database: "db/dev.sqlite3"},
		"jdbc:sqlite:/srv/app.db":                                  {Kind: SQLite, Database: "/srv/app.db"},
		"sqlite+aiosqlite:///./app.db":                             {Kind: SQLite, Database: "app.db"},
		"file:./dev.db":                                            {Kind: SQLite, Database: "dev.db"},
		"file:///srv/dev.db":                                       {Kind: SQLite, Database: "/srv/dev.db"},
		"r2dbc:pool:postgresql://me@h:1/shop?sslMode=require":      {Kind: PostgreSQL, User: "me", Hosts: one("h", "1"), Database: "shop"},
		"r2dbc:mariadb://h/shop":                                   {Kind: MySQL, Hosts: one("h", ""), Database: "shop"},
		"jdbc:postgresql:shop":                                     {Kind: PostgreSQL, Database: "shop"},
		"jdbc:otel:postgresql://h/shop":                            {Kind: PostgreSQL, Hosts: one("h", ""), Database: "shop"},
		"jdbc:mysql:loadbalance://h1,h2:1/shop":                    {Kind: MySQL, Hosts: []Host{{"h1", ""}, {"h2", "1"}}, Database: "shop"},
		"jdbc:mariadb:sequential://h/shop":                         {Kind: MySQL, Hosts: one("h", ""), Database: "shop"},
		"jdbc:sqlite:file:/srv/app.db?cache=shared":                {Kind: SQLite, Database: "/srv/app.db"},
		"sqlite:///file:app.db?mode=ro&uri=true":                   {Kind: SQLite, Database: "app.db"},
		"postgres://h/shop/":                                       {Kind: PostgreSQL, Hosts: one("h", ""), Database: "shop"},
		"\ufeffpostgres://h/shop":                                  {Kind: PostgreSQL, Hosts: one("h", ""), Database: "shop"},
		"me:a@b:c/d?e@tcp(h:3307)/shop?parseTime=true":             {Kind: MySQL, User: "me", Password: "a@b:c/d?e", Hosts: one("h", "3307"), Database: "shop"},
		"me@unix(/run/mysqld.sock)/shop":                           {Kind: MySQL, User: "me", Hosts: one("/run/mysqld.sock", ""), Database: "shop"},
		"tcp([::1]:3306)/shop":                                     {Kind: MySQL, Hosts: one("::1", "3306"), Database: "shop"},
		`host=h port=5433 user=me password='it\'s a' dbname=shop`:  {Kind: PostgreSQL, User: "me", Password: "it's a", Hosts: one("h", "5433"), Database: "shop"},
		" \"postgres://h/shop\" \n":                                {Kind: PostgreSQL, Hosts: one("h", ""), Database: "shop"},
		"'mysql://h/shop'\r\n":                                     {Kind: MySQL, Hosts: one("h", ""), Database: "shop"},
	} {
		got, err := Parse(text)
		require.NoError(t, err, text)
		got.options = nil
		assert.Equal(t, want, *got, text)
	}
}

func TestWhatIsNoURL(t *testing.T) {
	for text, message := range map[string]string{
		"":                        "a database URL has the form",
		"://h":                    "a database URL has the form",
		"oracle://u:hunter2@h/d":  `the scheme "oracle" names no database that can be read: a database URL has the form`,
		"sqlserver://u:hunter2@h": `the scheme "sqlserver" names`,
		"pgx5://u:hunter2@h/d":    `the scheme "pgx5" names`,
		"django.db.backends.postgresql://u:hunter2@h/d": `the scheme "django.db.backends.postgresql" names`,
		"u:hunter2@h:3306":                               "a database URL has the form",
		"postgres://u:1/hunter2@h/d":                     "a database URL has the form",
		"postgres://u:1?hunter2@h/d":                     "a database URL has the form",
		"mysql://u:1?a=hunter2@h/d":                      "a database URL has the form",
		"password=hunter2 user=u":                        "a database URL has the form",
		"Host=h;Password=hunter2":                        "it is .NET's connection string (Host=…;Username=…;Password=…): a database URL has the form",
		"Server=h;Pwd=hunter2":                           "it is .NET's connection string",
		"User ID=u;Pwd=hunter2;":                         "it is .NET's connection string",
		"Data Source=hunter2.db":                         "of a SQLite file write sqlite:////absolute/path",
		"Driver={x};Pwd=hunter2":                         "it is ODBC's connection string",
		"mysql:host=hunter2;port=1":                      "it is PHP's data source name",
		"pgsql:host=h;user=hunter2":                      "it is PHP's data source name",
		"ecto://u:hunter2@h/d":                           "write postgres:// or mysql:// for ecto://",
		"r2dbcs:mysql://u:hunter2@h":                     "that demands TLS: leave out r2dbcs:",
		"DB_URL=mysql://hunter2@h/d":                     "an assignment, of which only what follows = is the URL",
		"r2dbc:h2:mem:///hunter2":                        "a database URL has the form",
		"mysql+unix://u:hunter2@/run/mysqld/shop":        "write mysql://user:password@/name?unix_socket=",
		"postgres+unix://u:hunter2@/run/postgresql/shop": "the path is a socket's file",
		"mysql+srv://u:hunter2@h":                        `the scheme "mysql+srv" names`,
		"postgres+ssl://h":                               `the scheme "postgres+ssl" names`,
		"jdbc:h2:mem:test":                               "a database URL has the form",
		"jdbc:oracle:thin:@h":                            `the scheme "oracle" names`,
		"mysql://(host=h)/d":                             "a database URL has the form",
		"sqlite:///%kernel.dir%/d":                       "a % in it begins no two hexadecimal digits",
		"postgres://u:hunter2%@h":                        "a % in it begins no two hexadecimal digits",
		"file:x?mode=memory":                             "sqlite:////absolute/path",
		"postgres://u:hunter2@%zz":                       "a database URL has the form",
		"mysql://u:hunter2@h:port":                       "a database URL has the form",
		"sqlite://":                                      "sqlite:////absolute/path",
		"sqlite:///":                                     "sqlite:////absolute/path",
		"sqlite:///:memory:":                             "sqlite:////absolute/path",
		"sqlite://app.sqlite3":                           "sqlite:////absolute/path",
	} {
		_, err := Parse(text)
		require.ErrorContains(t, err, message, text)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}

func TestDemandsForTLS(t *testing.T) {
	file, key := dbtest.NewAuthority(t).Issue(t, "client", nil)
	for query, mode := range map[string]Mode{
		"":                                     Unsaid,
		"sslmode=disable":                      Off,
		"sslmode=prefer":                       Preferred,
		"sslmode=require":                      Required,
		"sslmode=no-verify":                    Required,
		"sslmode=verify-ca":                    VerifyCA,
		"sslmode=verify-full":                  VerifyFull,
		"ssl-mode=VERIFY_IDENTITY":             VerifyFull,
		"ssl_mode=verify_ca":                   VerifyCA,
		"sslMode=REQUIRED":                     Required,
		"sslMode=trust":                        Required,
		"sslaccept=strict":                     VerifyFull,
		"sslaccept=accept_invalid_certs":       Required,
		"sslmode=require&sslaccept=strict":     VerifyFull,
		"ssl=true":                             VerifyFull,
		"ssl":                                  VerifyFull,
		"ssl=1":                                VerifyFull,
		"ssl=false":                            Off,
		"ssl=require":                          Required,
		`ssl={"rejectUnauthorized":true}`:      VerifyFull,
		`ssl=%7B"rejectUnauthorized":false%7D`: Required,
		"ssl={}":                               VerifyFull,
		"tls=true":                             VerifyFull,
		"tls=skip-verify":                      Required,
		"tls=preferred":                        Preferred,
		"tls=false":                            Off,
		"useSSL=true":                          Required,
		"useSSL=true&requireSSL=true":          Required,
		"ssl_disabled=True":                    Off,
		"sslverify=true":                       VerifyCA,
		"flags=-FOUND_ROWS,+SSL":               Required,
		"flags=-SSL":                           Unsaid,
		"ssl_mode=SSL_MODE_VERIFY_IDENTITY":    VerifyFull,
		"tls_min_version=1.2&ssl_mode=require": Required,
		"useSSL=true&verifyServerCertificate=true": VerifyCA,
		"useSSL=false": Off,
		"useSSL=false&allowPublicKeyRetrieval=true": Off,
		"encrypt=true":                                 Required,
		"secure=true":                                  Required,
		"trustServerCertificate=true":                  Required,
		"trustServerCertificate=false":                 VerifyFull,
		"ssl_verify_cert=true":                         VerifyCA,
		"ssl_verify_identity=1":                        VerifyFull,
		"ssl_check_hostname=true":                      VerifyFull,
		"MYSQL_ATTR_SSL_CA=" + file:                    VerifyFull,
		"ssl_ca=" + file:                               VerifyCA,
		"sslrootcert=" + file:                          VerifyCA,
		"sslrootcert=" + file + "&sslmode=verify-full": VerifyFull,
		"ssl=true&sslfactory=org.postgresql.ssl.NonValidatingFactory":  VerifyFull,
		"sslfactory=org.postgresql.ssl.NonValidatingFactory":           Required,
		"sslcert=" + file + "&sslkey=" + key:                           Required,
		"requiressl=1":                                                 Required,
		"sslmode=disable&tls=preferred":                                Preferred,
		"client_flag=2048":                                             Required,
		"client_flags=MYSQLI_CLIENT_SSL":                               Required,
		"flags=0x2":                                                    Unsaid,
		"ssl_min_protocol_version=TLSv1.3&sslmode=require":             Required,
		"ssl_min_protocol_version=TLSv1.3":                             Required,
		"ssl_min_protocol_version=TLSv1.3&sslmode=prefer":              Preferred,
		"tlsVersions=TLSv1.2,TLSv1.3":                                  Required,
		"enabledTLSProtocols=TLSv1.2&useSSL=false":                     Off,
		"sslcompression=1":                                             Unsaid,
		"charset=utf8mb4&connection_limit=5":                           Unsaid,
		"cachePrepStmts=true&readReplica=x&schema=secure&timeout=1000": Unsaid,
		"tls=true&allowFallbackToPlaintext=true":                       VerifyFull,
	} {
		for _, scheme := range []string{"postgres", "mysql"} {
			u, err := Parse(scheme + "://h/d?" + query)
			require.NoError(t, err, query)
			got, err := u.Security()
			require.NoError(t, err, query)
			assert.Equal(t, mode, got.Mode, query)
		}
	}
}

func TestDemandsThatCannotBeHonoured(t *testing.T) {
	for query, name := range map[string]string{
		"sslmode=maybe":                           "sslmode",
		"options[1014]=true":                      "options[1014]",
		"1009=/hunter2":                           "1009",
		"protocol=SSL":                            "protocol",
		"transport=tls":                           "transport",
		"caFile=/hunter2":                         "caFile",
		"ca=/hunter2":                             "ca",
		"server_ca=/hunter2":                      "server_ca",
		"pem=hunter2":                             "pem",
		"fingerprint=hunter2":                     "fingerprint",
		"allowPlaintext=false":                    "allowPlaintext",
		"ssl=maybe":                               "ssl",
		`ssl={"ca":"hunter2"}`:                    "ssl",
		"ssl={broken":                             "ssl",
		"tls=custom":                              "tls",
		"sslmode=disable&ssl=true":                "sslmode",
		"useSSL=false&requireSSL=true":            "useSSL",
		"sslcrl=/hunter2":                         "sslcrl",
		"sslidentity=hunter2":                     "sslidentity",
		"ssl_cipher=hunter2":                      "ssl_cipher",
		"tls_version=hunter2":                     "tls_version",
		"serverSslCert=hunter2":                   "serverSslCert",
		"trustStore=hunter2":                      "trustStore",
		"clientCertificateKeyStoreUrl=x":          "clientCertificateKeyStoreUrl",
		"encryption=hunter2":                      "encryption",
		"verify-peer=hunter2":                     "verify-peer",
		"sslfactory=hunter2":                      "sslfactory",
		"ssl-ca=":                                 "ssl-ca",
		"pool=1?sslmode=require":                  "sslmode",
		"sslmode=disable&sslcert=x&sslkey=x":      "sslmode",
		`dialectOptions={"ssl":{"require":true}}`: "dialectOptions",
		`options=%7B"tls":true%7D`:                "options",
		"pool=1#ssl-mode=REQUIRED":                "ssl-mode",
		"read_default_file=/etc/my.cnf":           "read_default_file",
	} {
		for scheme, instead := range map[string]string{"postgres": "write sslmode=verify-full", "mysql": "write ssl-mode=VERIFY_IDENTITY"} {
			u, err := Parse(scheme + "://h/d?" + query)
			require.NoError(t, err, query)
			_, err = u.Security()
			require.ErrorContains(t, err, "the option "+name+" asks for security, and cannot be honoured", query)
			require.ErrorContains(t, err, instead, query)
			assert.NotContains(t, err.Error(), "hunter2")
		}
	}
	for _, text := range []string{"postgres://h/d&sslmode=require", "mysql://h/d;ssl-mode=REQUIRED?x=1", "tcp(h)/d&tls=true"} {
		u, err := Parse(text)
		require.NoError(t, err, text)
		_, err = u.Security()
		require.ErrorContains(t, err, "it stands where no option begins", text)
	}
	for query, message := range map[string]string{
		"sslrootcert=/no/such/ca.pem":                        "sslrootcert (ssl-ca): the file /no/such/ca.pem cannot be read",
		"sslmode=require&sslkey=/x&sslcert=/no/such/crt.pem": "sslcert (ssl-cert): the file /no/such/crt.pem cannot be read",
		"sslcert=" + os.Args[0]:                              "sslcert (ssl-cert) and sslkey (ssl-key) belong together",
	} {
		u, err := Parse("postgres://h/d?" + query)
		require.NoError(t, err, query)
		_, err = u.Security()
		assert.ErrorContains(t, err, message, query)
	}
}

// Whatever an option is called that nobody knows, its demand is refused, and what is harmless is named.
func TestUnknownOptions(t *testing.T) {
	u, err := Parse("mysql://h/d?pgbouncer=true&serverVersion=8&pool=5&conn_max_age=60&charset=utf8")
	require.NoError(t, err)
	_, err = u.Security()
	require.NoError(t, err)
	assert.Equal(t, []string{"charset", "conn_max_age", "pgbouncer", "pool", "serverVersion"}, u.Left())
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"postgres://u:hunter2@h/d?sslmode=hunter2", "mysql://u:hunter2@[::1]:1/d?ssl=hunter2", "sqlite:////a?key=hunter2", "oracle://u:hunter2@h",
		"postgres://u:hunter2@%zz/d", "postgres://h1,h2:1/d?host=%2F", "://", "jdbc:sqlite:x", "'mysql://h'", "hunter2:",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := Parse(text)
		if err == nil {
			_, err = u.Security()
		}
		if scheme, _, _ := strings.Cut(text, ":"); err != nil && !strings.Contains(scheme, "hunter2") && !strings.Contains(err.Error(), "file ") {
			for _, name := range optionNames(u) {
				if strings.Contains(name, "hunter2") {
					return
				}
			}
			assert.NotContains(t, err.Error(), "hunter2")
		}
	})
}

func optionNames(u *URL) (names []string) {
	if u != nil {
		for _, o := range u.options {
			names = append(names, o.name)
		}
	}
	return names
}
