// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"slices"
	"strings"
)

// akin is the way to say no that was meant by a name of other words: by its first letters, as DNT, by some of its words,
// or by the program's name with a word for no, as HEADCOUNT_DISABLED; empty where none was.
func akin(name string, signals []string) string {
	words := wordsIn(name)
	for _, signal := range signals {
		own := wordsIn(signal)
		switch {
		case len(own) > 2 && strings.EqualFold(name, initials(own)):
			return signal
		case len(words) > 1 && len(own) > 1 && within(words, own):
			return signal
		case signal == "HEADCOUNT_MODE" && words[0] == "HEADCOUNT" && (len(words) == 1 || saysNo(words[1:])):
			return signal
		}
	}
	return ""
}

// refusals are the words by which other programs are turned off.
var refusals = []string{"DISABLE", "DISABLED", "ENABLE", "ENABLED", "NO", "OFF", "ON", "OPT", "OPTOUT", "TELEMETRY", "ANALYTICS", "STATS", "STATISTICS", "TRACK", "TRACKING", "USAGE"}

func saysNo(words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return slices.Contains(refusals, word) })
}

func wordsIn(name string) []string {
	words := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	return append(words, "")[:max(1, len(words))]
}

func initials(words []string) string {
	var first strings.Builder
	for _, word := range words {
		first.WriteString(word[:1])
	}
	return first.String()
}

// within reports whether each word is one of the others, or a shorter or longer form of one.
func within(words, others []string) bool {
	return !slices.ContainsFunc(words, func(word string) bool {
		return !slices.ContainsFunc(others, func(other string) bool {
			return word == other || begins(word, other) || begins(other, word)
		})
	})
}

// begins reports whether a word is the other's beginning, as ANON is of ANONYMOUS, and STATS of STATISTICS.
func begins(word, other string) bool {
	start, isPlural := strings.CutSuffix(word, "S")
	return len(start) > 3 && strings.HasPrefix(other, start) && (!isPlural || strings.HasSuffix(other, "S"))
}
