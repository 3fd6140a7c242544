// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package fleetconnector

import (
	"slices"
	"strconv"
	"strings"
)

// figuresFolder holds one file for each figure.
const figuresFolder = "figures"

// figure is one entry of the configuration, whether it is told or not.
type figure struct {
	Name        string `json:"name"`
	Unit        string `json:"unit,omitempty"`
	Description string `json:"description,omitempty"`
	// Kind is value for a resource attribute, number for a metric.
	Kind string `json:"kind"`
	// Random is true where the installations' answers are, so that figures are estimates.
	Random bool `json:"random,omitzero"`
	// Histogram is true where ranges hold what the installations counted, and not the installations.
	Histogram bool `json:"histogram,omitzero"`
	// File is where its numbers are.
	File string `json:"file"`
}

// theInstallations are the figure that there always is.
var theInstallations = figure{Name: "installation", Description: "Installations that report.", Kind: "value", File: figuresFolder + "/installations.json"}

// figuresOf are the entries of a configuration.
func figuresOf(of *Config) (all []figure) {
	for _, name := range of.Resource.Names() {
		entry := of.Resource[name]
		all = append(all, figure{Name: name, Description: entry.Description, Kind: "value", Random: entry.RandomizedResponse != nil})
	}
	for _, name := range of.Metrics.Names() {
		entry := of.Metrics[name]
		all = append(all, figure{Name: name, Unit: entry.Unit, Description: entry.Description, Kind: "number", Random: entry.OneBit != nil || entry.RandomizedResponse != nil, Histogram: entry.Histogram})
	}
	taken := map[string]bool{theInstallations.File: true}
	for i := range all {
		all[i].File = fileFor(all[i].Name, taken)
	}
	return all
}

// fileFor is a name that every file system and every URL has as it is.
func fileFor(name string, taken map[string]bool) string {
	plain := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-' {
			return c
		}
		return '_'
	}, strings.ToLower(name))
	file := figuresFolder + "/" + plain + ".json"
	for again := 2; taken[file]; again++ {
		file = figuresFolder + "/" + plain + "-" + strconv.Itoa(again) + ".json"
	}
	taken[file] = true
	return file
}

// figureOverTime is a figure's own file.
type figureOverTime struct {
	figure
	Days []day `json:"days"`
}

// endings are how the metrics of a figure's name end.
var endings = []string{"count", "returning.count", "minimum", "sum", "mean", "mean_low", "mean_high", "share", "share_low", "share_high", "installation.count", "distribution"}

// over is what was told of the figure, as far as it may be shown under a minimum.
func (f figure) over(days []day, least int) figureOverTime {
	of := figureOverTime{figure: f, Days: []day{}}
	name := prefix + f.Name + "."
	for _, d := range days {
		own := day{Date: d.Date}
		for _, p := range d.Points {
			if ending, ours := strings.CutPrefix(p.Name, name); ours && slices.Contains(endings, ending) {
				own.Points = append(own.Points, p)
			}
		}
		if under := d.minimum(); under < least {
			own.Points = f.ofEnough(own.Points, under, least)
		}
		if len(own.Points) > 0 {
			of.Days = append(of.Days, own)
		}
	}
	return of
}
