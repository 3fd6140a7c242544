// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dbtest

import (
	"database/sql"
	"fmt"
	"testing"
)

// numbers is a relation n(i) of 1 to count, in each kind of database.
var numbers = map[string]string{
	"postgresql": "generate_series(1, %d) AS n(i)",
	"mariadb":    "(SELECT seq AS i FROM seq_1_to_%d) AS n",
	"sqlite":     "(WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r LIMIT %d) SELECT i FROM r) AS n",
}

// QueryLog makes sql-explorer's tables, with a query log of so many rows by so many users, in a
// database of this kind (postgresql, mariadb or sqlite), and has it analyzed.
func QueryLog(t testing.TB, kind string, db *sql.DB, rows, users int) {
	t.Helper()
	text := map[string]string{"postgresql": "repeat('x', 120)", "mariadb": "REPEAT('x', 120)", "sqlite": "hex(zeroblob(60))"}[kind]
	for _, statement := range []string{
		"CREATE TABLE explorer_querylog (id bigint PRIMARY KEY, sql_text text NOT NULL, run_by_user_id bigint NULL, duration double precision NULL, success boolean NOT NULL)",
		"CREATE TABLE explorer_query (id bigint PRIMARY KEY, database_connection_id bigint NULL)",
		"CREATE TABLE explorer_databaseconnection (id bigint PRIMARY KEY)",
		"CREATE TABLE django_migrations (id bigint PRIMARY KEY, app varchar(255), applied timestamp NULL)",
		"INSERT INTO django_migrations VALUES (1, 'explorer', '2024-08-15 10:00:00')",
		fmt.Sprintf("INSERT INTO explorer_querylog SELECT i, %s, NULLIF(i %% %d, 0), i %% 90, i %% 10 > 0 FROM "+numbers[kind], text, users+1, rows),
		fmt.Sprintf("INSERT INTO explorer_query SELECT i, NULLIF(i %% 6, 0) FROM "+numbers[kind], 500),
		fmt.Sprintf("INSERT INTO explorer_databaseconnection SELECT i FROM "+numbers[kind], 5),
		"CREATE INDEX querylog_user ON explorer_querylog (run_by_user_id)",
		"CREATE INDEX query_connection ON explorer_query (database_connection_id)",
		map[string]string{
			"postgresql": "VACUUM ANALYZE", "sqlite": "ANALYZE",
			"mariadb": "ANALYZE TABLE explorer_querylog, explorer_query, explorer_databaseconnection",
		}[kind],
	} {
		mustExec(t, db, statement)
	}
}
