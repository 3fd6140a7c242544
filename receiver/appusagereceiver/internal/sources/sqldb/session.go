// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// Session is one connection with one snapshot. Beside a SQLite file, whose readers others have to
// wait for, it gives both up when somebody does, and goes on with others. It is not safe for
// concurrent use.
type Session struct {
	dialect dialect
	db      *sql.DB
	conn    *sql.Conn
	// bound is the limit that statements have now.
	bound time.Duration
	// turn is how long the session may go on; nil where a server sees to that.
	turn *turn
	// disturbed counts how often a snapshot was lost because others changed it.
	disturbed int
	// plain is a session without a savepoint, with which a standby would end it and not the reading alone.
	plain bool
	// wary is a session that looks after each reading whether its table was altered meanwhile, because one was.
	wary bool
	// shut are the tables that another kept locked, for which no reading waits again.
	shut map[string]bool
	// began is since when it may hold locks on tables.
	began time.Time
	// known are the columns that were asked for, and zone the server's.
	known map[string]column
	zone  string
	// foreseen are the figures that were asked for beforehand.
	foreseen map[tableColumn]figures
}

// Open connects and takes the snapshot. ctx must have a deadline, and bounds all of the session.
func (d Database) Open(ctx context.Context) (*Session, error) {
	s := &Session{dialect: d.dialect}
	err := s.start(ctx)
	if err == nil {
		return s, nil
	}
	s.Close()
	reason := explain(ctx, d.dialect, err)
	if errors.Is(reason, source.ErrTimeout) {
		reason = source.ErrUnreachable
	}
	return nil, lost(reason)
}

// connect opens the session's connection; the session is to be closed also after an error.
func (s *Session) connect(ctx context.Context) error {
	deadline, _ := ctx.Deadline()
	pool, err := s.dialect.connect(deadline)
	if err != nil {
		return err
	}
	s.db = pool.DB
	s.db.SetMaxOpenConns(1)
	if pool.neighbour != nil {
		if s.disturbed > 0 {
			pool.neighbour.Insist()
		}
		s.turn = takeTurn(pool.neighbour)
	}
	s.conn, err = s.db.Conn(ctx)
	return err
}

func (s *Session) begin(ctx context.Context) error {
	s.bound, s.began = 0, time.Now()
	texts := s.dialect.begin()
	if deadline, bounded := ctx.Deadline(); bounded && len(texts) == 1 {
		s.bound = time.Until(deadline) / 2
		texts[0] += "; " + s.dialect.bound(s.bound)
	}
	for _, text := range texts {
		if _, err := s.conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	if s.plain {
		_, err := s.conn.ExecContext(ctx, "RELEASE SAVEPOINT reading")
		return err
	}
	return nil
}

// Close ends the transaction by closing the connection.
func (s *Session) Close() {
	if s.conn != nil {
		_ = s.conn.Close()
	}
	if s.db != nil {
		_ = s.db.Close()
	}
	if s.turn != nil {
		s.turn.end()
		s.turn.Close()
	}
	s.conn, s.db, s.turn = nil, nil, nil
}

// within runs one reading in half of the time that is left. What a hot standby ended for what the primary changed, and what
// read a table that was altered meanwhile, is done once more, in a new session; then it fails and the others go on.
func within[T any](ctx context.Context, s *Session, read func(context.Context) (T, error)) (T, error) {
	var none T
	for again := false; ; again = true {
		result, err := attempt(ctx, s, read)
		if !isPassing(err) {
			return result, err
		}
		if s.renewAfter(ctx, err) != nil {
			return none, lost(err.(*source.Error)) //nolint:errorlint // as attempt returns it
		}
		if again {
			return none, err
		}
	}
}

// attempt runs one reading once, and clears up after its failure.
func attempt[T any](ctx context.Context, s *Session, read func(context.Context) (T, error)) (T, error) {
	var none T
	deadline, _ := ctx.Deadline()
	limit := time.Until(deadline) / 2
	if s.turn != nil {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		result, err := inTurns(ctx, s, read)
		if err == nil {
			return result, nil
		}
		return none, explain(ctx, s.dialect, err)
	}
	if err := s.limit(ctx, limit); err != nil {
		reason := explain(ctx, s.dialect, err)
		if isPassing(reason) {
			return none, reason
		}
		return none, lost(reason)
	}
	began := time.Now()
	result, err := read(ctx)
	if err == nil {
		err = s.settle(ctx)
	}
	if err == nil {
		return result, nil
	}
	reason := explain(ctx, s.dialect, err)
	if errors.Is(reason, errTimeout) && time.Since(began) < s.bound*9/10 {
		reason = errCancelled // for which PostgreSQL has the same code
	}
	if isPassing(reason) {
		return none, reason
	}
	if err := s.recover(ctx); err != nil {
		return none, lost(reason)
	}
	if d, names := s.dialect.(interface {
		policies(ctx context.Context, conn *sql.Conn, err error) *source.Error
	}); names && errors.Is(reason, errPolicy) {
		return none, d.policies(ctx, s.conn, err)
	}
	return none, reason
}

// recover clears the error away that would fail the rest of the transaction.
func (s *Session) recover(ctx context.Context) error {
	s.bound = 0 // which a rollback takes back
	clearing := "ROLLBACK TO SAVEPOINT reading"
	if s.plain {
		clearing = "ROLLBACK"
	}
	_, err := s.conn.ExecContext(ctx, clearing)
	if err == nil && s.plain {
		err = s.begin(ctx)
	}
	return err
}

// limit has the server bound the statements that follow, unless they are already, nearly so.
// A dialect that leaves that to the context keeps bound at 0.
func (s *Session) limit(ctx context.Context, limit time.Duration) error {
	text := s.dialect.bound(limit)
	if text == "" || (s.bound != 0 && s.bound-limit < s.bound/20) {
		return nil
	}
	s.bound = limit
	_, err := s.conn.ExecContext(ctx, text)
	return err
}

func lost(reason *source.Error) *source.Error {
	return &source.Error{Reason: reason.Reason, SessionLost: true}
}
