// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"slices"
	"strings"
)

// What was told on a day stands on the page for years, and the minimum may be raised meanwhile. A day keeps the
// minimum under which it was told: where that is smaller than today's, the counts beside its figures say what may
// still be shown. What they do not say of a figure is not shown.

const minimumName = prefix + "installation.minimum"

// minimum is the one under which the day was told; 0 where it was not noted.
func (d day) minimum() int {
	for _, p := range d.Points {
		if p.Name == minimumName {
			return int(p.Value)
		}
	}
	return 0
}

// ofEnough leaves of the figure's points of one day what is of at least so many installations.
func (f figure) ofEnough(points []point, toldUnder, least int) []point {
	if f.Kind == "value" && !f.Random && f.File != theInstallations.File {
		return valuesOfEnough(prefix+f.Name+".installation.count", points, least)
	}
	behind := map[string]float64{}
	for _, p := range points {
		if strings.HasSuffix(p.Name, ".installation.count") {
			behind[p.Label] = p.Value
		}
	}
	return slices.DeleteFunc(points, func(p point) bool {
		count, grouped := behind[p.Label]
		if !grouped {
			count = behind[""]
		}
		switch {
		case p.Name == minimumName:
			return false
		case strings.HasSuffix(p.Name, ".count"):
			return p.Value < float64(least)
		case strings.HasSuffix(p.Name, ".distribution"): // how many installations are in a range of a histogram is not told
			return true
		case !f.Random && toldUnder <= 1: // then a sum may be one installation's
			return true
		default:
			return count < float64(least)
		}
	})
}

// valuesOfEnough are the counts by value, under one name, with the rare ones among the others.
func valuesOfEnough(name string, points []point, least int) (left []point) {
	counted := map[string]int{}
	for _, p := range points {
		if p.Name == name {
			counted[p.Label] = int(p.Value)
		}
	}
	others := counted[other]
	delete(counted, other)
	named, others := joinRare(byFrequency(counted), counted, others, least)
	for _, text := range named {
		left = append(left, point{name, text, float64(counted[text])})
	}
	if others >= least {
		left = append(left, point{name, other, float64(others)})
	}
	return left
}

// shownDays are the figures' days as one: what no figure of the configuration is, is not shown.
func shownDays(figures []figureOverTime, days []day) []day {
	points := map[string][]point{}
	for _, f := range figures {
		for _, d := range f.Days {
			points[d.Date] = append(points[d.Date], d.Points...)
		}
	}
	all := make([]day, len(days)) // none is [] for the page's script, which asks for lengths
	for i, d := range days {
		all[i] = day{d.Date, append([]point{}, points[d.Date]...)}
	}
	return all
}

// maxCharted is how many days a chart can show.
const maxCharted = 200

// charted are the days that the page's charts show, each with what they draw of it, and the last one whole: two years of
// all that is told would be a page of many megabytes, and are in the JSON beside the charts.
func charted(days []day) []day {
	shown, last := make([]day, 0, min(len(days), maxCharted)), len(days)-1
	step := last/maxCharted + 1
	for i, d := range days {
		switch {
		case i == last:
			shown = append(shown, d)
		case (last-i)%step == 0:
			d.Points = slices.DeleteFunc(slices.Clone(d.Points), func(p point) bool { return !drawn(p) })
			shown = append(shown, d)
		}
	}
	return shown
}

// drawn reports whether a chart over time draws the point: of what has labels that is counts by value.
func drawn(p point) bool {
	return strings.HasSuffix(p.Name, ".count") || p.Label == "" && !strings.HasSuffix(p.Name, ".sum")
}
