// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dbtest

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/headcount-otel/headcount/internal/debian"
)

// MariaDB starts a server that ends with the test. Its first database is "mysql".
func MariaDB(t testing.TB) Server {
	t.Helper()
	const install = "/usr/bin/mariadb-install-db"
	mariadbd := func() string { return find("/usr/sbin/mariadbd", "/usr/libexec/mariadbd", "/usr/local/*/bin/mariadbd") }
	debian.Needs(t, func() bool { return mariadbd() != "" && find(install) != "" }, "mariadb-server")

	folder := newFolder(t)
	data := filepath.Join(folder, "data")
	run(t, folder, install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db")
	users := write(t, folder, "users.sql",
		"CREATE USER '"+Admin+"'@'127.0.0.1' IDENTIFIED BY '"+AdminPassword+"';\n"+
			"GRANT ALL ON *.* TO '"+Admin+"'@'127.0.0.1' WITH GRANT OPTION;\n"+
			"CREATE USER '"+Reader+"'@'127.0.0.1' IDENTIFIED BY '"+ReaderPassword+"';\n"+
			"GRANT SELECT ON *.* TO '"+Reader+"'@'127.0.0.1';\n")
	s := Server{Port: freePort(t), scheme: "mysql"}
	admin := mysql.NewConfig()
	admin.Net, admin.Addr, admin.User, admin.Passwd, admin.DBName = "tcp", s.Address(), Admin, AdminPassword, "mysql"
	serve(t, folder, mariadbd(), []string{
		"--no-defaults", "--datadir=" + data, "--port=" + strconv.Itoa(s.Port), "--bind-address=127.0.0.1",
		"--socket=" + filepath.Join(folder, "s"), "--skip-name-resolve", "--init-file=" + users,
		"--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci",
		"--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=16M",
	}, "mysql", admin.FormatDSN())
	return s
}
