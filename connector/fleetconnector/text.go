// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/headcount-otel/headcount/anonymizer/rule"
)

const (
	// other stands for all values that are not told by name.
	other = "other"
	// maxText is the longest value, in bytes, that is told by name.
	maxText = 64
)

// aggregator is the way of a resource attribute's entry, and what tells its answers from others.
func (t Text) aggregator() (aggregator, string, error) {
	if t.RandomizedResponse == nil {
		return values{cmp.Or(t.Limit, defaultLimit)}, "value", nil
	}
	m, err := t.RandomizedResponse.Mechanism()
	if err != nil {
		return nil, "", fmt.Errorf("randomized_response: %w", err)
	}
	if candidates := t.RandomizedResponse.Values; len(candidates) > 0 {
		return choices{m, candidates}, t.estimand(), nil
	}
	return responses{m}, t.estimand(), nil
}

// estimand is the random rule of an entry, with its parameters; empty where it has none.
func (t Text) estimand() string {
	return rule.Text{RandomizedResponse: t.RandomizedResponse}.Estimand()
}

// values are told as they are: how many installations say each.
type values struct {
	limit int
}

func (values) kind() answerKind { return aText }

func (values) observe(said observation) (answer, bool) {
	switch said.value.Type() {
	case pcommon.ValueTypeEmpty:
		return answer{}, true
	case pcommon.ValueTypeStr, pcommon.ValueTypeBool, pcommon.ValueTypeInt, pcommon.ValueTypeDouble:
		return answer{kind: aText, text: nameable(said.value.AsString())}, true
	default:
		return answer{}, false
	}
}

// nameable is the text, or other where it is too long, no text, or holds what stands between the values of a group's name.
func nameable(text string) string {
	if text == "" || len(text) > maxText || !utf8.ValidString(text) || strings.Contains(text, between) {
		return other
	}
	return text
}

func (v values) emit(about aggregate, answers iter.Seq[answer], to *snapshot) {
	counted, all := countTexts(answers)
	if !to.tells(all) {
		return
	}
	counts := to.installations(about)
	named := to.named(counted, v.limit)
	others := all
	for _, text := range named {
		others -= counted[text]
	}
	named, others = joinRare(named, counted, others, to.min)
	for _, text := range named {
		counts.count(counted[text]).PutStr(about.name, text)
	}
	if others > 0 {
		counts.count(others).PutStr(about.name, other)
	}
}

// joinRare takes the least frequent values, which stand last, into the others, until they and each value are of enough installations.
func joinRare(named []string, counted map[string]int, others, least int) ([]string, int) {
	for len(named) > 0 {
		rarest := counted[named[len(named)-1]]
		if rarest >= least && (others == 0 || others >= least) {
			break
		}
		named, others = named[:len(named)-1], others+rarest
	}
	return named, others
}

func countTexts(answers iter.Seq[answer]) (counted map[string]int, all int) {
	counted = map[string]int{}
	for a := range answers {
		counted[a.text]++
		all++
	}
	return counted, all
}

// byFrequency are the texts, the most frequent first, equally frequent ones in order.
func byFrequency(counted map[string]int) []string {
	return slices.SortedFunc(maps.Keys(counted), func(a, b string) int {
		return cmp.Or(cmp.Compare(counted[b], counted[a]), cmp.Compare(a, b))
	})
}
