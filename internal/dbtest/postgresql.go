// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dbtest

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"strconv"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/headcount-otel/headcount/internal/debian"
)

// PostgreSQL starts a server that ends with the test. Its first database is "postgres".
func PostgreSQL(t testing.TB) Server {
	t.Helper()
	initdb := func() string { return find("/usr/lib/postgresql/*/bin/initdb", "/usr/local/*/bin/initdb") }
	debian.Needs(t, func() bool { return initdb() != "" }, "postgresql")
	programs := filepath.Dir(initdb())

	folder := newFolder(t)
	data := filepath.Join(folder, "data")
	run(t, folder, filepath.Join(programs, "initdb"), "--pgdata="+data, "--username="+Admin, "--auth=scram-sha-256",
		"--pwfile="+write(t, folder, "password", AdminPassword), "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	s := Server{Port: freePort(t), scheme: "postgres"}
	admin := (&url.URL{Scheme: s.scheme, User: url.UserPassword(Admin, AdminPassword), Host: s.Address(), Path: "/postgres"}).String()
	serve(t, folder, filepath.Join(programs, "postgres"), []string{
		"-D", data, "-p", strconv.Itoa(s.Port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
	}, "pgx", admin)

	db, err := sql.Open("pgx", admin)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		"CREATE ROLE " + Reader + " LOGIN PASSWORD '" + ReaderPassword + "'",
		"GRANT pg_read_all_data TO " + Reader,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	return s
}
