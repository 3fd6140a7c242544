// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// What the makers' endpoint does for a part of a week.
const (
	there = iota
	gone  // the port is closed
	busy  // 503
)

// part of a week, five of which make one.
type part struct {
	lasts  time.Duration
	makers int
	end    syscall.Signal // what ends the process within it, or none
}

// plan is made by chance alone: in a tenth of all parts the makers are away, in an eighth of the first
// two thirds the process ends and is started again. Then it lives on.
func plan(random *rand.Rand, weeks int) []part {
	const each = 5
	parts := make([]part, each*weeks)
	for i := range parts {
		parts[i].lasts = week / each
	}
	for n, i := range random.Perm(len(parts))[:len(parts)/10] {
		parts[i].makers = gone + n%2
	}
	mortal := 2 * len(parts) / 3
	for n, i := range random.Perm(mortal)[:mortal/8] {
		parts[i].end = []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM}[n%2]
	}
	return parts
}

// span is a time in which nothing can be accepted.
type span struct{ from, to time.Time }

type spans []span

// add a span that ends now. They stand in the order of their beginnings.
func (s *spans) add(from time.Time) {
	*s = append(*s, span{from, time.Now()})
	slices.SortFunc(*s, func(a, b span) int { return a.from.Compare(b.from) })
}

// within is how much of the time between two moments the spans take; where two of them overlap it counts once.
func (s spans) within(from, to time.Time) (lost time.Duration) {
	covered := from
	for _, one := range s {
		start, end := later(one.from, covered), earlier(one.to, to)
		if end.After(start) {
			lost += end.Sub(start)
			covered = end
		}
	}
	return lost
}

func (s spans) total() time.Duration {
	if len(s) == 0 {
		return 0
	}
	last := s[0].to
	for _, one := range s {
		last = later(last, one.to)
	}
	return s.within(time.Time{}, last)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// due says where an acceptance is missing: outages aside, no two lie twice their interval apart.
// After an outage there may be a wait as long as the longest pause between two tries.
func (s spans) due(accepted []time.Time, interval time.Duration) error {
	const pause = time.Second // that a 503 asks for
	for i := 1; i < len(accepted); i++ {
		from, to := accepted[i-1], accepted[i]
		allowed := 2*interval - 1
		lost := s.within(from, to)
		if lost > 0 {
			allowed += pause
		}
		if waited := to.Sub(from) - lost; waited > allowed {
			return fmt.Errorf("between acceptances %d and %d were %s, without outages", i-1, i, waited)
		}
	}
	return nil
}

func TestAMissedStatIsSeen(t *testing.T) {
	at := func(weeks ...float64) (moments []time.Time) {
		for _, w := range weeks {
			moments = append(moments, time.Unix(1e9, 0).Add(time.Duration(w*float64(week))))
		}
		return moments
	}
	out := at(1.2, 2.4, 2.1, 2.7)
	outages := spans{{out[0], out[1]}, {out[2], out[3]}}
	assert.Equal(t, 3*week/2, outages.total())
	assert.NoError(t, outages.due(at(0, 1, 2.8, 3.9), week))
	assert.Error(t, outages.due(at(0, 1, 2.8, 4.8), week))
}
