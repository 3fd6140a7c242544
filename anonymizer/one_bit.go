// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// OneBit leaves one random bit, from which the makers of a fleet of many thousands
// can tell its mean (mechanism.OneBit.EstimateMean) and nothing of one installation.
type OneBit struct {
	// Max is the greatest number; others are cut to 0 … Max.
	Max int64 `mapstructure:"max"`
	// Step divides Max: what is memoized is a bit for each multiple of it; by default Max.
	Step int64 `mapstructure:"step"`
	// Zero is the probability of a 1 for the number 0; by default 0.25, an ε of ln 3.
	Zero float64 `mapstructure:"zero"`
	// Flip is the probability of turning the bit over in one report; by default 0.1.
	Flip *float64 `mapstructure:"flip"`
}

// Validate checks the parameters.
func (o *OneBit) Validate() error {
	_, err := o.Mechanism()
	return err
}

// Mechanism reads the parameters: those of the draw, and of the makers' estimate.
func (o *OneBit) Mechanism() (m mechanism.OneBit, err error) {
	if o.Max < 1 || o.Max > mechanism.MaxRatio {
		return m, fmt.Errorf("max: %d: write the greatest number to be told, from 1 to %d", o.Max, mechanism.MaxRatio)
	}
	m.Max, m.Step = o.Max, o.Step
	if m.Step == 0 {
		m.Step = m.Max
	}
	if m.Step < 1 || m.Max%m.Step != 0 {
		return m, fmt.Errorf("step: %d does not divide max: %d: write a divisor, or leave it out", o.Step, o.Max)
	}
	zero := o.Zero
	if zero == 0 {
		zero = .25
	}
	if m.Zero, err = probability("zero", zero); err != nil {
		return m, err
	}
	flip := .1
	if o.Flip != nil {
		flip = *o.Flip
	}
	if flip == 0 {
		m.Flip = mechanism.Ratio{Den: 1}
		return m, nil
	}
	m.Flip, err = probability("flip", flip)
	return m, err
}

// probability is one that leaves an answer more likely right than wrong.
func probability(key string, p float64) (mechanism.Ratio, error) {
	ratio, err := mechanism.RatioOf(p)
	if err != nil || p <= 0 || p >= .5 {
		return ratio, fmt.Errorf("%s: %v: write a probability above 0 and below 0.5 with few digits, such as 0.25", key, p)
	}
	return ratio, nil
}

func (o *OneBit) step() oneBit {
	m, _ := o.Mechanism() // validated
	return oneBit{m, fmt.Sprintf("%d/%d/%v", m.Max, m.Step, m.Zero)}
}

type oneBit struct {
	mechanism.OneBit
	parameters string
}

func (o oneBit) apply(v value, at *place) (value, reason) {
	if at.delta || at.histogram {
		return v, unfit
	}
	x, fate := v.nearest()
	if fate != passes {
		return v, fate
	}
	rounded := o.AlphaRound(x, mechanism.StickyOffset(at.draw("one_bit offset", o.parameters), o.Step))
	answer := o.Answer(at.draw("one_bit", o.parameters, fmt.Sprint(rounded)), rounded)
	return v.become(bit(o.Perturb(at.memory.random, answer))), passes
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (o oneBit) words() string {
	return fmt.Sprintf("one random bit for 0 … %d (ε = %.3g for one answer, %.3g for all of one pattern of changes)", o.Max, o.Epsilon(), o.EpsilonForever())
}

func (o oneBit) claim() string {
	return fmt.Sprintf("Of two histories that change at the same times, all reports together tell at most ε = %.3g. That the number changed is not hidden for good.", o.EpsilonForever())
}
