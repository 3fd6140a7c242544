// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"os"
)

// Error says in our own words why a reading failed: a driver's message may hold
// a host, a user or a value.
type Error struct {
	// Reason completes the sentence "the reading failed: …".
	Reason string
	// Lost is true when the whole session is of no more use.
	Lost bool
}

func (e *Error) Error() string { return e.Reason }

var (
	errSeveral    = &Error{Reason: "several rows match: narrow `where`"}
	errTooLong    = &Error{Reason: "the text is longer than 256 bytes"}
	errBinary     = &Error{Reason: "the column holds binary data"}
	errNoNumber   = &Error{Reason: "the column does not hold numbers"}
	errNotFinite  = &Error{Reason: "the number is not finite"}
	errColumns    = &Error{Reason: "`sql` gives several columns: select one"}
	errStatements = &Error{Reason: "`sql` is one statement without a semicolon"}
	errTable      = &Error{Reason: "the table does not exist"}
	errColumn     = &Error{Reason: "the column does not exist"}
	errSyntax     = &Error{Reason: "the database does not understand the statement"}
	errPermission = &Error{Reason: "the database's user may not read it"}
	errFit        = &Error{Reason: "types do not fit: does each value of `where` fit its column?"}
	errWrites     = &Error{Reason: "it would write, and the session is read-only"}
	errLocked     = &Error{Reason: "the table is locked"}
	errLockedFile = &Error{Reason: "the database is locked by a writer", Lost: true}
	errPassword   = &Error{Reason: "the database refuses the user or the password", Lost: true}
	errNoDatabase = &Error{Reason: "there is no such database, or the user may not use it", Lost: true}
	errBusy       = &Error{Reason: "the database server has no room for a connection", Lost: true}
	errTimeout    = &Error{Reason: "it took too long: raise `timeout`, or add an index"}
	errLost       = &Error{Reason: "the connection was lost", Lost: true}
	errReach      = &Error{Reason: "the database cannot be reached", Lost: true}
)

// explain turns any error of a driver into one of ours.
func explain(d dialect, err error) *Error {
	if err == nil {
		return nil
	}
	var ours *Error
	if errors.As(err, &ours) {
		return ours
	}
	if ours := d.diagnose(err); ours != nil {
		return ours
	}
	var network net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return errTimeout
	case errors.Is(err, context.Canceled):
		return &Error{Reason: "the collector is stopping", Lost: true}
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF),
		errors.Is(err, net.ErrClosed), errors.As(err, &network):
		return errLost
	default:
		return &Error{Reason: "the database refused the statement"}
	}
}
