// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

var errPage = &source.Error{Reason: "the document is one page of several, or may be one, and a sum or count of it would be too small: point to the number of all where it has one, or write a source that gives all at once"}

// The names by which APIs say that there is another page, in small letters and with nothing between them: the members
// that say where, those that say whether, those that say whether this is the last, those that say how many pages there
// are, and the objects in which these stand.
var (
	nexts = []string{
		"next", "nextpage", "nextpageurl", "nextpagelink", "nextpagetoken", "nextcursor", "nexturl", "nextlink", "nexttoken", "nextmarker",
		"nextoffset", "nextrecordsurl", "nextcontinuationtoken", "odatanextlink", "hydranext", "continue", "continuationtoken", "lastevaluatedkey",
	}
	mores = []string{
		"more", "hasmore", "hasmoreitems", "hasmoreresults", "moreitems", "moreresults", "hasnext", "hasnextpage",
		"istruncated", "truncated", "incompleteresults", "exceededtransferlimit", "remainingitemcount",
	}
	lasts   = []string{"last", "islast", "lastpage", "islastpage"}
	ofPages = []string{"totalpages", "lastpage", "numpages", "nbpages", "pagecount"}
	holders = append([]string{"links", "link", "cursor", "cursors", "view", "hydraview", "info"}, tellers...)
	tellers = []string{"meta", "metadata", "page", "paging", "pagination", "pageinfo", "resultinfo", "paginator", "pager", "responsemetadata"} // of the number of all, too
)

// The names by which APIs say how many members all pages have: of a list and nothing else, or perhaps of another matter,
// unless they stand in one of the tellers, beside what says which part this is, or beside a list that is called as lists are.
var (
	totals = []string{
		"totalelements", "totalitems", "totalresults", "totalrecords", "totalrows", "totalentries", "totalobjects", "totalhits",
		"hydratotalitems", "odatacount", "numfound", "nbhits", "recordstotal", "recordsfiltered", "resultcount",
	}
	perhapsTotals = []string{"total", "totalcount", "count"}
	parts         = append([]string{"page", "pagenumber", "currentpage", "offset", "skip", "start", "startat", "startindex"}, limits...)
	limits        = []string{"limit", "perpage", "pagesize", "maxresults", "itemsperpage"} // how many a page has at most
	lists         = []string{
		"items", "results", "data", "records", "entries", "value", "values", "rows", "docs", "objects", "nodes", "edges",
		"content", "elements", "hits", "list", "collection", "member", "hydramember",
	}
)

// Page is what is known from outside of a document about its being one page of several.
type Page struct {
	// More is true where there is another page.
	More bool
	// Total is how many members the pages have together; 0 where nobody says it.
	Total int64
	// Asked is how many members were asked for at most; 0 for as many as there are.
	Asked int64
}

// As is the document of which this is known.
func (d Document) As(page Page) Document {
	d.page = page
	return d
}

// isPage reports whether the document, or what is known of it, says that there is another page or more than these
// members of the array or object at the pointer. What says how many there are of something is taken for their number where
// they are to be counted, sooner than where something of each is added up.
func (d Document) isPage(at Pointer, members int, counted bool) bool {
	if d.page.More {
		return true
	}
	node := d.root
	for i, token := range at.tokens {
		object, isObject := node.(map[string]any)
		if !isObject { // of what is within an array no page tells
			return false
		}
		sure := slices.Contains(lists, bare(at.tokens[len(at.tokens)-1])) || counted && i == len(at.tokens)-1
		if continues(object) || total(object, sure) > int64(members) || mayGoOn(object, members) {
			return true
		}
		node = object[token]
	}
	object, _ := node.(map[string]any)
	return continues(object) || d.page.Total > int64(members) || d.page.Asked == int64(members) && members > 0
}

// continues reports whether an object, or one of its holders, says that there is another page.
func continues(object map[string]any) bool {
	var cursor, isLast bool
	if ofSeveral(object) {
		return true
	}
	for name, value := range object {
		name = bare(name)
		if leadsOn(name, value) {
			return true
		}
		mark, _ := value.(string)
		cursor = cursor || name == "cursor" && mark != "" // some say it on each page, and whether there are more
		isLast = isLast || slices.Contains(mores, name) && isBool(value, false)
		if !slices.Contains(holders, name) {
			continue
		}
		for _, held := range held(value) {
			if ofSeveral(held) {
				return true
			}
			for name, value := range held {
				if leadsOn(bare(name), value) || isNextLink(bare(name), value) {
					return true
				}
			}
		}
	}
	return cursor && !isLast
}

// mayGoOn reports whether there are as many members as the object, or one of its tellers, says that a page has at most, and
// nothing says whether these are all.
func mayGoOn(object map[string]any, members int) bool {
	var isFull, isSaid bool
	look := func(name string, value any) {
		most, _ := number(value)
		isFull = isFull || slices.Contains(limits, name) && most == int64(members) && members > 0
		for _, said := range [][]string{nexts, mores, lasts, ofPages, totals, perhapsTotals} {
			isSaid = isSaid || slices.Contains(said, name)
		}
	}
	for name, value := range object {
		look(bare(name), value)
		if inside, isObject := value.(map[string]any); isObject && slices.Contains(tellers, bare(name)) {
			for name, value := range inside {
				look(bare(name), value)
			}
		}
	}
	return isFull && !isSaid
}

// leadsOn reports whether a member says that there is another page.
func leadsOn(name string, value any) bool {
	pages, isNumber := number(value)
	return slices.Contains(mores, name) && (isBool(value, true) || pages > 0) ||
		slices.Contains(lasts, name) && isBool(value, false) ||
		slices.Contains(ofPages, name) && isNumber && pages > 1 ||
		slices.Contains(nexts, name) && leads(name, value)
}

// leads reports whether a value is a link or a mark of the next page; what is called next alone may be another matter.
func leads(name string, value any) bool {
	switch next := value.(type) {
	case string:
		return name != "next" && next != "" || strings.ContainsAny(next, "/?")
	case json.Number:
		return next != "0"
	case map[string]any:
		return name != "next" && len(next) > 0 || slices.ContainsFunc([]string{"href", "url", "link", "page", "cursor", "offset", "after"}, func(name string) bool { return next[name] != nil })
	default:
		return false
	}
}

// isNextLink reports whether a member is the relation of a link to the next page, where links stand in a list.
func isNextLink(name string, value any) bool {
	return (name == "rel" || name == "relation") && value == "next"
}

// held are the objects that a holder is or has.
func held(holder any) (objects []map[string]any) {
	switch v := holder.(type) {
	case map[string]any:
		return []map[string]any{v}
	case []any:
		for _, member := range v {
			if object, isObject := member.(map[string]any); isObject {
				objects = append(objects, object)
			}
		}
	}
	return objects
}

// total is how many members an object says that all pages have; 0 where it does not say it of a list surely.
func total(object map[string]any, sure bool) (all int64) {
	sure = sure || saysPart(object)
	for name, value := range object {
		name = bare(name)
		if slices.Contains(totals, name) || sure && slices.Contains(perhapsTotals, name) {
			found, _ := number(value)
			all = max(all, found)
		}
		if inside, isObject := value.(map[string]any); isObject && slices.Contains(tellers, name) {
			all = max(all, total(inside, true))
		}
	}
	return all
}

// ofSeveral reports whether an object that says which part of a list it is has more than one page.
func ofSeveral(object map[string]any) bool {
	pages, _ := number(object["pages"])
	return pages > 1 && saysPart(object)
}

// saysPart reports whether an object says which part of a list it is.
func saysPart(object map[string]any) bool {
	for name := range object {
		if slices.Contains(parts, bare(name)) {
			return true
		}
	}
	return false
}

// number is an integer, also one that is written as a text, or that stands as the value of an object, as in
// Elasticsearch's totals.
func number(value any) (int64, bool) {
	if object, isObject := value.(map[string]any); isObject {
		value = object["value"]
	}
	literal, isNumber := value.(json.Number)
	if text, isText := value.(string); isText && !isNumber {
		literal = json.Number(text)
	}
	whole, err := literal.Int64()
	return whole, err == nil
}

// isBool reports whether a value is this boolean, which some write as a text.
func isBool(value any, is bool) bool {
	if text, isText := value.(string); isText {
		return strings.EqualFold(text, strconv.FormatBool(is))
	}
	return value == is
}

// bare is a name in small letters, with nothing but letters and digits.
func bare(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}
