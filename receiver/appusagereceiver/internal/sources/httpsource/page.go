// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package httpsource

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strconv"
)

var (
	// nextLink is a link of RFC 8288 to the next page.
	nextLink = regexp.MustCompile(`(?i);\s*rel\s*=\s*(?:next\b|"(?:[^"]*\s)?next[\s"])`)
	// someOf is a part of a list, such as users 0-49/120; of how many may be unknown.
	someOf = regexp.MustCompile(`(\d+)-(\d+)/(\d+|\*)$`)
)

// isPage reports whether the headers say that the document is one page of several.
func isPage(header http.Header) bool {
	if next := cmp.Or(header.Get("X-Next-Page"), "0"); next != "0" || slices.ContainsFunc(header.Values("Link"), nextLink.MatchString) {
		return true
	}
	part := someOf.FindStringSubmatch(header.Get("Content-Range"))
	if part == nil {
		return false
	}
	first, _ := strconv.ParseUint(part[1], 10, 63)
	last, _ := strconv.ParseUint(part[2], 10, 63)
	all, err := strconv.ParseUint(part[3], 10, 63)
	return err != nil || last-first+1 < all
}
