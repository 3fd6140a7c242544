// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package appusagereceiver

import (
	"context"
	"time"
)

// leaveTime keeps a tenth of a scrape's time for the pipeline.
func leaveTime(ctx context.Context) (context.Context, context.CancelFunc) {
	return share(ctx, 10, 9)
}

// share bounds a context by parts of the whole of the time that it has left.
func share(ctx context.Context, whole, parts int) (context.Context, context.CancelFunc) {
	deadline, _ := ctx.Deadline()
	return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(whole)*time.Duration(parts))
}
