// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var errPage = &source.Error{Reason: "the document is one page of several, and a sum or count of it would be too small: point to the number of all where it has one, or write a source that gives all at once"}

// The names by which APIs say that there is another page: the members that say where, those that say whether, those
// that say how many pages there are, and the objects in which these stand.
var (
	nexts = []string{
		"next", "next_page", "nextPage", "next_page_url", "next_page_token", "nextPageToken", "next_cursor", "nextCursor",
		"next_url", "nextUrl", "next_link", "nextLink", "next_token", "nextToken", "@odata.nextLink",
	}
	mores   = []string{"has_more", "hasMore", "has_next", "hasNext", "has_next_page", "hasNextPage", "is_truncated", "isTruncated", "incomplete_results"}
	ofPages = []string{"total_pages", "totalPages", "last_page", "lastPage"}
	holders = []string{"links", "_links", "meta", "page", "paging", "pagination", "page_info", "pageInfo", "response_metadata", "cursor", "cursors"}
)

// AsPage is the document of which something outside of it says that it is one page of several.
func (d Document) AsPage() Document {
	d.page = true
	return d
}

// isPage reports whether the document says, on the way to what is added up or counted, that there is another page.
func (d Document) isPage(at Pointer) bool {
	node := d.root
	for _, token := range append(slices.Clone(at.tokens), "") {
		object, isObject := node.(map[string]any)
		if !isObject {
			return d.page
		}
		if continues(object) || slices.ContainsFunc(holders, func(name string) bool {
			held, _ := object[name].(map[string]any)
			return continues(held)
		}) {
			return true
		}
		node = object[token]
	}
	return d.page
}

// continues reports whether an object says that there is another page.
func continues(object map[string]any) bool {
	some := func(names []string, says func(name string, value any) bool) bool {
		return slices.ContainsFunc(names, func(name string) bool { return says(name, object[name]) })
	}
	return some(mores, isTrue) || some(ofPages, isSeveral) || some(nexts, leadsOn)
}

func isTrue(_ string, value any) bool { return value == true }

func isSeveral(_ string, value any) bool {
	number, _ := value.(json.Number)
	pages, err := number.Int64()
	return err == nil && pages > 1
}

// leadsOn reports whether a value is a link or a mark of the next page; what is called next alone may be another matter.
func leadsOn(name string, value any) bool {
	switch next := value.(type) {
	case string:
		return name != "next" && next != "" || strings.ContainsAny(next, "/?")
	case json.Number:
		return next != "0"
	case map[string]any: // a link with its relation
		return next["href"] != nil
	default:
		return false
	}
}
