// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package collectmetric

import (
	"errors"
	"time"

	"github.com/cenkalti/backoff/v7"
	"go.opentelemetry.io/collector/config/configretry"
)

// What is missing of a stat may come with the next count: it is looked for after
// firstLook, then after twice as long, up to lastLook.
const (
	firstLook = time.Minute
	lastLook  = time.Hour
)

// moment is a time to come. It comes by the wall clock or by the monotonic one,
// whichever is first: the one may be set back, the other stands still in sleep.
type moment struct {
	from time.Time
	wait time.Duration
}

func (m *moment) come(now time.Time) bool { return m.remaining(now) <= 0 }

func (m *moment) remaining(now time.Time) time.Duration {
	return m.wait - max(now.Sub(m.from), now.Round(0).Sub(m.from.Round(0)))
}

// schedule says when it is worth the while to look at each stat, and whether to
// try anything at all. It is a memory of this process: what holds across processes
// is in the state directory.
type schedule struct {
	stats   map[string]*turn
	rest    moment // after a failure
	backOff *backoff.ExponentialBackOff
}

type turn struct {
	moment
	looks int // in a row that found it incomplete
}

func newSchedule(cfg configretry.BackOffConfig, stats []string) *schedule {
	s := &schedule{stats: map[string]*turn{}, backOff: &backoff.ExponentialBackOff{
		InitialInterval:     cfg.InitialInterval,
		RandomizationFactor: cfg.RandomizationFactor,
		Multiplier:          cfg.Multiplier,
		MaxInterval:         cfg.MaxInterval,
	}}
	s.backOff.Reset()
	for _, stat := range stats {
		s.stats[stat] = &turn{}
	}
	return s
}

func (s *schedule) due(stat string, now time.Time) bool { return s.stats[stat].come(now) }

// wait puts a stat off.
func (s *schedule) wait(stat string, now time.Time, wait time.Duration) {
	*s.stats[stat] = turn{moment: moment{now, wait}}
}

// incomplete puts a stat off that lacks something.
func (s *schedule) incomplete(stat string, now time.Time) {
	t := s.stats[stat]
	t.moment = moment{now, min(firstLook<<min(t.looks, 10), lastLook)}
	t.looks++
}

// pause puts everything off after a failure: by the growing back-off, or as long as
// the endpoint asks to. While another process reports, the pause does not grow.
func (s *schedule) pause(err error, now time.Time) {
	if errors.Is(err, errLocked) {
		s.rest = moment{now, s.backOff.InitialInterval}
		return
	}
	s.rest = moment{now, s.backOff.NextBackOff()}
	if asked, ok := errors.AsType[retryable](err); ok {
		s.rest.wait = max(s.rest.wait, asked.wait)
	}
}

// goOn ends the back-off: what was tried went well.
func (s *schedule) goOn() {
	s.rest = moment{}
	s.backOff.Reset()
}

// next is when something is to be done.
func (s *schedule) next(now time.Time) *moment {
	first := time.Duration(-1)
	for _, t := range s.stats {
		if remaining := max(0, t.remaining(now)); first < 0 || remaining < first {
			first = remaining
		}
	}
	return &moment{now, max(first, s.rest.remaining(now))}
}
