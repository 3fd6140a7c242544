// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"net/url"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// section is one part of the page, under its heading.
func section(id, heading string, content ...g.Node) g.Node {
	return h.Section(h.Aria("labelledby", id), h.H2(h.ID(id), g.Text(heading)), g.Group(content))
}

func about(text string) g.Node { return h.P(h.Class("about"), g.Text(text)) }

func note(text string) g.Node { return h.P(h.Class("note"), g.Text(text)) }

// words are the profile's own, below what they describe.
func words(text string) g.Node {
	return g.If(text != "", g.Group{g.Text(" "), h.Span(h.Class("words"), g.Text(text))})
}

func nothing(text string) g.Node { return h.Span(h.Class("nothing"), g.Text(text)) }

func code(text string) g.Node { return h.Code(g.Text(text)) }

// fact is a name with what holds of it, in a list of facts.
func fact(name string, content ...g.Node) g.Node {
	return h.Div(h.Dt(g.Text(name)), h.Dd(content...))
}

// table becomes cards where it is narrow; the roles stay those of a table.
func table(labelledby string, columns g.Node, rows g.Group) g.Node {
	return h.Table(h.Role("table"), h.Class("cards"), g.If(labelledby != "", h.Aria("labelledby", labelledby)),
		h.THead(h.Role("rowgroup"), h.Tr(h.Role("row"), columns)),
		h.TBody(h.Role("rowgroup"), rows))
}

// column heads a column; class is empty for text.
func column(class, name string) g.Node {
	return h.Th(h.Role("columnheader"), h.Scope("col"), g.If(class != "", h.Class(class)), g.Text(name))
}

func rowHeader(content ...g.Node) g.Node {
	return h.Th(h.Role("rowheader"), h.Scope("row"), g.Group(content))
}

// cell is one of a row; label is its column's name where rows are cards.
func cell(class, label string, content ...g.Node) g.Node {
	return h.Td(h.Role("cell"), g.If(class != "", h.Class(class)), h.Data("label", label), g.Group(content))
}

// moment is a time, for machines and for people; the page's script writes it as the reader's clock shows it.
func moment(t time.Time) g.Node {
	return h.Time(h.DateTime(t.Format(time.RFC3339)), g.Text(t.Format("2 Jan 2006, 15:04")+" UTC"))
}

// breakable joins pieces so that a line may break between them.
func breakable(pieces []string) g.Node {
	var nodes g.Group
	for i, piece := range pieces {
		if i > 0 {
			nodes = append(nodes, h.Wbr())
		}
		nodes = append(nodes, g.Text(piece))
	}
	return nodes
}

// parts are the pieces of a name between which a line may break.
func parts(name string) []string {
	pieces := []string{""}
	for _, r := range name {
		pieces[len(pieces)-1] += string(r)
		if strings.ContainsRune("._={,", r) {
			pieces = append(pieces, "")
		}
	}
	return pieces
}

// api is the address of one of the API's answers, for who is trusted as this reader is.
func (v *view) api(name string) string {
	address := "/api/v1/" + name
	if v.Token != "" {
		address += "?token=" + url.QueryEscape(v.Token)
	}
	return address
}
