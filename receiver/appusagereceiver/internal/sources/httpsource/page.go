// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package httpsource

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
)

var (
	// nextLink is a link of RFC 8288 to the next page.
	nextLink = regexp.MustCompile(`(?i);\s*rel\s*=\s*(?:next\b|"(?:[^"]*\s)?next[\s"])`)
	// someOf is a part of a list, such as users 0-49/120; of how many may be unknown.
	someOf = regexp.MustCompile(`(\d+)-(\d+)/(\d+|\*)$`)

	// The headers by which servers say how many members, and how many pages, there are.
	totals  = []string{"X-Total-Count", "X-Total", "Total-Count", "X-WP-Total", "X-Pagination-Total-Count", "X-Total-Results", "Total"}
	ofPages = []string{"X-WP-TotalPages", "X-Total-Pages", "X-Page-Count", "X-Pagination-Page-Count", "Total-Pages"}
	// The parameters by which clients ask for a page of so many members.
	asked = []string{"limit", "per_page", "perPage", "page_size", "pageSize", "page[size]", "page[limit]", "size", "$top", "max_results", "maxResults", "first", "_limit"}
)

// pageOf is what the answer's headers and the question say about one page of several.
func pageOf(asking *url.URL, header http.Header) document.Page {
	page := document.Page{More: isPart(header)}
	for _, name := range totals {
		page.Total = max(page.Total, number(header.Get(name)))
	}
	for _, name := range ofPages {
		page.More = page.More || number(header.Get(name)) > 1
	}
	var summary struct{ TotalCount, TotalPages int64 } // of ASP.NET, in any case
	if json.Unmarshal([]byte(header.Get("X-Pagination")), &summary) == nil {
		page.Total, page.More = max(page.Total, summary.TotalCount), page.More || summary.TotalPages > 1
	}
	query := asking.Query()
	for _, name := range asked {
		page.Asked = max(page.Asked, number(query.Get(name)))
	}
	return page
}

// isPart reports whether the headers say that there is another page.
func isPart(header http.Header) bool {
	if next := cmp.Or(header.Get("X-Next-Page"), "0"); next != "0" || slices.ContainsFunc(header.Values("Link"), nextLink.MatchString) {
		return true
	}
	if strings.EqualFold(header.Get("X-Has-More"), "true") {
		return true
	}
	part := someOf.FindStringSubmatch(header.Get("Content-Range"))
	if part == nil {
		return false
	}
	return part[3] == "*" || number(part[2])-number(part[1])+1 < number(part[3])
}

// number is what a text says; 0 where it is none.
func number(text string) int64 {
	parsed, _ := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return parsed
}
