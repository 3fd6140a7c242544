// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// lossKey is the key of the note that earlier records were lost.
const lossKey = "lost_at"

const lossVersion = 1

// NoteLoss notes in a file that was made anew when the records of the one before were lost.
func NoteLoss(ctx context.Context, client storage.Client, at time.Time) error {
	return Over(client).NoteLoss(ctx, at)
}

// NoteLoss notes when records were lost.
func (s Store) NoteLoss(ctx context.Context, at time.Time) error {
	return s.Save(ctx, lossKey, lossVersion, at.UTC())
}

// Loss is when earlier records were lost; zero when none were. A component that must
// not do twice what it has forgotten takes it for the time of what it does not know.
func (s Store) Loss(ctx context.Context) (at time.Time, err error) {
	_, err = s.Load(ctx, lossKey, lossVersion, &at)
	return at, err
}
