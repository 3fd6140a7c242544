// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"errors"
	"fmt"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// Noise adds discrete Laplace noise, drawn once for each number and then the
// same for ever. Its ε covers Sensitivity rows of this one number, not a person.
type Noise struct {
	// Sensitivity is by how much the rows to be hidden change the number.
	Sensitivity int64 `mapstructure:"sensitivity"`
	// Epsilon is the ε of one number.
	Epsilon float64 `mapstructure:"epsilon"`
	// Scale, instead of both, is Sensitivity/Epsilon.
	Scale float64 `mapstructure:"scale"`
	// Fresh draws anew for each report: each report then costs ε, and averaging takes the noise away.
	Fresh bool `mapstructure:"fresh"`
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

// epsilon is of one row where only the scale is given.
func (n *Noise) epsilon() float64 {
	if n.Scale != 0 {
		return 1 / n.Scale
	}
	return n.Epsilon
}

func (n *Noise) step() noise {
	scale, _ := n.scale() // validated
	return noise{scale: scale, fresh: n.Fresh, epsilon: n.epsilon()}
}

type noise struct {
	scale      mechanism.Ratio
	fresh      bool
	epsilon    float64
	afterClamp bool // one that can cut some reports and not others
}

func (n noise) apply(v value, at *place) (value, reason) {
	if at.delta {
		return v, unfit // an idle delta reveals the draw
	}
	x, fate := v.nearest()
	if fate != passes {
		return v, fate
	}
	random := at.memory.random
	if !n.fresh {
		random = at.draw("noise", n.scale.String())
	}
	return v.become(addCounts(x, mechanism.Laplace(random, n.scale))), passes
}

// nearest is the whole number next to v.
func (v value) nearest() (int64, reason) {
	if v.isDouble {
		v.double = mechanism.RoundDoubleHalfEven(v.double, 1)
	}
	return v.floor()
}

func (n noise) words() string {
	kind := "the same for ever"
	if n.fresh {
		kind = "fresh each time"
	}
	return fmt.Sprintf("noise of scale %v, %s (ε = %.3g)", n.scale, kind, n.epsilon)
}

// floor takes away that noise made a count negative. It biases a fleet's mean upwards.
type floor struct{}

func (floor) apply(v value, _ *place) (value, reason) {
	if v.below(0) {
		v = v.become(0)
	}
	return v, passes
}

func (floor) words() string { return "not below 0" }

func (n noise) claim() string {
	if n.fresh {
		return fmt.Sprintf("ε = %.3g for each report, and the sum over all reports: averaging takes the noise away.", n.epsilon)
	}
	claim := fmt.Sprintf("ε = %.3g for rows that are there all the time, for ever. Growth, and a number that is known for once, are not hidden.", n.epsilon)
	if n.afterClamp {
		claim += " Where only some reports reach the clamp, it holds for one report only."
	}
	return claim
}

func (floor) claim() string { return "" }
