// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"math"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// Round rounds a number to a multiple. It is disclosure control, not differential privacy.
type Round struct {
	// To is the grid: 100 rounds to hundreds.
	To int64 `mapstructure:"to"`
	// Mode is half_even (the default), up, down or sticky.
	Mode RoundMode `mapstructure:"mode"`
}

// RoundMode says to which multiple a number goes.
type RoundMode string

const (
	RoundHalfEven RoundMode = "half_even"
	RoundUp       RoundMode = "up"
	RoundDown     RoundMode = "down"
	// RoundSticky hides where the edges are, behind an offset drawn once.
	RoundSticky RoundMode = "sticky"
)

// Validate checks the grid and the mode.
func (r *Round) Validate() error {
	if r.To < 1 || r.To > maxWhole {
		return fmt.Errorf("to: %d is no grid: write a whole number from 1, such as 100", r.To)
	}
	switch r.Mode {
	case "", RoundHalfEven, RoundUp, RoundDown, RoundSticky:
		return nil
	}
	return fmt.Errorf("mode: %q is unknown: write half_even, up, down or sticky", r.Mode)
}

// step says how the mode rounds.
func (r *Round) step() step {
	switch r.Mode {
	case RoundSticky:
		return stickyRound{r.To}
	case RoundUp:
		return round{r.To, mechanism.RoundUp, mechanism.RoundDoubleUp, "up"}
	case RoundDown:
		return round{r.To, mechanism.RoundDown, mechanism.RoundDoubleDown, "down"}
	default:
		return round{r.To, mechanism.RoundHalfEven, mechanism.RoundDoubleHalfEven, "half to even"}
	}
}

type round struct {
	to     int64
	whole  func(x, to int64) int64
	double func(x, to float64) float64
	mode   string
}

func (r round) apply(v value, _ *place) (value, reason) {
	if v.isDouble {
		v.double = r.double(v.double, float64(r.to))
		return v, passes
	}
	v.whole = r.whole(v.whole, r.to)
	return v, passes
}

func (r round) words() string { return fmt.Sprintf("rounded to %d, %s", r.to, r.mode) }

type stickyRound struct{ to int64 }

func (r stickyRound) apply(v value, at *place) (value, reason) {
	x, fate := v.floor()
	if fate != passes {
		return v, fate
	}
	offset := mechanism.StickyOffset(at.draw("round", fmt.Sprint(r.to)), r.to)
	return v.become(mechanism.StickyRound(x, r.to, offset)), passes
}

func (r stickyRound) words() string { return fmt.Sprintf("rounded to %d with a secret offset", r.to) }

// floor is the whole number not above v. Doubles tell whole numbers apart only up to maxWhole.
func (v value) floor() (int64, reason) {
	if !v.isDouble {
		return v.whole, passes
	}
	if math.Abs(v.double) > maxWhole {
		return 0, outOfRange
	}
	return int64(math.Floor(v.double)), passes
}

const maxWhole = 1 << 53

// become is a whole number of the same type as v.
func (v value) become(whole int64) value {
	if v.isDouble {
		return value{double: float64(whole), isDouble: true}
	}
	return value{whole: whole}
}

func (r round) claim() string {
	return "Hides the number within its cell. In a week in which it crosses an edge, it tells where it stood. No formal claim."
}

func (r stickyRound) claim() string {
	return fmt.Sprintf("Hides where the edges are: a constant difference of c is seen with a probability of at most c/%d, for ever. Large changes are not hidden.", r.to)
}
