// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
	"strings"

	"github.com/headcount-otel/headcount/connector/fleetconnector"
)

// figure is what is shown and watched of one entry.
type figure struct {
	name, description string
	// counted is the metric of how many installations say something.
	counted string
	panels  []panel
}

// panel is one chart: what is asked, and how each answer is called.
type panel struct {
	title string
	kind  chart
	asks  []ask
}

type chart string

const (
	overTime chart = "timeseries"
	parts    chart = "parts"
	interval chart = "interval"
	ranges   chart = "bargauge"
	fact     chart = "stat"
)

type ask struct {
	expression, legend string
	// now: the newest answer alone is shown.
	now bool
}

// figuresOf are the entries of a fleet's configuration, values first.
func figuresOf(cfg *fleetconnector.Config) (all []figure, err error) {
	for _, name := range cfg.Resource.Names() {
		f, err := textFigure(name, cfg.Resource[name])
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	for _, name := range cfg.Metrics.Names() {
		f, err := numberFigure(name, cfg.Metrics[name])
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

func textFigure(name string, entry fleetconnector.Text) (f figure, err error) {
	f = figure{name: name, description: entry.Description}
	if f.counted, err = count(name+".installation.count", "{installation}"); err != nil {
		return f, err
	}
	label, err := labels.Build(name)
	if err != nil {
		return f, err
	}
	if entry.RandomizedResponse == nil {
		f.panels = []panel{{name, parts, []ask{{expression: f.counted, legend: "{{" + label + "}}"}}}}
		return f, nil
	}
	legend := "share"
	if entry.RandomizedResponse.Values != nil {
		legend = "{{" + label + "}}"
	}
	asks, err := estimate(name+".share", "1", legend)
	f.panels = []panel{{name + ", estimated share", interval, asks}}
	return f, err
}

func numberFigure(name string, entry fleetconnector.Number) (f figure, err error) {
	f = figure{name: name, description: entry.Description}
	if f.counted, err = count(name+".installation.count", "{installation}"); err != nil {
		return f, err
	}
	groups, err := groupsOf(entry)
	if err != nil {
		return f, err
	}
	switch {
	case entry.OneBit != nil:
		asks, err := estimate(name+".mean", entry.Unit, cmp.Or(groups, "mean"))
		f.panels = []panel{{name + ", estimated mean", interval, asks}}
		return f, err
	case entry.RandomizedResponse != nil:
		asks, err := estimate(name+".share", "1", cmp.Or(groups, "share"))
		f.panels = []panel{{name + ", estimated share", interval, asks}}
		return f, err
	case entry.Histogram:
		f.panels, err = rangesOf(name, entry)
		return f, err
	}
	mean, err := gauge(name+".mean", entry.Unit)
	if err != nil {
		return f, err
	}
	sum, err := count(name+".sum", entry.Unit)
	if err != nil {
		return f, err
	}
	f.panels = []panel{
		{name + ", mean", overTime, []ask{{expression: mean, legend: cmp.Or(groups, "mean")}}},
		{name + ", sum", overTime, []ask{{expression: sum, legend: cmp.Or(groups, "sum")}}},
	}
	if entry.Bounds != nil {
		more, err := rangesOf(name, entry)
		f.panels = append(f.panels, more...)
		return f, err
	}
	return f, nil
}

// groupsOf is the legend of an entry's groups; empty where it has none.
func groupsOf(entry fleetconnector.Number) (legend string, err error) {
	if entry.By == "" {
		return "", nil
	}
	var names []string
	for _, by := range entry.Groups() {
		label, err := labels.Build(by)
		if err != nil {
			return "", err
		}
		names = append(names, "{{"+label+"}}")
	}
	return strings.Join(names, ", "), nil
}

// estimate are the questions for a value and for the ends of its 95 % interval.
func estimate(name, unit, legend string) (asks []ask, err error) {
	for _, end := range [...]string{"", "_low", "_high"} {
		metric, err := gauge(name+end, unit)
		if err != nil {
			return nil, err
		}
		asks = append(asks, ask{expression: metric, legend: legend + map[string]string{"": "", "_low": ", lower end", "_high": ", upper end"}[end]})
	}
	return asks, nil
}

func rangesOf(name string, entry fleetconnector.Number) ([]panel, error) {
	metric, err := distribution(name+".distribution", entry.Unit)
	return []panel{{name + ", up to", ranges, []ask{{expression: "sum by (le) (" + metric + "_bucket)", legend: "{{le}}", now: true}}}}, err
}

// titleOf is what the dashboard is called.
func titleOf(cfg *fleetconnector.Config) string {
	if page := cfg.Page.Get(); page != nil && page.Title != "" {
		return page.Title
	}
	return "The fleet"
}
