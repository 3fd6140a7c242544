// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"database/sql"
)

// MayWrite reports whether the session's user could write, were the transaction not read-only:
// a function such as PostgreSQL's dblink_exec writes from one all the same. It takes one round
// trip. Of a SQLite file it is false: what reads it can only read.
func (s *Session) MayWrite(ctx context.Context) (bool, error) {
	server, has := s.dialect.(interface {
		mayWrite(ctx context.Context, conn *sql.Conn) (bool, error)
	})
	if !has {
		return false, nil
	}
	return within(ctx, s, func(ctx context.Context) (bool, error) { return server.mayWrite(ctx, s.conn) })
}
