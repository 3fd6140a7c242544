// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package exposition

import (
	"cmp"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

var (
	// totals are what programs write for all of the other values of a label.
	totals = []string{"total", "all"}
	// perhapsTotals are what they write for all, or for another value: the numbers tell.
	perhapsTotals = []string{"", "*", "any", "sum", "overall", "combined"}
	// windows are the labels in which programs write a window of time.
	windows = []string{"period", "window", "time_window", "interval", "range", "time_range", "timerange", "timeframe", "days"}
)

// holdTotal reports whether one of the samples is the total of others among them.
func holdTotal(samples []sample) bool {
	return slices.ContainsFunc(labelsOf(samples), func(label string) bool {
		return differ(samples, label) && (slices.ContainsFunc(samples, func(s sample) bool {
			return slices.Contains(totals, strings.ToLower(s.labels[label]))
		}) || oneSumsUp(samples, label))
	})
}

// oneSumsUp reports whether a sample is the sum of several that differ from it in this label alone.
func oneSumsUp(samples []sample, label string) bool {
	type group struct {
		sum     float64
		several int
		alls    []float64
	}
	groups := map[string]*group{}
	for _, s := range samples {
		others := maps.Clone(s.labels)
		delete(others, label)
		key := sample{labels: others}.series()
		if groups[key] == nil {
			groups[key] = &group{}
		}
		if maySumUp(s.labels[label]) {
			groups[key].alls = append(groups[key].alls, s.value)
		} else {
			groups[key].sum += s.value
			groups[key].several++
		}
	}
	for _, g := range groups {
		if g.several > 1 && g.sum > 0 && slices.ContainsFunc(g.alls, func(all float64) bool { return math.Abs(all-g.sum) <= 1e-9*g.sum }) {
			return true
		}
	}
	return false
}

// maySumUp reports whether a label's value may stand for all others, such as "all plans" or grand_total.
func maySumUp(value string) bool {
	value = strings.ToLower(value)
	return slices.Contains(perhapsTotals, value) || slices.ContainsFunc(strings.FieldsFunc(value, isNoLetter), func(word string) bool {
		return slices.Contains(totals, word) || slices.Contains(perhapsTotals, word)
	})
}

func isNoLetter(r rune) bool { return !unicode.IsLetter(r) }

// labelsOf are the names of the labels that one of the samples has.
func labelsOf(samples []sample) []string {
	names := map[string]bool{}
	for _, s := range samples {
		for name := range s.labels {
			names[name] = true
		}
	}
	return slices.Collect(maps.Keys(names))
}

// holdWindows reports whether the samples are of several windows of time, as of the users of a day and of a month.
func holdWindows(samples []sample) bool {
	return slices.ContainsFunc(windows, func(label string) bool { return differ(samples, label) }) ||
		slices.ContainsFunc(labelsOf(samples), func(label string) bool { return differ(samples, label) && areWindows(samples, label) })
}

// window is one as programs write it: 24h, 30d, "7 days".
var window = regexp.MustCompile(`^(?i:last|past)?[ _-]?(\d+)[ _-]?(?i:(s|sec|second)|(m|min|minute)|(h|hr|hour)|(d|day)|(w|wk|week)|(mo|mon|month)|(y|yr|year))(?i:s?)$`)

// areWindows reports whether each value of a label is a window of time, and none of the longer ones holds less than a shorter.
func areWindows(samples []sample, label string) bool {
	lengths := map[string]float64{}
	for _, s := range samples {
		parts := window.FindStringSubmatch(s.labels[label])
		if parts == nil {
			return false
		}
		number, _ := strconv.ParseFloat(parts[1], 64)
		for i, seconds := range []float64{1, 60, 3600, 86400, 604800, 2629800, 31557600} {
			if parts[2+i] != "" {
				lengths[s.labels[label]] = number * seconds
			}
		}
	}
	sums := map[string]float64{}
	for _, s := range samples {
		sums[s.labels[label]] += s.value
	}
	byLength := slices.SortedFunc(maps.Keys(lengths), func(a, b string) int { return cmp.Compare(lengths[a], lengths[b]) })
	return slices.IsSortedFunc(byLength, func(a, b string) int { return cmp.Compare(sums[a], sums[b]) })
}

// differ reports whether samples have different values of a label.
func differ(samples []sample, label string) bool {
	return slices.ContainsFunc(samples, func(s sample) bool { return s.labels[label] != samples[0].labels[label] })
}
