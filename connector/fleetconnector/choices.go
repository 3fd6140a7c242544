// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"iter"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

// choices are the random selections of the rule randomized_response with values:
// the share of installations that truly have each value is estimated.
type choices struct {
	mechanism.RandomizedResponse
	candidates []string
}

func (choices) kind() answerKind { return aText }

// observe reads the selected values, joined by commas, and keeps them in the rule's order.
func (c choices) observe(said observation) (answer, bool) {
	switch said.value.Type() {
	case pcommon.ValueTypeEmpty:
		return answer{}, true
	case pcommon.ValueTypeStr:
	default:
		return answer{}, false
	}
	selected := map[string]bool{}
	if said.value.Str() != "" {
		for text := range strings.SplitSeq(said.value.Str(), ",") {
			if selected[text] || !slices.Contains(c.candidates, text) {
				return answer{}, false
			}
			selected[text] = true
		}
	}
	inOrder := slices.DeleteFunc(slices.Clone(c.candidates), func(text string) bool { return !selected[text] })
	return answer{kind: aText, text: strings.Join(inOrder, ",")}, true
}

func (c choices) emit(about aggregate, answers iter.Seq[answer], to *snapshot) {
	counted, n := countTexts(answers)
	if !to.tells(n) {
		return
	}
	ones := map[string]int{}
	for selected, count := range counted {
		for text := range strings.SplitSeq(selected, ",") {
			ones[text] += count
		}
	}
	to.installations(about).count(n)
	shares := to.estimates(about.name+".share", "1", "share of the installations with this value. "+about.description)
	for _, text := range c.candidates {
		if e := c.EstimateShare(ones[text], n); e.Says(1) {
			for _, attributes := range shares.add(e, 1) {
				attributes.PutStr(about.name, text)
			}
		}
	}
}
