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
		gather(series, e.Stat, "", body.Value)
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

func gather(series map[[2]string]*plot, stat, under string, value map[string]any) {
	for key, v := range value {
		switch v := v.(type) {
		case float64:
			p, ok := series[[2]string{stat, under + key}]
			if !ok {
				p = &plot{Stat: stat, Key: under + key}
				series[[2]string{stat, under + key}] = p
			}
			p.values = append(p.values, v)
		case map[string]any:
			gather(series, stat, under+key+".", v)
		}
	}
}

// Last is the newest value, as a reader writes it.
func (p plot) Last() string { return number(p.values[len(p.values)-1]) }

// Words say what the plot shows, for who cannot see it.
func (p plot) Words() string {
	return fmt.Sprintf("%d reports, from %s to %s; lowest %s, highest %s",
		len(p.values), number(p.values[0]), p.Last(), number(slices.Min(p.values)), number(slices.Max(p.values)))
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

func (p plot) at(i int) (x, y float64) {
	low, high := slices.Min(p.values), slices.Max(p.values)
	x = plotMargin + (plotWidth-2*plotMargin)*float64(i)/float64(len(p.values)-1)
	y = plotHeight - plotMargin - (plotHeight-2*plotMargin)*(p.values[i]-low)/(high-low)
	return x, y
}

func coordinate(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// plotsSection draws the numbers that changed; it is absent while none did.
func (v *view) plotsSection() g.Node {
	if len(v.Plots) == 0 {
		return nil
	}
	return section("plots", "Over time",
		about("The numbers that changed from report to report, as they were sent."),
		h.Ul(h.Class("plots"), g.Map(v.Plots, plot.draw)))
}

func (p plot) draw() g.Node {
	x, y := p.at(len(p.values) - 1)
	return h.Li(
		h.Div(h.Class("label"), h.Code(breakable(parts(p.Key))), h.Span(h.Class("stat"), g.Text(p.Stat))),
		h.SVG(g.Attr("viewBox", fmt.Sprintf("0 0 %v %v", plotWidth, plotHeight)), h.Role("img"), h.Aria("label", p.Key+": "+p.Words()),
			g.El("polyline", g.Attr("points", p.Line())),
			g.El("circle", g.Attr("cx", coordinate(x)), g.Attr("cy", coordinate(y)), g.Attr("r", "2.5"))),
		h.Div(h.Class("figures"), h.B(g.Text(p.Last())), h.Span(g.Text(p.Range()))),
	)
}
