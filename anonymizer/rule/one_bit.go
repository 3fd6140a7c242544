// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// OneBit leaves one random bit, from which the makers of a fleet of many thousands
// can tell its mean (mechanism.OneBit.EstimateMean), and of one installation no more than its ε says.
type OneBit struct {
	// Max is the greatest number; others are cut to 0 … Max.
	Max int64 `mapstructure:"max,omitempty"`
	// Step divides Max: what is memoized is a bit for each multiple of it; by default Max.
	Step int64 `mapstructure:"step,omitempty"`
	// Zero is the probability of a 1 for the number 0; by default 0.25, an ε of ln 3.
	Zero float64 `mapstructure:"zero,omitempty"`
	// Flip is the probability of turning the bit over in one report; by default 0.1.
	Flip *float64 `mapstructure:"flip,omitempty"`
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

func (o *OneBit) step(of string) oneBit {
	m, _ := o.Mechanism() // validated
	return oneBit{forgets{}, m, uniform(m.Step), bernoulli(m.Flip), fmt.Sprintf("%d/%d/%v", m.Max, m.Step, m.Zero) + of}
}

type oneBit struct {
	forgets
	mechanism.OneBit
	offset, flip Distribution
	parameters   string
}

func (o oneBit) apply(v Value, k *Key) (Value, Outcome) {
	if k.Delta || k.Histogram {
		return v, Unfit
	}
	x, outcome := v.nearest()
	if outcome != Passes {
		return v, outcome
	}
	rounded := o.AlphaRound(x, k.sticky("one_bit offset", o.offset, o.parameters))
	answer := k.sticky("one_bit", oneBitAnswer{o.OneBit, rounded}, o.parameters, strconv.FormatInt(rounded, 10))
	return v.become(answer ^ k.Memory.Fresh(o.flip)), Passes
}

// oneBitAnswer is the bit for a rounded number.
type oneBitAnswer struct {
	mechanism.OneBit
	rounded int64
}

// Sample implements Distribution.
func (a oneBitAnswer) Sample(random io.Reader) int64 { return bit(a.Answer(random, a.rounded)) }

func (o oneBit) describe() string { return fmt.Sprintf("one random bit for 0 … %d", o.Max) }

// effect: the bit's probability is linear in the rounded number, and the mean of the
// rounded number over all offsets is the number: Ding, Kulkarni and Yekhanin, 2017.
func (o oneBit) effect() effect {
	zero, flip := o.Zero.Float(), o.Flip.Float()
	seen := zero*(1-flip) + (1-zero)*flip
	return effect{theorem: &theorem{draw: o.sticky(), bounds: []Bound{
		{Pairs: Unchanging, Epsilon: o.Epsilon()},
		{Pairs: Alone, Epsilon: math.Log(1/seen - 1)},
	}}}
}

func (o oneBit) hides() bool { return o.Max > 1 || 1-o.Zero.Float() < mostly }

func (oneBit) promise() (hides, not string) { return "", changes }

// changes are what no memoized answer hides.
const changes = "That the number changed, and when, is not hidden."

func (o oneBit) sticky() string { return "one_bit " + o.parameters }

const manyNeeded = "a random answer is of use to the makers of 10,000 installations and more"

func (oneBit) weakness() string { return manyNeeded }
