// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"iter"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// estimator says what is behind random bits.
type estimator interface {
	// series begins the figures, of all installations or of some of them.
	series(about aggregate, of string, to *snapshot) estimates
	// estimate is that of n bits, and the most that is possible.
	estimate(ones, n int) (of mechanism.Estimate, most float64)
}

// emitEstimate tells what is behind the bits of all installations.
func emitEstimate(by estimator, about aggregate, answers iter.Seq[answer], to *snapshot) {
	ones, n := countBits(answers)
	if !to.tells(n) {
		return
	}
	to.installations(about).count(n)
	if e, most := by.estimate(ones, n); e.Says(most) {
		by.series(about, "", to).add(e, most)
	}
}

// bits are those of the rule one_bit: the mean of the numbers behind them is estimated.
type bits struct {
	mechanism.OneBit
	unit string
}

func (bits) kind() answerKind { return aNumber }

func (bits) observe(said observation) (answer, bool) { return bitIn(said) }

func (b bits) emit(about aggregate, answers iter.Seq[answer], to *snapshot) {
	emitEstimate(b, about, answers, to)
}

func (b bits) series(about aggregate, of string, to *snapshot) estimates {
	return to.estimates(about.name+".mean", b.unit, "mean of the installations"+of+". "+about.description)
}

func (b bits) estimate(ones, n int) (mechanism.Estimate, float64) {
	return b.EstimateMean(ones, n), float64(b.Max)
}

// responses are the bits of the rule randomized_response: the share of those whose
// truth is 1, or true, is estimated.
type responses struct {
	mechanism.RandomizedResponse
}

func (responses) kind() answerKind { return aNumber }

func (responses) observe(said observation) (answer, bool) { return bitIn(said) }

func (r responses) emit(about aggregate, answers iter.Seq[answer], to *snapshot) {
	emitEstimate(r, about, answers, to)
}

func (responses) series(about aggregate, of string, to *snapshot) estimates {
	return to.estimates(about.name+".share", "1", "share of the installations"+of+" that say yes. "+about.description)
}

func (r responses) estimate(ones, n int) (mechanism.Estimate, float64) {
	return r.EstimateShare(ones, n), 1
}

// bitIn reads 0 and 1, false and true.
func bitIn(said observation) (answer, bool) {
	value, ok := said.single()
	if !ok {
		return answer{}, false
	}
	if value.Type() != pcommon.ValueTypeBool {
		a, ok := numberIn(value)
		return a, ok && (a.number == 0 || a.number == 1)
	}
	if value.Bool() {
		return answer{kind: aNumber, number: 1}, true
	}
	return answer{kind: aNumber}, true
}

func countBits(answers iter.Seq[answer]) (ones, n int) {
	for a := range answers {
		n++
		ones += int(a.number)
	}
	return ones, n
}
