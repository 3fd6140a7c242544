// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"iter"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// bits are those of the rule one_bit: the mean of the numbers behind them is estimated.
type bits struct {
	mechanism.OneBit
	unit string
}

func (bits) kind() answerKind { return aNumber }

func (bits) observe(said observation) (answer, bool) { return bitIn(said) }

func (b bits) emit(about aggregate, answers iter.Seq[answer], to *snapshot) {
	ones, n := countBits(answers)
	if !to.tells(n) {
		return
	}
	to.installations(about).count(n)
	most := float64(b.Max)
	if e := b.EstimateMean(ones, n); e.Says(most) {
		to.estimates(about.name+".mean", b.unit, "mean of the installations. "+about.description).add(e, most)
	}
}

// responses are the bits of the rule randomized_response: the share of those whose
// truth is 1, or true, is estimated.
type responses struct {
	mechanism.RandomizedResponse
}

func (responses) kind() answerKind { return aNumber }

func (responses) observe(said observation) (answer, bool) { return bitIn(said) }

func (r responses) emit(about aggregate, answers iter.Seq[answer], to *snapshot) {
	ones, n := countBits(answers)
	if !to.tells(n) {
		return
	}
	to.installations(about).count(n)
	if e := r.EstimateShare(ones, n); e.Says(1) {
		to.estimates(about.name+".share", "1", "share of the installations that say yes. "+about.description).add(e, 1)
	}
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
