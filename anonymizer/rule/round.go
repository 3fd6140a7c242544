// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
	"github.com/headcount-otel/headcount/conf"
)

// Round rounds a number to a multiple. It is disclosure control, not differential privacy.
type Round struct {
	// To is the grid: 100 rounds to hundreds.
	To int64 `mapstructure:"to,omitempty"`
	// Mode is half_even (the default), up, down or sticky.
	Mode RoundMode `mapstructure:"mode,omitempty"`
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

var roundModes = conf.WordsOf(RoundHalfEven, RoundUp, RoundDown, RoundSticky)

// Words implements conf.Worded.
func (*Round) Words() map[string]conf.Words { return map[string]conf.Words{"mode": roundModes} }

// Validate checks the grid and the mode.
func (r *Round) Validate() error {
	if r.To < 1 || r.To > maxWhole {
		return fmt.Errorf("to: %d is no grid: write a whole number from 1, such as 100", r.To)
	}
	if err := roundModes.Check(string(r.Mode)); err != nil {
		return fmt.Errorf("mode: %w", err)
	}
	return nil
}

// step says how the mode rounds.
func (r *Round) step(of string) step {
	switch r.Mode {
	case RoundSticky:
		return stickyRound{forgets{}, r.To, uniform(r.To), fmt.Sprint(r.To) + of}
	case RoundUp:
		return round{forgets{}, r.To, mechanism.RoundUp, mechanism.RoundDoubleUp, "up"}
	case RoundDown:
		return round{forgets{}, r.To, mechanism.RoundDown, mechanism.RoundDoubleDown, "down"}
	default:
		return round{forgets{}, r.To, mechanism.RoundHalfEven, mechanism.RoundDoubleHalfEven, halfEven}
	}
}

const halfEven = "half to even"

type round struct {
	forgets
	to     int64
	whole  func(x, to int64) int64
	double func(x, to float64) float64
	mode   string
}

func (r round) apply(v Value, _ *Key) (Value, Outcome) {
	if v.IsDouble {
		v.Double = r.double(v.Double, float64(r.to))
		return v, Passes
	}
	v.Whole = r.whole(v.Whole, r.to)
	return v, Passes
}

func (r round) describe() string { return fmt.Sprintf("rounded to %d, %s", r.to, r.mode) }

type stickyRound struct {
	forgets
	to         int64
	drawn      Distribution
	parameters string
}

func (r stickyRound) apply(v Value, k *Key) (Value, Outcome) {
	x, outcome := v.floor()
	if outcome != Passes {
		return v, outcome
	}
	return v.become(mechanism.StickyRound(x, r.to, k.sticky("round", r.drawn, r.parameters))), Passes
}

func (r stickyRound) describe() string {
	return fmt.Sprintf("rounded to %d with a secret offset", r.to)
}

func (r round) effect() effect {
	if r.to == 1 {
		return effect{} // of whole numbers, nothing changes
	}
	return effect{difference: lost}
}

func (r round) hides() bool { return r.to > 1 }

// weakness: half to even, 1 and 3 go to the multiples of 4, and nothing but 2 to 2.
func (r round) weakness() string {
	if r.to == 2 && r.mode == halfEven {
		return "round to 2, half to even: " + lonely + "; write to: 5, or mode: down"
	}
	return ""
}

const lonely = "2, 6, 10, … leave as they are, and no other number as one of them"

const cells = "Hides the number within its cell; in a week in which it crosses an edge, it tells where it stood."

// heldCells: of two numbers in one range, one may lie far enough in it to leave the range before, the other not.
const heldCells = "Hides the number within its range and as far beside it as a range is held; in a week in which another range is told, it tells where it stood."

func (r round) promise() (hides, not string) {
	if r.weakness() != "" {
		return cells, lonely + "."
	}
	return cells, ""
}

// effect: for a difference of c, all offsets but c of them have a partner that gives
// the same reports; the documentation has the proof.
func (r stickyRound) effect() effect {
	bound := Bound{PerUnit: 1, Of: r.to}
	alone := bound
	alone.Pairs = Alone
	return effect{theorem: &theorem{draw: r.sticky(), bounds: []Bound{bound, alone}}}
}

func (r stickyRound) hides() bool { return r.to > 1 }

func (r stickyRound) promise() (hides, not string) {
	return "", "Growth and large changes are not hidden."
}

func (r stickyRound) sticky() string { return "round " + r.parameters }
