// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"net/http"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

var (
	//go:embed page.css
	style string
	//go:embed page.js
	script string
)

// document is one HTML document with its style and script inside.
//
// It is written in Go and not as html/template: a template calls methods by names that the linker cannot know, so
// that every exported method of every library stays in the program, a sixth of it.
type document struct {
	policy string // the Content-Security-Policy: this style, this script, nothing else
	start  string // tells this start's page from another's
}

func newDocument() *document {
	return &document{
		start: rand.Text()[:8],
		policy: fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			hashed(style), hashed(script)),
	}
}

func hashed(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// write renders the page as a whole first: a fault in it is an answer of its own, not half a page.
func (*document) write(w http.ResponseWriter, v *view) {
	var rendered bytes.Buffer
	if err := v.document().Render(&rendered); err != nil {
		http.Error(w, "The page cannot be shown.", http.StatusInternalServerError)
		return
	}
	_, _ = rendered.WriteTo(w) // the reader has gone
}

// document is the whole page.
func (v *view) document() g.Node {
	return h.Doctype(h.HTML(h.Lang("en"),
		h.Head(
			h.Meta(h.Charset("utf-8")),
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.Meta(h.Name("color-scheme"), h.Content("light dark")),
			h.TitleEl(g.Text("Headcount: statistics are "+v.Mode)),
			h.Link(h.Rel("icon"), h.Href("data:,")),
			h.StyleEl(g.Raw(style)),
		),
		h.Body(
			h.A(h.Class("skip"), h.Href("#main"), g.Text("Skip to the content")),
			h.Main(h.ID("main"), h.TabIndex("-1"), h.Data("mode", v.Mode),
				v.header(), v.statsSection(), v.consentSection(), v.fieldsSection(), v.plotsSection(), v.historySection()),
			v.footer(),
			h.P(h.ID("news"), h.Class("unseen"), h.Role("status")),
			h.Script(g.Raw(script)),
		),
	))
}

func (v *view) header() g.Node {
	var meaning string
	for _, c := range v.Choices {
		if c.Held {
			meaning = c.Meaning
		}
	}
	verb := "are"
	if v.Mode == "local" {
		verb = "stay"
	}
	return h.Header(
		h.P(h.Class("brand"), g.Text("Headcount")),
		h.H1(g.Text("Usage statistics "+verb+" "), h.Em(g.Text(v.Mode)), g.Text(".")),
		h.P(h.Class("lead"), g.Text(meaning+" So says "+v.Reason+".")),
	)
}

func (v *view) footer() g.Node {
	return h.Footer(h.P(
		g.Text("Headcount counts heads, never faces. This page comes from the program itself; it loads nothing from anywhere. The same content is there for programs: "),
		h.A(h.Href(v.api("status")), g.Text("status")), g.Text(", "),
		h.A(h.Href(v.api("fields")), g.Text("fields")), g.Text(", "),
		h.A(h.Href(v.api("ledger")), g.Text("ledger")), g.Text("."),
	))
}
