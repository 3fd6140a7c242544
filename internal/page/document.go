// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
)

//go:embed html
var sources embed.FS

// document is one HTML document with its style and script inside.
type document struct {
	template *template.Template
	style    template.CSS
	script   template.JS
	policy   string // the Content-Security-Policy: this style, this script, nothing else
	start    string // tells this start's page from another's
}

func newDocument() (*document, error) {
	style, err := sources.ReadFile("html/page.css")
	if err != nil {
		return nil, err
	}
	script, err := sources.ReadFile("html/page.js")
	if err != nil {
		return nil, err
	}
	parsed, err := template.New("page.html").Funcs(template.FuncMap{"stamp": stamp, "day": day, "parts": parts, "members": members, "indented": indented}).ParseFS(sources, "html/*.html")
	if err != nil {
		return nil, err
	}
	return &document{
		template: parsed,
		style:    template.CSS(style), //nolint:gosec // our own file
		script:   template.JS(script), //nolint:gosec // our own file
		start:    rand.Text()[:8],
		policy: fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			hashed(style), hashed(script)),
	}, nil
}

func hashed(source []byte) string {
	sum := sha256.Sum256(source)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// write renders the page as a whole first: a fault in it is an answer of its own, not half a page.
func (d *document) write(w http.ResponseWriter, v *view) {
	var rendered bytes.Buffer
	err := d.template.Execute(&rendered, struct {
		*view
		Style  template.CSS
		Script template.JS
	}{v, d.style, d.script})
	if err != nil {
		http.Error(w, "The page cannot be shown.", http.StatusInternalServerError)
		return
	}
	_, _ = rendered.WriteTo(w) // the reader has gone
}

// stamp is a time for machines, as the datetime attribute wants it.
func stamp(t time.Time) string { return t.Format(time.RFC3339) }

// day is a time for people.
func day(t time.Time) string { return t.Format("2 Jan 2006, 15:04") + " UTC" }

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

// indented is a body as people read it.
func indented(body *string) string {
	var text bytes.Buffer
	if json.Indent(&text, []byte(*body), "", "  ") != nil {
		return *body
	}
	return text.String()
}

// members are the pieces of a body between which a line may break; together they are the body.
func members(body *string) []string { return strings.SplitAfter(*body, ",") }
