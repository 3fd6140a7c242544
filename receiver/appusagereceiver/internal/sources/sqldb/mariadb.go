// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// mariadb is a MySQL or MariaDB database, by its parsed URL: one configuration for each host.
type mariadb struct{ configs []*mysql.Config }

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (mariadb) system() string { return "mysql" }

func (m mariadb) connect(deadline time.Time) (pool, error) {
	var servers firstOf
	for _, config := range m.configs {
		config = config.Clone()
		config.Timeout = time.Until(deadline) / time.Duration(len(m.configs))
		connector, err := mysql.NewConnector(config)
		if err != nil {
			return pool{}, source.ErrUnreachable
		}
		servers = append(servers, connector)
	}
	return pool{DB: sql.OpenDB(servers)}, nil
}

// begin also undoes what a server may have for all of its sessions and would change what is read: another
// character set (init_connect), blanks behind texts, empty texts that are none, and an end after so many rows.
func (mariadb) begin() []string {
	return []string{
		"SET NAMES utf8mb4, time_zone = '+00:00', sql_select_limit = 18446744073709551615," +
			" sql_mode = REPLACE(REPLACE(@@sql_mode, 'EMPTY_STRING_IS_NULL', ''), 'PAD_CHAR_TO_FULL_LENGTH', '')",
		"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
		"START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
		"SAVEPOINT reading",
	}
}

// bound speaks to both kinds of server: each skips the comment that is the other's.
func (mariadb) bound(limit time.Duration) string {
	return fmt.Sprintf("SET lock_wait_timeout = %d /*M!, max_statement_time = %.3f */ /*!50708 , max_execution_time = %s */",
		int(max(1, min(lockWait, limit).Seconds())), limit.Seconds(), milliseconds(limit))
}

func (mariadb) quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func (mariadb) placeholder(int) string { return "?" }

func (mariadb) bytes(expr string) string { return "LENGTH(" + expr + ")" }

func (mariadb) characters(expr string) string { return "CHAR_LENGTH(" + expr + ")" }

// statistics of ordinary tables, in engines that count their rows: those with system versioning count what was, and 0
// is what nobody analyzed. Of the partitions each counts its own values, which are not theirs together, and an index
// over the beginnings of texts counts those. The server walks
// an index by itself ("Using index for group-by").
func (mariadb) statistics(table, column string) (text string, bound []any) {
	schema, table := schemaOf(table)
	const counts = "t.table_type = 'BASE TABLE' AND t.engine IN ('InnoDB', 'MyISAM', 'Aria', 'MEMORY', 'ROCKSDB')"
	return `SELECT s.column_name IS NOT NULL,
 CASE WHEN ` + counts + ` AND t.table_rows > 0 THEN t.table_rows ELSE -1 END,
 CASE WHEN ` + counts + ` AND t.create_options NOT LIKE '%partitioned%' AND MAX(IF(s.sub_part IS NULL, s.cardinality, NULL)) > 0 THEN MAX(IF(s.sub_part IS NULL, s.cardinality, NULL)) ELSE -1 END
FROM information_schema.tables t
LEFT JOIN information_schema.statistics s ON s.table_schema = t.table_schema AND s.table_name = t.table_name
 AND s.column_name = ? AND s.seq_in_index = 1
WHERE t.table_schema = COALESCE(?, DATABASE()) AND t.table_name = ?
GROUP BY s.column_name, t.table_rows, t.table_type, t.engine, t.create_options`, []any{column, schema, table}
}

// lock is the server's, so the database's name is part of it. A replica's is of use to nobody elsewhere, nor is that of
// one node of a Galera cluster.
func (m mariadb) lock(name string) string {
	return fmt.Sprintf("SELECT CASE WHEN @@global.read_only THEN %d /*M! WHEN %s THEN %d */ ELSE GET_LOCK('%s', 0) END", onStandby, clustered, onNode, m.lockName(name))
}

// holds also asks whether the server is still one whose locks count: a switchover makes a replica of it, and ends no session.
func (m mariadb) holds(name string) string {
	return fmt.Sprintf("SELECT NOT @@global.read_only /*M! AND NOT %s */ AND COALESCE(IS_USED_LOCK('%s') = CONNECTION_ID(), 0)", clustered, m.lockName(name))
}

const clustered = "EXISTS (SELECT 1 FROM information_schema.global_status WHERE variable_name = 'WSREP_CLUSTER_SIZE' AND variable_value > 1)"

func (m mariadb) lockName(name string) string {
	return fmt.Sprintf("headcount_%016x", uint64(lockKey(m.configs[0].DBName+"/"+name)))
}

// pooled is not asked: that the lock is held is shown before each scrape.
func (mariadb) pooled(*sql.Conn) bool { return false }

func (mariadb) walks() bool { return false }

// declared asks for a column's whole type, of which the driver keeps back that a tinyint(1) is a boolean and what an
// enumeration lists, and for what MariaDB itself keeps back: that a text with a check is JSON.
func (mariadb) declared(table, column, typeName string) (text string, bound []any) {
	if !isType(typeName, "TINYINT", "BIT", "TEXT", "LONGTEXT", "ENUM", "SET") {
		return "", nil
	}
	schema, table := schemaOf(table)
	return "SELECT /*M!100207 IF(EXISTS (SELECT 1 FROM information_schema.check_constraints k WHERE k.constraint_schema = c.table_schema" +
			" AND k.table_name = c.table_name AND REPLACE(k.check_clause, '\"', '`') = CONCAT('json_valid(`', c.column_name, '`)')), 'json', */" +
			" IF(c.data_type IN ('enum', 'set'), CONCAT(c.column_type, ' ', c.collation_name), c.column_type) /*M!100207 ) */" +
			" FROM information_schema.columns c WHERE c.table_schema = COALESCE(?, DATABASE()) AND c.table_name = ? AND c.column_name = ?",
		[]any{schema, table, column}
}

// schemaOf splits a table's name; without a schema it is nil.
func schemaOf(name string) (schema any, table string) {
	found, table := parts(name)
	if found == "" {
		return nil, table
	}
	return found, table
}

// mariadbReasons are those error numbers whose meaning helps.
var mariadbReasons = map[uint16]*source.Error{
	1146: errTable,
	1054: errColumn,
	1064: errSyntax,
	1142: errPermission, 1143: errPermission,
	1969: errTimeout, 3024: errTimeout, 1028: errTimeout,
	1317: errCancelled,
	1205: errLocked,
	1412: errChanged,
	1267: errFit, 1270: errFit, 1271: errFit, 3854: errFit,
	1792: errWrites,
	1045: errRefused, 1698: errRefused,
	1130: errHost, 1129: errHost,
	1820: errExpiredKey, 1862: errExpiredKey, 3118: errExpiredKey, 4151: errExpiredKey,
	3159: errEncrypt,
	1049: errNoDatabase, 1044: errNoDatabase,
	1040: errBusy, 1203: errBusy, 1226: errBusy,
	1047: errStarting,
	1053: source.ErrConnectionLost, 1927: source.ErrConnectionLost, 4031: source.ErrConnectionLost,
}

func (mariadb) diagnose(err error) *source.Error {
	if errors.Is(err, mysql.ErrInvalidConn) {
		return source.ErrConnectionLost
	}
	var failure *mysql.MySQLError
	if !errors.As(err, &failure) {
		return nil
	}
	if reason := mariadbReasons[failure.Number]; reason != nil {
		return reason
	}
	return &source.Error{Reason: fmt.Sprintf("MySQL error %d", failure.Number)}
}
