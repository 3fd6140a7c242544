// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"strconv"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// statsSection says where reports go, and when.
func (v *view) statsSection() g.Node {
	content := g.Group{g.Map(v.Warnings, note), h.Dl(h.Class("facts"),
		fact("Reports go to", v.destinations()),
		fact("Last reading", v.reading(v.Read, "none since the program started")),
		fact("Next reading", v.reading(v.ReadsNext, v.unplanned())),
	)}
	if len(v.Stats) == 0 {
		content = append(content, about("No exporter has said yet what it would send."))
	} else {
		columns := g.Group{column("", "Report"), column("", "Next due"), column("", "Last accepted"), column("value", "Accepted"), column("", "Not sent")}
		content = append(content, table("", columns, g.Map(v.Stats, v.statRow)))
	}
	return section("stats", "What left, and what leaves next", content)
}

func (v *view) destinations() g.Node {
	if len(v.Destinations) == 0 {
		return g.Text("nobody: no exporter is set up")
	}
	var all g.Group
	for i, d := range v.Destinations {
		if i > 0 {
			all = append(all, h.Br())
		}
		all = append(all, code(d.Endpoint))
		if d.DryRun {
			all = append(all, g.Text(" (in a dry run: nothing is sent)"))
		}
		for _, words := range []string{d.ThroughRelay, d.Signature} {
			if words != "" {
				all = append(all, h.Br(), g.Text(words))
			}
		}
	}
	if len(v.Destinations) == 1 {
		all = append(all, g.Text(" and nowhere else"))
	}
	return all
}

func (v *view) statRow(s statReport) g.Node {
	unsent := g.Group{nothing("–")}
	if words := s.Unreported(); words != "" {
		unsent = g.Group{g.Text(words)}
	}
	for _, missing := range s.Missing {
		unsent = append(unsent, h.Br(), g.Text(missing))
	}
	return h.Tr(h.Role("row"),
		rowHeader(code(s.Name), words(s.Description)),
		cell("", "Next due", v.due(s)),
		cell("", "Last accepted", v.accepted(s)),
		cell("value", "Accepted", g.Text(strconv.Itoa(s.Reports))),
		cell("", "Not sent", h.Span(unsent)),
	)
}

// reading is when it was, or will be.
func (v *view) reading(at time.Time, otherwise string) g.Node {
	if at.IsZero() {
		return nothing(otherwise)
	}
	return g.Group{moment(at), g.Text(" "), h.Span(h.Class("away"), g.Text(v.When(at)))}
}

// unplanned says why no next reading is known.
func (v *view) unplanned() string {
	if v.Mode == "off" {
		return "nothing is read"
	}
	return "when the application reports"
}

func (v *view) due(s statReport) g.Node {
	switch {
	case v.Mode != "on":
		return nothing("nothing is sent")
	case s.Due.IsZero():
		return nothing("with the next reading")
	default:
		return h.Span(moment(s.Due), h.Br(), h.Span(h.Class("away"), g.Text(v.When(s.Due))))
	}
}

func (v *view) accepted(s statReport) g.Node {
	if s.Accepted.IsZero() {
		return nothing("never")
	}
	return h.Span(moment(s.Accepted), h.Br(), h.Span(h.Class("away"), g.Text(v.When(s.Accepted))))
}
