// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// mariadb is a MySQL or MariaDB database, by its parsed URL.
type mariadb struct{ config *mysql.Config }

func parseMySQL(rest string) (Database, error) {
	loc, err := parseLocation(rest)
	if err != nil {
		return Database{}, err
	}
	config := mysql.NewConfig()
	config.User, config.Passwd, config.DBName = loc.user, loc.password, loc.database
	config.Net, config.Addr = "tcp", net.JoinHostPort(orElse(loc.host, "localhost"), orElse(loc.port, "3306"))
	socket := loc.options.Get("unix_socket")
	if strings.HasPrefix(loc.host, "/") {
		socket = loc.host
	}
	if socket != "" {
		config.Net, config.Addr = "unix", socket
	}
	config.ParseTime, config.Loc = true, time.UTC
	config.ConnectionAttributes = "program_name:" + application
	// A session that holds a lock from scrape to scrape is idle for longer than the default of 8 hours.
	config.Params = map[string]string{"wait_timeout": "2147483"}
	config.Logger = &mysql.NopLogger{}
	if err := secure(config, loc); err != nil {
		return Database{}, err
	}
	return Database{mariadb{config}}, nil
}

// secure reads the TLS options as MySQL's own clients name them: ssl-mode, ssl-ca, ssl-cert, ssl-key.
func secure(config *mysql.Config, loc location) error {
	option := func(name string) string {
		return orElse(loc.options.Get(name), loc.options.Get(strings.ReplaceAll(name, "-", "_")))
	}
	authority, certificate, key := option("ssl-ca"), option("ssl-cert"), option("ssl-key")
	mode := strings.ToUpper(option("ssl-mode"))
	if mode == "" && authority != "" {
		mode = "VERIFY_CA"
	}
	settings := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: loc.host, InsecureSkipVerify: mode == "REQUIRED"} //nolint:gosec // what ssl-mode=REQUIRED means to MySQL
	switch mode {
	case "", "PREFERRED":
		config.TLSConfig = "preferred"
		return nil
	case "DISABLED":
		return nil
	case "REQUIRED", "VERIFY_IDENTITY":
	case "VERIFY_CA":
		// The chain is checked, the host's name is not.
		settings.InsecureSkipVerify = true
		settings.VerifyConnection = func(state tls.ConnectionState) error {
			_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: settings.RootCAs})
			return err
		}
	default:
		return errors.New("ssl-mode is one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA and VERIFY_IDENTITY")
	}
	if authority != "" {
		pem, err := os.ReadFile(authority)
		settings.RootCAs = x509.NewCertPool()
		if err != nil || !settings.RootCAs.AppendCertsFromPEM(pem) {
			return errors.New("ssl-ca names a file of PEM certificates")
		}
	}
	if certificate != "" || key != "" {
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			return errors.New("ssl-cert and ssl-key name the files of a PEM certificate and its key")
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	config.TLS = settings
	return nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (mariadb) system() string { return "mysql" }

func (m mariadb) connect(deadline time.Time) (pool, error) {
	config := m.config.Clone()
	config.Timeout = time.Until(deadline)
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return pool{}, source.ErrUnreachable
	}
	return pool{DB: sql.OpenDB(connector)}, nil
}

func (mariadb) begin() []string {
	return []string{
		"SET SESSION time_zone = '+00:00'",
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

// statistics; the server walks an index by itself ("Using index for group-by").
func (mariadb) statistics(table, column string) (text string, bound []any) {
	schema, table := schemaOf(table)
	return `SELECT s.column_name IS NOT NULL, COALESCE(t.table_rows, -1), COALESCE(MAX(s.cardinality), -1)
FROM information_schema.tables t
LEFT JOIN information_schema.statistics s ON s.table_schema = t.table_schema AND s.table_name = t.table_name
 AND s.column_name = ? AND s.seq_in_index = 1
WHERE t.table_schema = COALESCE(?, DATABASE()) AND t.table_name = ?
GROUP BY s.column_name, t.table_rows`, []any{column, schema, table}
}

// lock is the server's, so the database's name is part of it.
func (m mariadb) lock(name string) string {
	return fmt.Sprintf("SELECT GET_LOCK('headcount_%016x', 0)", uint64(lockKey(m.config.DBName+"/"+name)))
}

func (mariadb) walks() bool { return false }

// declared asks for a column's whole type, of which the driver keeps back that a tinyint(1) is a boolean, and
// for what MariaDB itself keeps back: that a text with a check is JSON.
func (mariadb) declared(table, column string) (text string, bound []any) {
	schema, table := schemaOf(table)
	return "SELECT /*M!100207 IF(EXISTS (SELECT 1 FROM information_schema.check_constraints k WHERE k.constraint_schema = c.table_schema" +
			" AND k.table_name = c.table_name AND k.check_clause = CONCAT('json_valid(`', c.column_name, '`)')), 'json', */ c.column_type /*M!100207 ) */" +
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
	1969: errTimeout, 3024: errTimeout, 1317: errTimeout, 1028: errTimeout,
	1205: errLocked,
	1792: errWrites,
	1045: errPassword, 1698: errPassword,
	1049: errNoDatabase, 1044: errNoDatabase,
	1040: errBusy, 1203: errBusy, 1226: errBusy,
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
