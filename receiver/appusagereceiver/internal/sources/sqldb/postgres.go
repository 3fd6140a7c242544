// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// postgres is a PostgreSQL database, by its parsed URL.
type postgres struct{ config *pgx.ConnConfig }

func parsePostgres(rest string) (Database, error) {
	loc, err := parseLocation(rest)
	if err != nil {
		return Database{}, err
	}
	// As options, because a URL cannot hold a socket's path as its host.
	settings := maps.Clone(loc.options)
	for key, value := range map[string]string{
		"user": loc.user, "password": loc.password, "host": loc.host, "port": loc.port, "dbname": loc.database,
	} {
		if value != "" {
			settings.Set(key, value)
		}
	}
	config, err := pgx.ParseConfig("postgres:///?" + strings.ReplaceAll(settings.Encode(), "+", "%20"))
	if err != nil {
		return Database{}, errURL
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = application
	}
	// Without named statements, which a connection pooler in between may not know.
	config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	return Database{postgres{config}}, nil
}

func (postgres) system() string { return "postgresql" }

func (p postgres) connect(time.Time) (pool, error) {
	return pool{DB: stdlib.OpenDB(*p.config)}, nil
}

func (postgres) begin() []string {
	return []string{"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SAVEPOINT reading"}
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
const expected = `CASE WHEN c.relpages > 0 THEN c.reltuples::float8 / c.relpages * (pg_relation_size(c.oid) / current_setting('block_size')::int)
  ELSE c.reltuples END::float8`

// statistics; without a column it spares the server the views, whose planning takes longer than all the rest.
func (p postgres) statistics(table, column string) (text string, bound []any) {
	name := statement{dialect: p}
	name.table(table)
	if column == "" {
		return "SELECT 0, " + expected + ", -1::float8 FROM pg_class c WHERE c.oid = to_regclass($1)", []any{name.text.String()}
	}
	return `SELECT
 EXISTS (SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
  WHERE i.indrelid = c.oid AND a.attname = $2 AND i.indisvalid AND i.indpred IS NULL AND m.amname = 'btree')::int,
 ` + expected + `,
 COALESCE((SELECT CASE WHEN s.n_distinct > 0 THEN s.n_distinct WHEN c.reltuples > 0 AND s.n_distinct < 0 THEN -s.n_distinct * c.reltuples END
  FROM pg_stats s WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = $2
  ORDER BY s.inherited DESC LIMIT 1), -1)::float8
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)`, []any{name.text.String(), column}
}

func (postgres) lock(name string) string {
	return fmt.Sprintf("SELECT pg_try_advisory_lock(%d)", lockKey(name))
}

func (postgres) walks() bool { return true }

// postgresReasons are those SQLSTATEs, or classes of them, whose meaning helps.
var postgresReasons = map[string]*source.Error{
	"42P01": errTable,
	"3F000": errTable,
	"42703": errColumn,
	"42601": errSyntax,
	"42501": errPermission,
	"42883": errFit,
	"57014": errTimeout,
	"55P03": errLocked,
	"25006": errWrites,
	"28":    errPassword,
	"3D":    errNoDatabase,
	"53":    errBusy,
	"57":    source.ErrConnectionLost,
	"08":    source.ErrConnectionLost,
	"22":    errFit,
}

func (postgres) diagnose(err error) *source.Error {
	var failure *pgconn.PgError
	if errors.As(err, &failure) && len(failure.Code) == 5 {
		for _, code := range []string{failure.Code, failure.Code[:2]} {
			if reason := postgresReasons[code]; reason != nil {
				return reason
			}
		}
		return &source.Error{Reason: "SQLSTATE " + failure.Code}
	}
	var unreachable *pgconn.ConnectError
	if errors.As(err, &unreachable) {
		return source.ErrUnreachable
	}
	return nil
}
