// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"errors"
	"fmt"
	"math"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// Noise adds discrete Laplace noise, drawn once for each number and then the
// same for ever. Its ε covers Sensitivity rows of this one number, not a person.
type Noise struct {
	// Sensitivity is by how much the rows to be hidden change the number.
	Sensitivity int64 `mapstructure:"sensitivity,omitempty"`
	// Epsilon is the ε of one number.
	Epsilon float64 `mapstructure:"epsilon,omitempty"`
	// Scale, instead of both, is Sensitivity/Epsilon.
	Scale float64 `mapstructure:"scale,omitempty"`
	// Fresh draws anew for each report: each report then costs ε, and averaging takes the noise away.
	Fresh bool `mapstructure:"fresh,omitempty"`
}

// Validate checks that the noise has one scale.
func (n *Noise) Validate() error {
	_, err := n.scale()
	return err
}

func (n *Noise) scale() (mechanism.Ratio, error) {
	switch {
	case n.Scale != 0 && (n.Sensitivity != 0 || n.Epsilon != 0):
		return mechanism.Ratio{}, errors.New("scale is sensitivity/epsilon: leave either scale or the two others")
	case n.Scale < 0 || n.Scale == 0 && (n.Sensitivity < 1 || n.Epsilon <= 0):
		return mechanism.Ratio{}, errors.New("no scale: write sensitivity: 1 and epsilon: 0.5, or scale: 2")
	case n.Scale > 0:
		scale, err := mechanism.RatioOf(n.Scale)
		if err != nil {
			return scale, fmt.Errorf("scale: %w", err)
		}
		return scale, nil
	}
	epsilon, err := mechanism.RatioOf(n.Epsilon)
	if err != nil {
		return epsilon, fmt.Errorf("epsilon: %w", err)
	}
	scale, err := epsilon.Over(uint64(n.Sensitivity))
	if err != nil {
		return scale, fmt.Errorf("epsilon: %w", err)
	}
	return scale, nil
}

// PerNumber is the ε of one number; of one row, where only the scale is given.
func (n *Noise) PerNumber() float64 {
	if n.Scale != 0 {
		return 1 / n.Scale
	}
	return n.Epsilon
}

func (n *Noise) step(of string) noise {
	scale, _ := n.scale() // validated
	return noise{scale: scale, drawn: laplace(scale), parameters: scale.String() + of, fresh: n.Fresh, within: max(n.Sensitivity, 1), epsilon: n.PerNumber()}
}

type noise struct {
	forgets
	scale      mechanism.Ratio
	drawn      Distribution
	parameters string
	fresh      bool
	within     int64
	epsilon    float64
}

func (n noise) apply(v Value, k *Key) (Value, Outcome) {
	if k.Delta {
		return v, Unfit // an idle delta reveals the draw
	}
	x, outcome := v.nearest()
	if outcome != Passes {
		return v, outcome
	}
	if n.fresh {
		return v.become(AddCounts(x, k.Memory.Fresh(n.drawn))), Passes
	}
	return v.become(AddCounts(x, k.sticky("noise", n.drawn, n.parameters))), Passes
}

// describe names no ε: what it is worth depends on the whole chain.
func (n noise) describe() string {
	kind := "the same for ever"
	if n.fresh {
		kind = "fresh each time"
	}
	return fmt.Sprintf("noise of scale %v, %s", n.scale, kind)
}

// floor takes away that noise made a count negative. It biases a fleet's mean upwards.
type floor struct{ forgets }

func (floor) apply(v Value, _ *Key) (Value, Outcome) {
	if v.below(0) {
		v = v.become(0)
	}
	return v, Passes
}

func (floor) hides() bool { return false }

func (floor) describe() string { return "not below 0" }

func (floor) effect() effect { return effect{difference: lost} }

// effect: Ghosh, Roughgarden and Sundararajan, "Universally Utility-Maximizing Privacy
// Mechanisms", 2009, for one report; for all of a constant difference, since the draw is one.
func (n noise) effect() effect {
	once := Bound{Pairs: Single, Within: n.within, Epsilon: n.epsilon}
	if n.fresh {
		return effect{theorem: &theorem{bounds: []Bound{once}}}
	}
	forever, alone := once, once
	forever.Pairs, alone.Pairs = Shifted, Alone
	return effect{theorem: &theorem{draw: n.sticky(), bounds: []Bound{forever, alone}}}
}

// hides: noise that leaves nine of ten numbers as they are is none.
func (n noise) hides() bool { return math.Tanh(1/(2*n.scale.Float())) < mostly }

func (n noise) promise() (hides, not string) {
	if n.fresh {
		return "", "Averaging takes the noise away."
	}
	return "", "Growth, and a number that is known for once, are not hidden."
}

func (n noise) sticky() string {
	if n.fresh {
		return ""
	}
	return "noise " + n.parameters
}

func (n noise) weakness() string {
	switch {
	case n.fresh:
		return fmt.Sprintf("noise drawn afresh costs ε = %s for each report: %s for 52, and averaging them takes it away; leave fresh out", Figure(n.epsilon), Figure(52*n.epsilon))
	default:
		return ""
	}
}
