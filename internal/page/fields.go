// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"fmt"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// fieldsSection puts what was read beside what leaves of it.
func (v *view) fieldsSection() g.Node {
	const id, heading = "fields", "Before and after"
	switch {
	case v.HasRead():
		when := g.Group{g.Text(", on "), moment(v.Read)}
		content := g.Group{h.P(h.Class("about"), g.Text("What was read last"), g.If(!v.Read.IsZero(), when), g.Text(", and what of it "+v.would("leaves", "would leave")+"."))}
		for i, m := range v.Made {
			content = append(content, v.madeOf(i, m))
		}
		if len(v.Rest) > 0 {
			content = append(content, h.H3(h.ID("rest"), g.Text("Read, and in none of these reports")),
				table("rest", v.fieldColumns(), g.Map(v.Rest, v.restRow)))
		}
		content = append(content, v.promises())
		return section(id, heading, content)
	case v.Mode == "off":
		return section(id, heading, about("Nothing is read while statistics are off."))
	default:
		return section(id, heading, about("Nothing has been read yet since the program started."))
	}
}

// would picks the words for what happens, or for what would if statistics were on.
func (v *view) would(happens, otherwise string) string {
	if v.Mode == "on" {
		return happens
	}
	return otherwise
}

func (v *view) fieldColumns() g.Node {
	return g.Group{column("", "Field"), column("value", "Read here"), column("value", v.would("Leaves", "Would leave")), column("", "Rule, and what it means")}
}

// madeOf is one stat: first what the rules change of it, and folded what leaves as it is.
func (v *view) madeOf(i int, m made) g.Node {
	heading := fmt.Sprintf("made-%d", i)
	name := g.Text("All that passes")
	if m.Stat != "" {
		name = code(m.Stat)
	}
	content := g.Group{h.H3(h.ID(heading), name), g.If(m.Description != "", about(m.Description))}
	if len(m.Changed) > 0 {
		content = append(content, table(heading, v.fieldColumns(), g.Map(m.Changed, v.row)))
	}
	if len(m.Exact) > 0 {
		summary := fmt.Sprintf("exact-summary-%d", i)
		words := fmt.Sprintf("%d settings %s", len(m.Exact), v.would("leave as they are", "would leave as they are"))
		if len(m.Exact) == 1 {
			words = "1 setting " + v.would("leaves as it is", "would leave as it is")
		}
		content = append(content, h.Details(h.ID(fmt.Sprintf("exact-%d", i)), h.Class("fold"),
			h.Summary(h.ID(summary), g.Text(words)),
			table(summary, v.fieldColumns(), g.Map(m.Exact, v.row))))
	}
	if len(m.Changed)+len(m.Exact) == 0 {
		content = append(content, about("Nothing of it was read yet."))
	}
	return content
}

// row is a field under its key in the stat, or under its own name where there is none.
func (v *view) row(r rowView) g.Node {
	name := r.name()
	if r.Key != "" {
		name = g.Group{h.Code(h.Class("key"), breakable(parts(r.Key))), g.Text(" "), h.Span(h.Class("from"), g.Text("from "), r.name()), words(r.Description)}
	}
	leaves := nothing("hidden")
	if r.Leaves != nil {
		leaves = nothing("no value")
		if *r.Leaves != "" {
			leaves = code(*r.Leaves)
		}
	}
	var exact g.Node
	if r.Exact {
		exact = g.Group{h.Span(h.Class("tag exact"), g.Text("exact")), g.Text(" ")}
	}
	return h.Tr(h.Role("row"), h.Data("field", r.Name),
		rowHeader(name),
		cell("value", "Read here", r.read()),
		cell("value", "Leaves", leaves),
		cell("rule", "Rule", h.Span(exact, h.B(g.Text(r.Rule)), h.Br(), v.promise(r.Claim))),
	)
}

// restRow is a field that stands in no stat.
func (v *view) restRow(f fieldReport) g.Node {
	leaves, claim := "in no report", g.Group(nil)
	if !f.Passes {
		leaves, claim = "stays here", g.Group{h.Br(), v.promise(f.Claim)}
	}
	return h.Tr(h.Role("row"), h.Class("stays"), h.Data("field", f.Name),
		rowHeader(f.name()),
		cell("value", "Read here", f.read()),
		cell("value", "Leaves", nothing(leaves)),
		cell("rule", "Rule", h.Span(h.B(g.Text(f.Rule)), claim)),
	)
}

func (f fieldReport) name() g.Node { return h.Code(breakable(parts(f.Name))) }

func (f fieldReport) read() g.Node {
	switch {
	case f.Read == nil:
		return h.Span(h.Class("nothing"), h.Title("open this page by the address in the start-up log"), g.Text("hidden"))
	case *f.Read == "":
		return nothing("nothing")
	default:
		return code(*f.Read)
	}
}
