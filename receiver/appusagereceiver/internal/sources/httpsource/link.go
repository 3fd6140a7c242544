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
		byRelation[schemeless(relation)] = target
	}
	best := slices.IndexFunc(relations, func(relation string) bool { return byRelation[schemeless(relation)] != "" })
	if best < 0 {
		return nil, errNoLink
	}
	to, err := from.Parse(byRelation[schemeless(relations[best])])
	if err != nil || to.User != nil || !sameServer(from, to) {
		return nil, errForeignLink
	}
	if from.Scheme == "https" { // an application behind a proxy may not know that it is reached so
		to.Scheme, to.Host = from.Scheme, from.Host
	}
	return to, nil
}

// schemeless is a relation without http:// or https://, by which servers mean the same.
func schemeless(relation string) string {
	_, rest, found := strings.Cut(relation, "://")
	if !found {
		return relation
	}
	return rest
}

// sameServer reports whether a link stays where it was found: on the same scheme, host and port, or
// between the usual ports of http and https on the same host.
func sameServer(from, to *url.URL) bool {
	if to.Scheme == from.Scheme && strings.EqualFold(to.Host, from.Host) {
		return true
	}
	return strings.EqualFold(from.Hostname(), to.Hostname()) && usual(from) && usual(to)
}

// usual reports whether a URL has the port of its scheme; one of http or https only.
func usual(at *url.URL) bool {
	port := map[string]string{"http": "80", "https": "443"}[at.Scheme]
	return port != "" && (at.Port() == "" || at.Port() == port)
}
