// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/headcount-otel/headcount/internal/ledger"
)

// A plot's box, in SVG units, with room for the line's own width.
const (
	plotWidth  = 160.0
	plotHeight = 36.0
	plotMargin = 4.0

	// maxPlots bounds what a relay for many kinds of stats draws.
	maxPlots = 60
)

// plot is one number of a stat over the accepted reports, oldest first.
type plot struct {
	Stat, Key string
	values    []float64
	times     []time.Time
}

// plots gathers each number that was reported more than once, and changed.
func plots(entries []ledger.Entry) []plot {
	series := map[[2]string]*plot{}
	for _, e := range entries {
		var body struct {
			Value map[string]any `json:"value"`
		}
		if !e.Accepted() || json.Unmarshal(e.Body, &body) != nil {
			continue
		}
		gather(series, e, "", body.Value)
	}
	var changed []plot
	for _, p := range series {
		if slices.Min(p.values) != slices.Max(p.values) {
			changed = append(changed, *p)
		}
	}
	slices.SortFunc(changed, func(a, b plot) int {
		return cmp.Or(strings.Compare(a.Stat, b.Stat), strings.Compare(a.Key, b.Key))
	})
	return changed[:min(len(changed), maxPlots)]
}

func gather(series map[[2]string]*plot, e ledger.Entry, under string, value map[string]any) {
	for key, v := range value {
		switch v := v.(type) {
		case float64:
			p, ok := series[[2]string{e.Stat, under + key}]
			if !ok {
				p = &plot{Stat: e.Stat, Key: under + key}
				series[[2]string{e.Stat, under + key}] = p
			}
			p.values, p.times = append(p.values, v), append(p.times, e.Time)
		case map[string]any:
			gather(series, e, under+key+".", v)
		}
	}
}

// Last is the newest value, as a reader writes it.
func (p plot) Last() string { return number(p.values[len(p.values)-1]) }

// Words say what the plot shows, for who cannot see it.
func (p plot) Words() string {
	return fmt.Sprintf("%d reports, %s, from %s to %s; lowest %s, highest %s",
		len(p.values), p.Span(), number(p.values[0]), p.Last(), number(slices.Min(p.values)), number(slices.Max(p.values)))
}

// Span is from when to when, in days of UTC.
func (p plot) Span() string {
	const date = "2 Jan 2006"
	first, last := p.times[0].UTC().Format(date), p.times[len(p.times)-1].UTC().Format(date)
	if first == last {
		return first
	}
	return first + " – " + last
}

// Range is the least and the largest value.
func (p plot) Range() string {
	return number(slices.Min(p.values)) + " – " + number(slices.Max(p.values))
}

// Line is the plot's polyline.
func (p plot) Line() string {
	points := make([]string, len(p.values))
	for i := range p.values {
		x, y := p.at(i)
		points[i] = coordinate(x) + "," + coordinate(y)
	}
	return strings.Join(points, " ")
}

// Zero is the height of the line from which the values are counted.
func (p plot) Zero() string { return coordinate(p.height(0)) }

// at is where a value stands: as far to the right as its time, so that a pause is seen as one.
func (p plot) at(i int) (x, y float64) {
	first, last := p.times[0], p.times[len(p.times)-1]
	along := float64(i) / float64(len(p.values)-1)
	if last.After(first) {
		along = float64(p.times[i].Sub(first)) / float64(last.Sub(first))
	}
	return plotMargin + (plotWidth-2*plotMargin)*min(1, max(0, along)), p.height(p.values[i])
}

func (p plot) height(value float64) float64 {
	low, high := min(0, slices.Min(p.values)), max(0, slices.Max(p.values))
	return plotHeight - plotMargin - (plotHeight-2*plotMargin)*(value-low)/(high-low)
}

func coordinate(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// plotsSection draws the numbers that changed; it is absent while none did.
func (v *view) plotsSection() g.Node {
	if len(v.Plots) == 0 {
		return nil
	}
	return section("plots", "Over time",
		about("The numbers that changed from report to report, as they were sent. The thin line is zero."),
		h.Ul(h.Class("plots"), g.Map(v.Plots, plot.draw)))
}

func (p plot) draw() g.Node {
	x, y := p.at(len(p.values) - 1)
	return h.Li(
		h.Div(h.Class("label"), h.Code(breakable(parts(p.Key))), h.Span(h.Class("stat"), g.Text(p.Stat))),
		h.SVG(g.Attr("viewBox", fmt.Sprintf("0 0 %v %v", plotWidth, plotHeight)), h.Role("img"), h.Aria("label", p.Key+": "+p.Words()),
			g.El("line", h.Class("zero"), g.Attr("x1", "0"), g.Attr("x2", coordinate(plotWidth)), g.Attr("y1", p.Zero()), g.Attr("y2", p.Zero())),
			g.El("polyline", g.Attr("points", p.Line())),
			g.El("circle", g.Attr("cx", coordinate(x)), g.Attr("cy", coordinate(y)), g.Attr("r", "2.5"))),
		h.Div(h.Class("figures"), h.B(g.Text(p.Last())), h.Span(g.Text(p.Range()))),
		h.Div(h.Class("figures"), h.Span(g.Text(p.Span()))),
	)
}
