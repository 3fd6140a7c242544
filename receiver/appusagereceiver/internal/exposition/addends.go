// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package exposition

import (
	"maps"
	"math"
	"slices"
	"strings"
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
		if slices.Contains(perhapsTotals, strings.ToLower(s.labels[label])) {
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
	return slices.ContainsFunc(windows, func(label string) bool { return differ(samples, label) })
}

// differ reports whether samples have different values of a label.
func differ(samples []sample, label string) bool {
	return slices.ContainsFunc(samples, func(s sample) bool { return s.labels[label] != samples[0].labels[label] })
}
