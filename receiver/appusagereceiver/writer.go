// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"

	"go.uber.org/zap"
)

// warnOfWriter says once for each database that its user may write. It comes after the readings,
// which it can take no time from, and its own failure is nobody's concern.
func (r *reader) warnOfWriter(ctx context.Context, name string, session session) {
	database, is := session.(databaseSession)
	if !is || r.asked[name] {
		return
	}
	r.asked[name] = true
	if may, err := database.MayWrite(ctx); err == nil && may {
		r.logger.Warn("The user of this database URL may write: what is needed is a user that may only SELECT, such as after "+
			"`CREATE USER headcount …; GRANT SELECT ON …the tables that are read… TO headcount`", zap.String("source", name))
	}
}
