// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var (
	errSeveral    = &source.Error{Reason: "several rows match: narrow `where`"}
	errBinary     = &source.Error{Reason: "the column holds binary data"}
	errNotFinite  = &source.Error{Reason: "the number is not finite"}
	errNoNumber   = &source.Error{Reason: "the column does not hold numbers"}
	errColumns    = &source.Error{Reason: "`sql` gives several columns: select one"}
	errStatements = &source.Error{Reason: "`sql` is one statement without a semicolon"}
	errForm       = &source.Error{Reason: "a time is in another form than the column's others"}
	errTable      = &source.Error{Reason: "the table does not exist: of another schema than the user's, write `schema.table`"}
	errColumn     = &source.Error{Reason: "the column does not exist"}
	errSyntax     = &source.Error{Reason: "the database does not understand the statement"}
	errPermission = &source.Error{Reason: "the database's user may not read it"}
	errFit        = &source.Error{Reason: "types do not fit: does each value of `where` fit its column?"}
	errWrites     = &source.Error{Reason: "it would write, and the session is read-only"}
	errLocked     = &source.Error{Reason: "the table is locked"}
	errTimeout    = &source.Error{Reason: "it took too long: raise `timeout`, or add an index"}
	errLockedFile = &source.Error{Reason: "the database is locked by a writer", SessionLost: true}
	errPassword   = &source.Error{Reason: "the database refuses the user or the password", SessionLost: true}
	errNoDatabase = &source.Error{Reason: "there is no such database, or the user may not use it", SessionLost: true}
	errBusy       = &source.Error{Reason: "the database server has no room for a connection", SessionLost: true}
)

// explain turns any error of a driver into one of ours.
func explain(ctx context.Context, d dialect, err error) *source.Error {
	if ours := d.diagnose(err); ours != nil {
		return ours
	}
	if ours := source.Explain(ctx, err); ours != nil {
		return ours
	}
	if errors.Is(err, driver.ErrBadConn) {
		return source.ErrConnectionLost
	}
	return &source.Error{Reason: "the database refused the statement"}
}
