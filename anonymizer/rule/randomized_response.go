// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"io"
	"slices"
	"strconv"
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
	F float64 `mapstructure:"f,omitempty"`
	// P and Q are the probabilities of reporting 1 for a memoized 0 and 1; by default 0.5 and 0.75.
	P float64 `mapstructure:"p,omitempty"`
	Q float64 `mapstructure:"q,omitempty"`
	// Values are those of an enum, for a resource attribute. What leaves are those whose bit is 1, joined by commas.
	Values []string `mapstructure:"values,omitempty"`
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

func (r *RandomizedResponse) step(of string) randomizedResponse {
	m, _ := r.Mechanism() // validated
	return randomizedResponse{forgets{}, m, fmt.Sprintf("%v/%v/%v", m.F, m.P, m.Q) + of, r.Values}
}

type randomizedResponse struct {
	forgets
	mechanism.RandomizedResponse
	parameters string
	values     []string
}

// answer memoizes the permanent bit of a question and its true answer, and reports it at random.
func (r randomizedResponse) answer(k *Key, question string, truth bool) bool {
	permanent := k.sticky("randomized_response", permanentBit{r.RandomizedResponse, truth}, r.parameters, question, strconv.FormatBool(truth))
	return k.Memory.Fresh(bernoulli([]mechanism.Ratio{r.P, r.Q}[permanent])) == 1
}

// permanentBit is the answer to a question that is kept for good.
type permanentBit struct {
	mechanism.RandomizedResponse
	truth bool
}

// Sample implements Distribution.
func (p permanentBit) Sample(random io.Reader) int64 { return bit(p.Permanent(random, p.truth)) }

func (r randomizedResponse) apply(v Value, k *Key) (Value, Outcome) {
	if k.Delta || k.Histogram {
		return v, Unfit
	}
	x, outcome := v.floor()
	if outcome != Passes || x != 0 && x != 1 || v != v.become(x) {
		return v, OutOfRange
	}
	return v.become(bit(r.answer(k, "", x == 1))), Passes
}

// applyText treats a boolean, or one of the values of an enum.
func (r randomizedResponse) applyText(v pcommon.Value, k *Key) Outcome {
	if len(r.values) == 0 {
		if v.Type() != pcommon.ValueTypeBool {
			return Unfit
		}
		v.SetBool(r.answer(k, "", v.Bool()))
		return Passes
	}
	var chosen []string
	for _, candidate := range r.values {
		if r.answer(k, candidate, v.AsString() == candidate) {
			chosen = append(chosen, candidate)
		}
	}
	v.SetStr(strings.Join(chosen, ","))
	return Passes
}

func (r randomizedResponse) describe() string { return "a random answer" }

// effect: Erlingsson, Pihur and Korolova, "RAPPOR", 2014, theorem 1 and its one-report variant.
func (r randomizedResponse) effect() effect {
	once, forever := r.EpsilonBoolean()
	if len(r.values) > 0 {
		once, forever = r.EpsilonBits(1)
	}
	return effect{theorem: &theorem{draw: r.sticky(), bounds: []Bound{
		{Pairs: Unchanging, Epsilon: forever},
		{Pairs: Alone, Epsilon: once},
	}}}
}

// hides: of one number that stays, all reports together tell the permanent bit.
func (r randomizedResponse) hides() bool { return 1-r.F.Float()/2 < mostly }

// promise: what is no answer cannot be one, and stays away.
func (randomizedResponse) promise() (hides, not string) {
	return "", changes + " Nor is that it is neither 0 nor 1: then it does not leave."
}

// guarantee is that of a text, which has no other steps.
func (r randomizedResponse) guarantee() Guarantee {
	return Guarantee{Exact: !r.hides(), Bounds: compose([]effect{r.effect()}), Not: []string{changes}}
}

func (r randomizedResponse) sticky() string { return "randomized_response " + r.parameters }

func (randomizedResponse) weakness() string { return manyNeeded }
