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
	"unique"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/headcount-otel/headcount/anonymizer/mechanism"
)

const (
	// other stands for all values that are not told by name.
	other = "other"
	// maxText is the longest value, in bytes, that is told by name.
	maxText = 64
)

// tally is the way of a resource attribute's entry, and what tells its answers from others.
func (t Text) tally() (tally, string, error) {
	if t.RandomizedResponse == nil {
		return values{cmp.Or(t.Limit, defaultLimit)}, "value", nil
	}
	m, err := t.RandomizedResponse.Mechanism()
	if err != nil {
		return nil, "", fmt.Errorf("randomized_response: %w", err)
	}
	key := fmt.Sprintf("randomized_response %v %v %v", m.F, m.P, m.Q)
	if candidates := t.RandomizedResponse.Values; len(candidates) > 0 {
		return choices{m, candidates}, key + " " + strings.Join(candidates, ","), nil
	}
	return responses{m}, key, nil
}

// values are told as they are: how many installations say each.
type values struct {
	limit int
}

func (values) hear(value pcommon.Value) (answer, bool) {
	switch value.Type() {
	case pcommon.ValueTypeStr, pcommon.ValueTypeBool, pcommon.ValueTypeInt, pcommon.ValueTypeDouble:
	default:
		return answer{}, false
	}
	text := value.AsString()
	if len(text) > maxText || !utf8.ValidString(text) {
		text = other
	}
	return answer{text: unique.Make(text)}, true
}

func (v values) tell(name string, answers iter.Seq[answer], to *telling) {
	counted := countTexts(answers)
	if len(counted) == 0 {
		return
	}
	counts, others := to.installations(name), counted[other]
	delete(counted, other)
	for place, text := range byFrequency(counted) {
		if place < v.limit {
			counts.count(counted[text]).PutStr(name, text)
		} else {
			others += counted[text]
		}
	}
	if others > 0 {
		counts.count(others).PutStr(name, other)
	}
}

func countTexts(answers iter.Seq[answer]) map[string]int {
	handles := map[unique.Handle[string]]int{}
	for a := range answers {
		handles[a.text]++
	}
	counted := make(map[string]int, len(handles))
	for text, n := range handles {
		counted[text.Value()] = n
	}
	return counted
}

// byFrequency are the texts, the most frequent first, equally frequent ones in order.
func byFrequency(counted map[string]int) []string {
	return slices.SortedFunc(maps.Keys(counted), func(a, b string) int {
		return cmp.Or(cmp.Compare(counted[b], counted[a]), cmp.Compare(a, b))
	})
}

// choices are the random selections of the rule randomized_response with values:
// the share of installations that truly have each value is estimated.
type choices struct {
	mechanism.RandomizedResponse
	candidates []string
}

// hear reads the selected values, joined by commas, and keeps them in the rule's order.
func (c choices) hear(value pcommon.Value) (answer, bool) {
	if value.Type() != pcommon.ValueTypeStr {
		return answer{}, false
	}
	said := map[string]bool{}
	if value.Str() != "" {
		for text := range strings.SplitSeq(value.Str(), ",") {
			if said[text] || !slices.Contains(c.candidates, text) {
				return answer{}, false
			}
			said[text] = true
		}
	}
	selected := slices.DeleteFunc(slices.Clone(c.candidates), func(text string) bool { return !said[text] })
	return answer{text: unique.Make(strings.Join(selected, ","))}, true
}

func (c choices) tell(name string, answers iter.Seq[answer], to *telling) {
	n, ones := 0, map[string]int{}
	for selected, count := range countTexts(answers) {
		n += count
		for text := range strings.SplitSeq(selected, ",") {
			ones[text] += count
		}
	}
	if n > 0 {
		shares := to.estimates(name+".share", "1")
		for _, text := range c.candidates {
			shares.addFor(name, text, c.EstimateShare(ones[text], n))
		}
	}
	to.installations(name).count(n)
}
