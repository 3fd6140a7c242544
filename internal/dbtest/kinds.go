// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dbtest

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	_ "github.com/go-sql-driver/mysql" // the driver of MariaDB
	_ "github.com/jackc/pgx/v5/stdlib" // the driver of PostgreSQL
	"github.com/stretchr/testify/require"
)

// Password of both users of every server: it needs percent-encoding on purpose.
const Password = "p@ss/w#rd?$100%"

// The users: Owner may do all, Reader may only SELECT.
const (
	Owner  = "owner"
	Reader = "reader"
)

// PostgreSQL is Debian's.
var PostgreSQL = Kind{
	Name:     "postgresql",
	packages: []string{"postgresql"},
	programs: []string{"initdb", "postgres"},
	setup: func(s *Server) [][]string {
		init := `"$1" -D "$2/data" -U owner --auth-local=trust --auth-host=scram-sha-256 --pwfile=/dev/stdin -E UTF8 --locale=C.UTF-8 --no-sync`
		return [][]string{{
			"sh", "-c", "printf '%s\\n' \"$3\" | " + init,
			"sh", locate("initdb"), s.Folder, Password,
		}}
	},
	serve: func(s *Server) []string {
		return []string{
			locate("postgres"), "-D", filepath.Join(s.Folder, "data"), "-p", strconv.Itoa(s.Port), "-k", s.Folder,
			"-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=50",
		}
	},
	url: func(s *Server, user, database string) string {
		return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s", user, url.QueryEscape(Password), s.Port, database)
	},
}

// elsewhere is where a MariaDB that is not Debian's looks for what belongs to it.
func elsewhere() []string {
	if other := os.Getenv(Elsewhere); other != "" {
		return []string{"--basedir=" + other}
	}
	return nil
}

// MariaDB is Debian's.
var MariaDB = Kind{
	Name:     "mariadb",
	packages: []string{"mariadb-server"},
	programs: []string{"mariadbd", "mariadb-install-db"},
	setup: func(s *Server) [][]string {
		users := ""
		for _, user := range []string{Owner, Reader} {
			users += fmt.Sprintf("CREATE USER %s@'127.0.0.1' IDENTIFIED BY '%s'; ", user, Password)
		}
		grant := "GRANT ALL ON *.* TO owner@'127.0.0.1' WITH GRANT OPTION;"
		server := `"$1" --no-defaults ` + strings.Join(elsewhere(), " ") + ` --datadir="$2/data" --bootstrap --skip-grant-tables=0`
		return [][]string{
			append([]string{locate("mariadb-install-db"), "--no-defaults"}, append(elsewhere(), "--datadir="+filepath.Join(s.Folder, "data"), "--skip-test-db", "--skip-name-resolve")...),
			{"sh", "-c", "printf '%s\\n' 'FLUSH PRIVILEGES;' \"$3\" \"$4\" | " + server, "sh", locate("mariadbd"), s.Folder, strings.ReplaceAll(users, "; ", ";\n"), grant},
		}
	},
	serve: func(s *Server) []string {
		// Since 11.4 a server without a certificate makes itself a key whenever it starts, for seconds.
		return append(append([]string{locate("mariadbd"), "--no-defaults", "--skip-ssl"}, elsewhere()...),
			"--datadir="+filepath.Join(s.Folder, "data"), "--bind-address=127.0.0.1",
			"--port="+strconv.Itoa(s.Port), "--socket="+filepath.Join(s.Folder, "sock"), "--pid-file="+filepath.Join(s.Folder, "pid"),
			"--innodb-flush-log-at-trx-commit=2", "--character-set-server=utf8mb4", "--skip-name-resolve")
	},
	url: func(s *Server, user, database string) string {
		return fmt.Sprintf("mysql://%s:%s@127.0.0.1:%d/%s", user, url.QueryEscape(Password), s.Port, database)
	},
}

// URL of a database as dj-database-url writes it.
func (s *Server) URL(user, database string) string { return s.url(s, user, database) }

func (s *Server) connect(t testing.TB, database string) *sql.DB {
	t.Helper()
	var db *sql.DB
	var err error
	if s.Name == MariaDB.Name {
		db, err = sql.Open("mysql", fmt.Sprintf("%s:%s@tcp(127.0.0.1:%d)/%s?multiStatements=true&parseTime=true", Owner, Password, s.Port, database))
	} else {
		if database == "" {
			database = "postgres"
		}
		db, err = sql.Open("pgx", s.URL(Owner, database)+"?default_query_exec_mode=simple_protocol")
	}
	require.NoError(t, err)
	return db
}

var databases atomic.Int32

// Database makes an empty database of the test's own, open for its owner.
// Reader may read all that will be in it.
func (s *Server) Database(t testing.TB) (name string, db *sql.DB) {
	t.Helper()
	name = fmt.Sprintf("test%d", databases.Add(1))
	server := s.connect(t, "")
	defer func() { _ = server.Close() }()
	_, err := server.Exec("CREATE DATABASE " + name)
	require.NoError(t, err)
	db = s.connect(t, name)
	t.Cleanup(func() { _ = db.Close() })
	if s.Name == MariaDB.Name {
		_, err = db.Exec("GRANT SELECT ON " + name + ".* TO reader@'127.0.0.1'")
	} else {
		_, err = db.Exec(fmt.Sprintf(`DO $$ BEGIN CREATE ROLE reader LOGIN PASSWORD '%s'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
			ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader`, Password))
	}
	require.NoError(t, err)
	return name, db
}
