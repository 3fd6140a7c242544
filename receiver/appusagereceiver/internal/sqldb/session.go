// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"
)

// Session is one connection with one snapshot. It is not safe for concurrent use.
type Session struct {
	dialect dialect
	db      *sql.DB
	conn    *sql.Conn
}

// Open connects and takes the snapshot. ctx must have a deadline, and bounds all of the session.
func (d Database) Open(ctx context.Context) (*Session, error) {
	deadline, _ := ctx.Deadline()
	db, err := d.dialect.connect(deadline)
	if err != nil {
		return nil, explain(d.dialect, err)
	}
	db.SetMaxOpenConns(1)
	s := &Session{dialect: d.dialect, db: db}
	if s.conn, err = db.Conn(ctx); err == nil {
		err = s.begin(ctx)
	}
	if err != nil {
		s.Close()
		if reason := explain(d.dialect, err); reason.Lost || reason != errTimeout {
			return nil, reason
		}
		return nil, errReach
	}
	return s, nil
}

func (s *Session) begin(ctx context.Context) error {
	// One savepoint serves all readings: they change nothing, so that going back to
	// it only clears the error that would fail the rest of a PostgreSQL transaction.
	for _, text := range append(s.dialect.begin(), "SAVEPOINT reading") {
		if _, err := s.conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the transaction by closing the connection.
func (s *Session) Close() {
	if s.conn != nil {
		_ = s.conn.Close()
	}
	_ = s.db.Close()
}

// Read answers one query; a nil Value means that it found nothing. It may take half of
// the time that ctx has left. After an error that is Lost the session is of no more use.
func (s *Session) Read(ctx context.Context, q Query) (Value, error) {
	return within(ctx, s, func(ctx context.Context) (Value, error) { return s.read(ctx, q) })
}

func (s *Session) read(ctx context.Context, q Query) (Value, error) {
	switch q.Kind {
	case Count:
		stmt := statement{dialect: s.dialect}
		stmt.add("SELECT COUNT(*)")
		stmt.from(q.Table, q.Where)
		return s.number(ctx, &stmt)
	case CountDistinct:
		stmt := statement{dialect: s.dialect}
		stmt.add("SELECT COUNT(DISTINCT ", s.dialect.quote(q.Column), ")")
		stmt.from(q.Table, q.Where)
		return s.number(ctx, &stmt)
	case Min, Max:
		return s.extreme(ctx, q)
	case Pick:
		return s.pick(ctx, q)
	default:
		return s.sql(ctx, q.Text)
	}
}

// within runs one reading in its share of the time, and clears up after its failure.
func within[T any](ctx context.Context, s *Session, read func(context.Context) (T, error)) (T, error) {
	var none T
	deadline, _ := ctx.Deadline()
	limit, whole := time.Until(deadline)/2, ctx
	if text := s.dialect.bound(limit); text != "" {
		if _, err := s.conn.ExecContext(ctx, text); err != nil {
			return none, lost(explain(s.dialect, err))
		}
	} else {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	result, err := read(ctx)
	if err == nil {
		return result, nil
	}
	reason := explain(s.dialect, err)
	if _, err := s.conn.ExecContext(whole, "ROLLBACK TO SAVEPOINT reading"); err != nil {
		return none, lost(reason)
	}
	return none, reason
}

func lost(reason *Error) *Error { return &Error{Reason: reason.Reason, Lost: true} }

func (s *Session) number(ctx context.Context, stmt *statement) (Value, error) {
	var n int64
	err := s.conn.QueryRowContext(ctx, stmt.text.String(), stmt.bound...).Scan(&n)
	return n, err
}

// extreme orders instead of asking for MIN or MAX: so the column keeps its type, and an index serves.
func (s *Session) extreme(ctx context.Context, q Query) (Value, error) {
	column := s.dialect.quote(q.Column)
	direction := " ASC"
	if q.Kind == Max {
		direction = " DESC"
	}
	rows, err := s.rows(ctx, q.Table, []string{column}, func(stmt *statement) {
		stmt.from(q.Table, q.Where, column+" IS NOT NULL")
		stmt.add(" ORDER BY ", column, direction, " LIMIT 1")
	})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0][0].open()
}

func (s *Session) pick(ctx context.Context, q Query) (Value, error) {
	rows, err := s.rows(ctx, q.Table, []string{s.dialect.quote(q.Column)}, func(stmt *statement) {
		stmt.from(q.Table, q.Where)
		stmt.add(" LIMIT 2")
	})
	return single(rows, err)
}

func (s *Session) sql(ctx context.Context, text string) (Value, error) {
	if strings.Contains(text, ";") {
		return nil, errStatements
	}
	// As a subquery it can be nothing but a SELECT, and its text stays measured.
	relation := " FROM (\n" + text + "\n) AS reading"
	columns, _, err := s.describe(ctx, "SELECT *"+relation)
	if err != nil {
		return nil, err
	}
	if len(columns) != 1 {
		return nil, errColumns
	}
	rows, err := s.measured(ctx, "SELECT *"+relation, []string{s.dialect.quote(columns[0])}, func(stmt *statement) {
		stmt.add(relation, " LIMIT 2")
	})
	return single(rows, err)
}

func single(rows [][]field, err error) (Value, error) {
	switch {
	case err != nil || len(rows) == 0:
		return nil, err
	case len(rows) > 1:
		return nil, errSeveral
	default:
		return rows[0][0].open()
	}
}

// field is one column of one row: its value, or how long the text was that stayed behind.
type field struct {
	scanned  any
	bytes    int64
	typeName string
}

func (f field) open() (Value, error) {
	if f.bytes > MaxText {
		return nil, errTooLong
	}
	return valueOf(f.scanned, f.typeName)
}

// rows selects columns of a table; rest writes what follows the list of columns.
func (s *Session) rows(ctx context.Context, table string, columns []string, rest func(*statement)) ([][]field, error) {
	probe := statement{dialect: s.dialect}
	probe.add("SELECT ", strings.Join(columns, ", "))
	probe.from(table, nil)
	return s.measured(ctx, probe.text.String(), columns, rest)
}

// measured selects columns without pulling long texts out of the database. That
// hides their declared types from SQLite's driver, so probe is asked for those.
func (s *Session) measured(ctx context.Context, probe string, columns []string, rest func(*statement)) ([][]field, error) {
	_, types, err := s.describe(ctx, probe)
	if err != nil {
		return nil, err
	}
	stmt := statement{dialect: s.dialect}
	stmt.add("SELECT ")
	limit := strconv.Itoa(MaxText)
	for i, column := range columns {
		if i > 0 {
			stmt.add(", ")
		}
		size := "COALESCE(" + s.dialect.bytes(column) + ", 0)"
		stmt.add("CASE WHEN ", size, " <= ", limit, " THEN ", column, " END, ", size)
	}
	rest(&stmt)
	return s.fetch(ctx, &stmt, types)
}

func (s *Session) fetch(ctx context.Context, stmt *statement, types []string) ([][]field, error) {
	rows, err := s.conn.QueryContext(ctx, stmt.text.String(), stmt.bound...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found [][]field
	for rows.Next() {
		row := make([]field, len(types))
		targets := make([]any, 0, 2*len(types))
		for i, typeName := range types {
			row[i].typeName = typeName
			targets = append(targets, &row[i].scanned, &row[i].bytes)
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

// describe tells the columns of a SELECT and their types, and reads no row.
func (s *Session) describe(ctx context.Context, text string) (columns, types []string, err error) {
	rows, err := s.conn.QueryContext(ctx, text+" LIMIT 0")
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = rows.Close() }()
	described, err := rows.ColumnTypes()
	if err != nil {
		return nil, nil, err
	}
	for _, column := range described {
		columns = append(columns, column.Name())
		types = append(types, column.DatabaseTypeName())
	}
	return columns, types, rows.Err()
}
