// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package httpsource

import (
	"net/url"
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
)

// follow finds where the document's links lead, by the first of the relations that it has.
// It is nil for a document without links, which is then the one that was wanted.
func follow(found document.Document, from *url.URL, relations []string) (*url.URL, error) {
	links, ok := found.Members("links")
	if !ok {
		return nil, nil
	}
	byRelation := map[string]string{}
	for _, link := range links {
		relation, _ := link.Text("rel")
		target, _ := link.Text("href")
		byRelation[relation] = target
	}
	best := slices.IndexFunc(relations, func(relation string) bool { return byRelation[relation] != "" })
	if best < 0 {
		return nil, errNoLink
	}
	to, err := from.Parse(byRelation[relations[best]])
	if err != nil || to.User != nil || to.Scheme != from.Scheme || !strings.EqualFold(to.Host, from.Host) {
		return nil, errForeignLink
	}
	return to, nil
}
