// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package anonymizer

import (
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// RandomizedResponse leaves a random answer to a yes-or-no question (a metric of
// 0 and 1, or a boolean resource attribute) or, with Values, a random selection
// of them, from which the makers of a fleet of many thousands can tell shares
// (mechanism.RandomizedResponse.EstimateShare).
type RandomizedResponse struct {
	// F is the probability that a coin decides for good, and not the truth; by default 0.5.
	F float64 `mapstructure:"f"`
	// P and Q are the probabilities of reporting 1 for a memoized 0 and 1; by default 0.5 and 0.75.
	P float64 `mapstructure:"p"`
	Q float64 `mapstructure:"q"`
	// Values are those of an enum, for a resource attribute. What leaves are those whose bit is 1, joined by commas.
	Values []string `mapstructure:"values"`
}

// Validate checks the parameters.
func (r *RandomizedResponse) Validate() error {
	for i, v := range r.Values {
		if v == "" || strings.Contains(v, ",") || slices.Contains(r.Values[:i], v) {
			return fmt.Errorf("values: %q: write each value once, without commas", v)
		}
	}
	_, err := r.Mechanism()
	return err
}

// Mechanism reads the parameters: those of the draw, and of the makers' estimate.
func (r *RandomizedResponse) Mechanism() (m mechanism.RandomizedResponse, err error) {
	for _, part := range []struct {
		key                string
		value, otherwise   float64
		ratio              *mechanism.Ratio
		belowOne, aboveLow bool
	}{
		{key: "f", value: r.F, otherwise: .5, ratio: &m.F},
		{key: "p", value: r.P, otherwise: .5, ratio: &m.P},
		{key: "q", value: r.Q, otherwise: .75, ratio: &m.Q},
	} {
		if part.value == 0 {
			part.value = part.otherwise
		}
		if *part.ratio, err = mechanism.RatioOf(part.value); err != nil || part.value >= 1 {
			return m, fmt.Errorf("%s: %v: write a probability above 0 and below 1 with few digits, such as %v", part.key, part.value, part.otherwise)
		}
	}
	if m.P.Float() >= m.Q.Float() {
		return m, fmt.Errorf("p: %v is not below q: %v: swap them", m.P.Float(), m.Q.Float())
	}
	return m, nil
}

func (r *RandomizedResponse) step() randomizedResponse {
	m, _ := r.Mechanism() // validated
	return randomizedResponse{m, fmt.Sprintf("%v/%v/%v", m.F, m.P, m.Q), r.Values}
}

type randomizedResponse struct {
	mechanism.RandomizedResponse
	parameters string
	values     []string
}

// answer memoizes the permanent bit of a question and its true answer, and reports it at random.
func (r randomizedResponse) answer(at *place, question string, truth bool) bool {
	permanent := r.Permanent(at.draw("randomized_response", r.parameters, question, fmt.Sprint(truth)), truth)
	return r.Report(at.memory.random, permanent)
}

func (r randomizedResponse) apply(v value, at *place) (value, reason) {
	if at.delta || at.histogram {
		return v, unfit
	}
	x, fate := v.floor()
	if fate != passes || x != 0 && x != 1 || v != v.become(x) {
		return v, outOfRange
	}
	return v.become(bit(r.answer(at, "", x == 1))), passes
}

// applyText treats a boolean, or one of the values of an enum.
func (r randomizedResponse) applyText(v pcommon.Value, at *place) reason {
	if len(r.values) == 0 {
		if v.Type() != pcommon.ValueTypeBool {
			return unfit
		}
		v.SetBool(r.answer(at, "", v.Bool()))
		return passes
	}
	var chosen []string
	for _, candidate := range r.values {
		if r.answer(at, candidate, v.AsString() == candidate) {
			chosen = append(chosen, candidate)
		}
	}
	v.SetStr(strings.Join(chosen, ","))
	return passes
}

func (r randomizedResponse) words() string {
	once, forever := r.EpsilonBoolean()
	if len(r.values) > 0 {
		once, forever = r.EpsilonBits(1)
	}
	return fmt.Sprintf("a random answer (ε = %.3g for one report, %.3g for all of one unchanging value)", once, forever)
}

func (r randomizedResponse) claim() string {
	return "All reports of one unchanging value together tell at most the second ε. That the value changed is not hidden for good."
}
