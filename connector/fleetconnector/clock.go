// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import "time"

// forgettingSpeed is how many times as fast as this program runs the clock may go by
// which installations are forgotten: a real pause is caught up with, and a wall clock
// that jumps ahead is set right again before it has cost a fleet.
const forgettingSpeed = 10

// forgetting is the clock by which installations are forgotten. It never passes the
// wall clock, and never runs faster than forgettingSpeed.
type forgetting struct {
	now     seconds
	noticed time.Duration
}

// newForgetting starts at the newest report that is remembered: so long has this
// program, or one before it, surely been running.
func newForgetting(newest seconds, wall time.Time) forgetting {
	now := secondsOf(wall)
	if newest > 0 {
		now = min(newest, now)
	}
	return forgetting{now: now}
}

// advance returns the time by which to forget, after this program ran so long.
func (f *forgetting) advance(wall time.Time, running time.Duration) seconds {
	elapsed := running - f.noticed
	f.noticed = running
	f.now = min(secondsOf(wall), f.now+seconds(elapsed*forgettingSpeed/time.Second))
	return f.now
}
