// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgres is a PostgreSQL database, by its parsed URL.
type postgres struct {
	config *pgx.ConnConfig
	// schema is where tables without one are looked for; empty leaves it to the server.
	schema string
}

func (postgres) system() string { return "postgresql" }

func (p postgres) connect(time.Time) (pool, error) {
	return pool{DB: stdlib.OpenDB(*p.config)}, nil
}

// begin has the server refuse what row-level security would hide, instead of counting the rest, and write times as ISO 8601.
func (p postgres) begin() []string {
	text := "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL row_security = off; SET LOCAL datestyle = 'ISO'"
	if p.schema != "" {
		var names []string
		for name := range strings.SplitSeq(p.schema, ",") {
			names = append(names, p.quote(strings.Trim(strings.TrimSpace(name), `"`)))
		}
		text += "; SET LOCAL search_path = " + strings.Join(names, ", ")
	}
	return []string{text + "; SAVEPOINT reading"}
}

func (postgres) bound(limit time.Duration) string {
	return fmt.Sprintf("SET LOCAL statement_timeout = %s; SET LOCAL lock_timeout = %s",
		milliseconds(limit), milliseconds(min(lockWait, limit)))
}

func (postgres) quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

func (postgres) placeholder(n int) string { return "$" + strconv.Itoa(n) }

func (postgres) bytes(expr string) string { return "octet_length(" + expr + "::text)" }

func (postgres) characters(expr string) string { return "char_length(" + expr + "::text)" }

// expected is how many rows the planner expects in pg_class c, whose figures it scales to the size that the table has now.
// Of what holds no rows of its own, or more than its own, of what was never analyzed and of what a standby does not have it
// knows nothing: -1.
const expected = `CASE WHEN c.relkind NOT IN ('r', 'm') OR c.relpersistence <> 'p' OR c.relhassubclass OR c.reltuples <= 0 THEN -1 WHEN c.relpages > 0 THEN c.reltuples::float8 / c.relpages * (pg_relation_size(c.oid) / current_setting('block_size')::int)
  ELSE c.reltuples END::float8`

// statistics; without a column it spares the server the views, whose planning takes longer than all the rest.
func (p postgres) statistics(table, column string) (text string, bound []any) {
	if column == "" {
		return "SELECT 0, " + expected + ", -1::float8 FROM pg_class c WHERE c.oid = to_regclass($1)", []any{p.regclass(table)}
	}
	return "SELECT f.indexed, f.rows, f.distincts FROM (SELECT $1 AS name, $2 AS col) AS w, LATERAL " + known(indexed) + " AS f", []any{p.regclass(table), column}
}

// allStatistics are those of several at once, without their indexes; the view is planned once, and only where a column is named.
func (p postgres) allStatistics(of []tableColumn) (text string, bound []any) {
	names, columns, whole := make([]string, len(of)), make([]string, len(of)), true
	for i, one := range of {
		names[i], columns[i] = p.regclass(one.table), one.column
		whole = whole && one.column == ""
	}
	if whole {
		return "SELECT w.i, 0, " + expected + ", -1::float8 FROM unnest($1::text[]) WITH ORDINALITY AS w(name, i) JOIN pg_class c ON c.oid = to_regclass(w.name)", []any{names}
	}
	return "SELECT w.i, f.indexed, f.rows, f.distincts FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w(name, col, i), LATERAL " + known("0") + " AS f", []any{names, columns}
}

// regclass is a table's name as to_regclass reads it.
func (p postgres) regclass(table string) string {
	name := statement{dialect: p}
	name.table(table)
	return name.text.String()
}

// indexed looks for an index that leads with the column w.col of the table c and sorts as it compares.
const indexed = `EXISTS (SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
  JOIN pg_opclass o ON o.oid = i.indclass[0]
  WHERE i.indrelid = c.oid AND a.attname = w.col AND i.indisvalid AND i.indpred IS NULL AND m.amname = 'btree'
   AND o.opcdefault AND i.indcollation[0] = a.attcollation)::int`

// known are the figures of the table w.name and its column w.col, and whether it is indexed.
func known(indexed string) string {
	return `(SELECT e.indexed, e.rows, CASE WHEN e.rows < 0 THEN -1 WHEN e.n_distinct > 0 THEN LEAST(e.n_distinct, e.rows) WHEN e.n_distinct < 0 THEN GREATEST(1, round(-e.n_distinct * e.rows)) ELSE -1 END AS distincts FROM (SELECT
 ` + indexed + ` AS indexed, ` + expected + ` AS rows,
 (SELECT s.n_distinct FROM pg_stats s WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = w.col AND NOT s.inherited)::float8 AS n_distinct
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(w.name)) AS e)`
}

// rewritten asks whether a table that this transaction has read has other files than the snapshot knows, or is unknown to it.
func (postgres) rewritten() string {
	return `SELECT EXISTS (SELECT FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation
 WHERE l.locktype = 'relation' AND l.pid = pg_backend_pid() AND l.relation >= 16384
  AND (c.oid IS NULL OR (c.relkind IN ('r', 'm') AND c.relfilenode <> pg_relation_filenode(c.oid))))`
}

// lock also has the server keep a session that is idle from scrape to scrape.
func (postgres) lock(name string) string {
	return fmt.Sprintf(`SELECT CASE WHEN pg_is_in_recovery() THEN %d
 WHEN (SELECT COUNT(set_config(name, '0', false)) FROM pg_settings WHERE name = 'idle_session_timeout') < 0 THEN 0
 ELSE pg_try_advisory_lock(%d)::int END`, onStandby, lockKey(name))
}

func (postgres) holds(name string) string {
	return fmt.Sprintf(`SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()
 AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = %d)`, lockKey(name))
}

// pooled reports whether the session's number is another than the one that the server told when it was opened.
func (postgres) pooled(conn *sql.Conn) bool {
	var told, is uint32
	err := conn.Raw(func(driver any) error {
		told = driver.(*stdlib.Conn).Conn().PgConn().PID()
		return nil
	})
	return err != nil || conn.QueryRowContext(context.Background(), "SELECT pg_backend_pid()").Scan(&is) != nil || told != is
}

// mayWrite looks at all tables, because the `sql` of a reading, or a function that it calls, may name any, and at all roles
// that the user may become, whatever it inherits from them. An owner counts without a privilege, which it can give to itself.
func (postgres) mayWrite(ctx context.Context, conn *sql.Conn) (may bool, err error) {
	err = conn.QueryRowContext(ctx, `WITH own AS (SELECT oid, rolsuper OR rolcreaterole OR rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program') AS writes
  FROM pg_roles WHERE pg_has_role(oid, 'MEMBER'))
SELECT EXISTS (SELECT FROM own WHERE writes OR oid = (SELECT datdba FROM pg_database WHERE datname = current_database()))
 OR EXISTS (SELECT FROM own, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
   AND (own.oid IN (c.relowner, n.nspowner) OR CASE c.relkind WHEN 'S' THEN has_sequence_privilege(own.oid, c.oid, 'USAGE, UPDATE')
    ELSE has_table_privilege(own.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER') OR has_any_column_privilege(own.oid, c.oid, 'INSERT, UPDATE') END))`).Scan(&may)
	return may, err
}

func (postgres) walks() bool { return true }
