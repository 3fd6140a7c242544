// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/sources/sqldb/dburl"
)

// sqliteFile is a SQLite database, by its path.
type sqliteFile struct{ path string }

func sqliteOf(u *dburl.URL) (Database, error) {
	for _, name := range u.Left() {
		if key := strings.ToLower(name); strings.Contains(key, "key") || strings.Contains(key, "password") {
			return Database{}, fmt.Errorf("the option %s asks for an encrypted file, and only plain ones can be read", name)
		}
	}
	if _, err := u.Security(); err != nil {
		return Database{}, err
	}
	return Database{dialect: sqliteFile{u.Database}, ignored: u.Left()}, nil
}

func (sqliteFile) system() string { return "sqlite" }

func (f sqliteFile) connect(time.Time) (pool, error) {
	path, err := f.check()
	if err != nil {
		return pool{}, err
	}
	// SQLite itself waits for nothing: a session tries again instead.
	return openFile(path, url.Values{"_pragma": {"query_only(1)", "busy_timeout(0)"}})
}

// passes reports whether the failure may be over in a moment. A writer's journal that is just being
// deleted looks like one of an unfinished write.
func (sqliteFile) passes(err error) bool {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return false
	}
	switch failure.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL:
		return true
	}
	return failure.Code() == sqlite3.SQLITE_READONLY_ROLLBACK
}

// begin reads once, because a deferred transaction has no snapshot before its first read.
func (sqliteFile) begin() []string {
	return []string{"BEGIN", "SELECT 1 FROM sqlite_master LIMIT 1", "SAVEPOINT reading"}
}

func (sqliteFile) bound(time.Duration) string { return "" }

// quote uses MySQL's marks: SQLite takes an unknown name in its own for a text.
func (sqliteFile) quote(name string) string {
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

func (sqliteFile) placeholder(n int) string { return "?" + strconv.Itoa(n) }

func (sqliteFile) bytes(expr string) string { return "octet_length(" + expr + ")" }

func (sqliteFile) characters(expr string) string { return "length(" + expr + ")" }

func (sqliteFile) statistics(table, column string) (text string, bound []any) {
	schema, table := parts(table)
	if schema == "" {
		schema = "main"
	}
	return `SELECT EXISTS (SELECT 1 FROM pragma_index_list(?1, ?3) l, pragma_index_info(l.name, ?3) i
 WHERE l.partial = 0 AND i.seqno = 0 AND i.name = ?2 COLLATE NOCASE), -1, -1`, []any{table, column, schema}
}

// lock is not asked: tryLock locks the file.
func (sqliteFile) lock(string) string { return "" }

func (sqliteFile) holds(string) string { return "" }

func (sqliteFile) pooled(*sql.Conn) bool { return false }

func (sqliteFile) walks() bool { return true }

// plans ask how SQLite would count, and how it would take a step. It skips ahead by itself, where ANALYZE has shown it few values,
// when it seeks in a scan; an index serves a step when that is a search, and sorts nothing.
func (sqliteFile) plans(count, step string) (skips, serves string, does, can func(string) bool) {
	return "EXPLAIN " + count, "EXPLAIN QUERY PLAN " + step,
		func(code string) bool { return strings.Contains(code, " SeekGT ") },
		func(plan string) bool {
			return strings.Contains(plan, "SEARCH ") && strings.Contains(plan, ">?)") && !strings.Contains(plan, "TEMP B-TREE")
		}
}

func (sqliteFile) diagnose(err error) *source.Error {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return nil
	}
	// The low byte is the primary result code.
	switch code := failure.Code() & 0xff; code {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL:
		return errLockedFile
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return &source.Error{Reason: "the file is no SQLite database, or it is damaged", SessionLost: true}
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM:
		return &source.Error{Reason: fmt.Sprintf("the database file cannot be read (SQLite code %d)", failure.Code()), SessionLost: true}
	case sqlite3.SQLITE_READONLY:
		return &source.Error{Reason: fmt.Sprintf("only the app can open the file after an unfinished write (SQLite code %d)", failure.Code()), SessionLost: true}
	case sqlite3.SQLITE_INTERRUPT:
		return errTimeout
	case sqlite3.SQLITE_ERROR:
		return sqliteRefusal(failure.Error())
	default:
		return &source.Error{Reason: fmt.Sprintf("SQLite code %d", failure.Code())}
	}
}

// sqliteRefusal tells apart what SQLite gives one code, by its message; those
// repeated here hold nothing but a name from the configuration.
func sqliteRefusal(message string) *source.Error {
	switch {
	case strings.Contains(message, "no such table"):
		return errTable
	case strings.Contains(message, "no such column"):
		return errColumn
	default:
		return errSyntax
	}
}

func milliseconds(d time.Duration) string {
	return strconv.FormatInt(max(1, d.Milliseconds()), 10)
}
