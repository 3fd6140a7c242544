// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package sqldb

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"time"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

const (
	// turnLength is how long a session may keep others waiting.
	turnLength = 500 * time.Millisecond
	// turnPoll is how often it looks whether somebody waits, after that.
	turnPoll = 25 * time.Millisecond
	// turnPause is what the others have before it comes again.
	turnPause = 150 * time.Millisecond
	// attempts is how often a reading is begun that could not be ended.
	attempts = 5
)

// errGaveWay is the failure of a reading for which others would have had to wait.
var errGaveWay = &source.Error{Reason: "it takes longer than half a second, for which the app would have to wait with its writes: add an index, or let the app use SQLite's WAL mode"}

// neighbour is what a session looks to that reads beside others without a server in between.
type neighbour interface {
	// Waiting reports whether somebody waits for the session to end.
	Waiting() bool
	// Current reports whether all that was read belongs to one committed state.
	Current() bool
	// Insist keeps others from what they would only do when nobody else reads.
	Insist()
	Close()
}

// turn is the time that a session reads without asking. It ends some time after somebody waits.
type turn struct {
	neighbour
	over context.Context
	end  context.CancelFunc
}

func takeTurn(n neighbour) *turn {
	t := &turn{neighbour: n}
	t.over, t.end = context.WithCancel(context.Background())
	go t.watch()
	return t
}

// watch ends the turn when somebody has been seen waiting twice: a lock may be there for a moment only.
func (t *turn) watch() {
	timer := time.NewTimer(turnLength)
	defer timer.Stop()
	for seen := 0; seen < 2; timer.Reset(turnPoll) {
		select {
		case <-t.over.Done():
			return
		case <-timer.C:
		}
		if t.Waiting() {
			seen++
		} else {
			seen = 0
		}
	}
	t.end()
}

// during gives a context that the turn's end ends too.
func (t *turn) during(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(t.over, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// inTurns reads until a reading was left undisturbed, and disturbed nobody.
func inTurns[T any](ctx context.Context, s *Session, read func(context.Context) (T, error)) (T, error) {
	var none T
	for range attempts {
		if s.turn.over.Err() != nil {
			if err := s.renew(ctx); err != nil {
				return none, lost(explain(ctx, s.dialect, err))
			}
		}
		reading, done := s.turn.during(ctx)
		result, err := read(reading)
		done()
		switch {
		case ctx.Err() != nil:
			return none, ctx.Err()
		case !s.turn.Current():
			s.disturbed++
			s.turn.end()
		case err == nil || s.turn.over.Err() == nil:
			return result, err
		}
	}
	return none, errGaveWay
}

// renew lets the others go first, and takes another turn.
func (s *Session) renew(ctx context.Context) error {
	s.Close()
	if err := pause(ctx, turnPause); err != nil {
		return err
	}
	return s.start(ctx)
}

// start connects and takes the snapshot. Where others lock each other out by turns, it tries again; when the time is
// up, its failure is what it had to wait for.
func (s *Session) start(ctx context.Context) error {
	deadline, _ := ctx.Deadline()
	until := time.Now().Add(min(lockWait, time.Until(deadline)/2))
	var waited error
	for {
		err := s.connect(ctx)
		if err == nil {
			err = s.begin(ctx)
		}
		if err != nil && waited != nil && ctx.Err() != nil {
			return waited
		}
		passing, can := s.dialect.(interface{ passes(error) bool })
		if err == nil || !can || !passing.passes(err) || time.Now().After(until) {
			return err
		}
		waited = err
		s.Close()
		if pause(ctx, time.Millisecond+rand.N(7*time.Millisecond)) != nil { //nolint:gosec // two that wait alike would meet again
			return waited
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// pool is a *sql.DB for one connection, and whom that reads beside.
type pool struct {
	*sql.DB
	neighbour neighbour
}
