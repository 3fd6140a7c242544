// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"fmt"
	"slices"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// shared are the claims that several fields make, in the order in which they come. Each is said once, below the tables:
// sixty rows of the same sentences are not read.
func shared(stats []made, rest []fieldReport) (claims []string) {
	seen := map[string]int{}
	count := func(f fieldReport) {
		if seen[f.Claim]++; seen[f.Claim] == 2 {
			claims = append(claims, f.Claim)
		}
	}
	for _, m := range stats {
		for _, r := range slices.Concat(m.Changed, m.Exact) {
			count(r.fieldReport)
		}
	}
	for _, f := range rest {
		if !f.Passes {
			count(f)
		}
	}
	return claims
}

// promise is a field's claim, or where it is said for several.
func (v *view) promise(claim string) g.Node {
	at := slices.Index(v.Shared, claim)
	if at < 0 {
		return g.Text(claim)
	}
	return h.Span(h.Title(claim), g.Text(fmt.Sprintf("promise %d below", at+1))) // no link: it would be one stop of Tab a row
}

// promises are the shared claims, each once.
func (v *view) promises() g.Node {
	if len(v.Shared) == 0 {
		return nil
	}
	items := g.Group{}
	for _, claim := range v.Shared {
		items = append(items, h.Li(g.Text(claim)))
	}
	return g.Group{h.H3(h.ID("promises"), g.Text("What these rules promise")), h.Ol(h.Aria("labelledby", "promises"), h.Class("promises"), items)}
}
