// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// historySection shows what was sent, byte for byte.
func (v *view) historySection() g.Node {
	const id, heading = "history", "Everything that was sent"
	var content g.Group
	if v.Ledger.Unwritable {
		content = append(content, note("The record cannot be written, as when the disk is full; the program’s log says why. Nothing is sent until it can."))
	}
	if len(v.Reports) == 0 {
		return section(id, heading, append(content, about("Nothing has been sent."))...)
	}
	reports := "reports"
	if v.Ledger.Total == 1 {
		reports = "report"
	}
	kept := ""
	if v.Ledger.Outgrown() {
		kept = fmt.Sprintf(", of which the newest %d are kept", v.Ledger.Entries)
	}
	content = append(content, h.P(h.Class("about"), g.Textf("%d %s since the beginning%s; newest first, byte for byte. ", v.Ledger.Total, reports, kept),
		h.A(h.Href(v.api("ledger")), h.Download(""), g.Text("Download all as JSON Lines"))))
	if v.Ledger.Unreadable > 0 {
		content = append(content, note(fmt.Sprintf("%d entries of the record could not be read and are left out.", v.Ledger.Unreadable)))
	}
	content = append(content, h.Div(h.Class("history"), g.Map(v.Reports, v.report)))
	if v.Older > 0 {
		content = append(content, h.P(h.Class("more"), h.A(h.Href(v.olderReports()), g.Text("Older reports"))))
	}
	return section(id, heading, content...)
}

func (v *view) olderReports() string {
	query := "before=" + strconv.FormatUint(v.Older, 10)
	if v.Token != "" {
		query = "token=" + url.QueryEscape(v.Token) + "&" + query
	}
	return "/?" + query + "#history"
}

// report is one of the history, folded.
func (v *view) report(b bodyReport) g.Node {
	number := strconv.FormatUint(b.Number, 10)
	var status, key g.Node
	if b.Status != 0 {
		status = fact("Status", g.Text(strconv.Itoa(b.Status)))
	}
	if b.Key != "" {
		key = fact("Idempotency-Key", code(b.Key))
	}
	return h.Details(h.ID("report-"+number),
		h.Summary(h.ID("summary-"+number),
			h.Span(h.Class("stat"), code(b.Stat)), g.Text(" "), moment(b.Time), g.Text(" "),
			h.Span(h.Class("size"), g.Textf("%d bytes", b.Size)), g.Text(" "),
			h.Span(h.Class("tag "+b.Tone()), g.Text(b.Answer()))),
		v.body(b, number),
		b.Difference.node(),
		h.Dl(h.Class("facts small"), fact("Endpoint", code(b.Host)), fact("Tries", g.Text(strconv.Itoa(b.Tries))), status, key),
	)
}

// body is what was sent, as it was and once more indented, or why it is not shown.
func (v *view) body(b bodyReport, number string) g.Node {
	switch {
	case b.Body != nil:
		name := "Body of report " + number
		return g.Group{
			h.Pre(h.TabIndex("0"), h.Aria("label", name), breakable(strings.SplitAfter(*b.Body, ","))),
			h.Details(h.ID("indented-"+number), h.Class("fold"),
				h.Summary(h.ID("indented-summary-"+number), g.Text("The same, indented")),
				h.Pre(h.TabIndex("0"), h.Aria("label", name+", indented"), g.Text(indented(*b.Body)))),
		}
	case !v.Trusted:
		return note("The body opens with the address in the start-up log.")
	case b.Discarded:
		return note("The body was discarded: consent was withdrawn before anybody had taken it.")
	default:
		return note("The body was too large to keep.")
	}
}

// indented is a body as people read it.
func indented(body string) string {
	var text bytes.Buffer
	if json.Indent(&text, []byte(body), "", "  ") != nil {
		return body
	}
	return text.String()
}
