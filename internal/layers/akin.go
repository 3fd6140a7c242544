// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package layers

import (
	"slices"
	"strings"
)

// akin is the way to say no that was meant by a name of other words, or of other letters' case: by its first letters, as DNT, by some of its words,
// by the words of other programs, as NO_TELEMETRY and SHOP_TELEMETRY=off, or by the program's name with a word for no, as
// HEADCOUNT_DISABLED; empty where none was.
func akin(name, value string, signals []string) string {
	words := wordsIn(name)
	for _, signal := range signals {
		own := wordsIn(signal)
		switch {
		case strings.EqualFold(name, signal), len(own) > 2 && strings.EqualFold(name, initials(own)):
			return signal
		case len(words) > 1 && len(own) > 1 && within(words, own):
			return signal
		case signal == "HEADCOUNT_MODE":
			if slices.Contains(words, "HEADCOUNT") && (len(words) == 1 || slices.ContainsFunc(words, isOfReports) || isNo(value)) {
				return signal
			}
		case words[0] == own[0] && refusesReports(words[1:], value):
			return signal
		}
	}
	if everybodys := "DO_NOT_TRACK"; slices.Contains(signals, everybodys) && refusesReports(words, value) {
		return everybodys
	}
	return ""
}

// subjects, refusals and fillers are the words by which other programs are turned off.
var (
	subjects = []string{"TELEMETRY", "ANALYTICS", "STATS", "STATISTICS", "TRACK", "TRACKING", "USAGE"}
	refusals = []string{"DISABLE", "DISABLED", "NO", "NOT", "OFF", "OUT", "OPTOUT", "STOP", "DRY", "LOCAL"}
	fillers  = []string{"ENABLE", "ENABLED", "ON", "OPT", "DO", "SEND", "ALLOW", "COLLECT", "REPORT", "REPORTING", "ANONYMOUS", "ANON", "DATA"}
)

// isOfReports reports whether a word of ours is one by which reports are turned on or off.
func isOfReports(word string) bool {
	return slices.Contains(subjects, word) || slices.Contains(refusals, word) || slices.Contains([]string{"ENABLE", "ENABLED", "ON", "OPT"}, word)
}

// refusesReports reports whether a variable of nothing but such words says no, by one of them or by its value.
func refusesReports(words []string, value string) bool {
	var ofReports, no bool
	for _, word := range words {
		isSubject, isRefusal := slices.Contains(subjects, word), slices.Contains(refusals, word)
		if !isSubject && !isRefusal && !slices.Contains(fillers, word) {
			return false
		}
		ofReports, no = ofReports || isSubject, no || isRefusal
	}
	return ofReports && (no || isNo(value))
}

func isNo(value string) bool {
	return slices.Contains([]string{"off", "no", "n", "false", "f", "0", "none", "never", "disable", "disabled", "local"}, strings.ToLower(strings.Trim(value, ` "'`)))
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
