// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dbtest_test

import (
	"database/sql"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/internal/dbtest"
)

func TestReaderReadsAndCannotWrite(t *testing.T) {
	t.Parallel()
	for name, server := range map[string]func(t *testing.T) *sql.DB{
		"PostgreSQL": func(t *testing.T) *sql.DB {
			db, err := sql.Open("pgx", dbtest.PostgreSQL(t).URL("postgres"))
			require.NoError(t, err)
			return db
		},
		"MariaDB": func(t *testing.T) *sql.DB {
			c := mysql.NewConfig()
			c.Net, c.Addr, c.User, c.Passwd, c.DBName = "tcp", dbtest.MariaDB(t).Address(), dbtest.Reader, dbtest.ReaderPassword, "mysql"
			db, err := sql.Open("mysql", c.FormatDSN())
			require.NoError(t, err)
			return db
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := server(t)
			t.Cleanup(func() { _ = db.Close() })
			var one int
			require.NoError(t, db.QueryRow("SELECT 1").Scan(&one))
			assert.Equal(t, 1, one)
			_, err := db.Exec("CREATE TABLE t (n int)")
			assert.Error(t, err)
		})
	}
}
