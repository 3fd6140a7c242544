// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// keeps is for how long a session keeps the tables that it has read from being altered, besides the length of one
// reading: an ALTER TABLE of the application waits for readers, and its queries of that table wait behind it.
const keeps = 200 * time.Millisecond

// errChanged is the failure of a reading whose table was altered or emptied after the snapshot was taken.
var errChanged = &source.Error{Reason: "its table was altered or emptied by another each time that it was read"}

// isPassing reports an error for which a reading is done once more, in another session.
func isPassing(err error) bool { return errors.Is(err, errConflict) || errors.Is(err, errChanged) }

// noteLock remembers a table that was waited for in vain: each further reading of it would take as long from the rest.
func (s *Session) noteLock(q Query, err error) {
	if !errors.Is(err, errLocked) || !q.isOfOneTable() {
		return
	}
	if s.shut == nil {
		s.shut = map[string]bool{}
	}
	s.shut[q.Table] = true
}

// isOfOneTable reports that a query names no table but its own.
func (q Query) isOfOneTable() bool {
	for _, tests := range q.Where {
		several, _ := tests.([]Test)
		if slices.ContainsFunc(several, func(t Test) bool { return t.Of != nil }) {
			return false
		}
	}
	return q.Table != "" && q.Label == nil
}

// settle ends what a reading took: locks on tables, and doubts about them.
func (s *Session) settle(ctx context.Context) error {
	long := !s.plain && time.Since(s.began) >= keeps
	if s.wary || long {
		if err := s.verify(ctx); err != nil {
			return err
		}
	}
	if long {
		s.began = time.Now()
		return s.recover(ctx) // which keeps the snapshot
	}
	return nil
}

// verify reports with errChanged that what was read is not what the snapshot has: in PostgreSQL a table that another
// rewrote or truncated looks empty to an older snapshot. As the session locks what it has read, the answer lasts.
func (s *Session) verify(ctx context.Context) error {
	d, asks := s.dialect.(interface{ rewritten() string })
	if !asks {
		return nil
	}
	var rewritten bool
	switch err := s.conn.QueryRowContext(ctx, d.rewritten()).Scan(&rewritten); {
	case err != nil: // of a server that is only like PostgreSQL
		return s.recover(ctx)
	case rewritten:
		return errChanged
	default:
		return nil
	}
}

// renewAfter goes on in another session, for an error that is passing.
func (s *Session) renewAfter(ctx context.Context, reason error) error {
	s.Close()
	s.plain = s.plain || errors.Is(reason, errConflict)
	s.wary = s.wary || errors.Is(reason, errChanged)
	s.known, s.foreseen = nil, nil
	s.disturbed++
	return s.start(ctx)
}
