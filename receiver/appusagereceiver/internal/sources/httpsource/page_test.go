// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package httpsource

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/document"
)

// TestPage is about headers by which servers say that a document is one page of several.
func TestPage(t *testing.T) {
	for _, c := range []struct {
		name, value string
		page        bool
	}{
		{"Link", `<https://a.example/?page=1>; rel="prev", <https://a.example/?page=3>; rel="next"`, true},
		{"Link", `<https://a.example/?page=3>; title="on"; rel=next`, true},
		{"Link", `<https://a.example/?page=3>; rel="last next"`, true},
		{"Link", `<https://a.example/?page=1>; rel="prev", <https://a.example/?page=9>; rel="last"`, false},
		{"Link", `<https://a.example/next>; rel="alternate"`, false},
		{"X-Next-Page", "2", true}, // GitLab
		{"X-Next-Page", "", false},
		{"Content-Range", "0-1/120", true}, // PostgREST
		{"Content-Range", "users 0-1/*", true},
		{"Content-Range", "users 0-1/2", false},
		{"X-Total-Count", "120", true},
		{"X-Total-Count", "2", false},
		{"Total", "120", true}, // Ruby's api-pagination
		{"Total-Pages", "5", true},
		{"X-WP-TotalPages", "5", true}, // WordPress
		{"X-WP-TotalPages", "1", false},
		{"X-Has-More", "true", true},
		{"X-Has-More", "false", false},
		{"X-Pagination", `{"TotalCount":120,"PageSize":2}`, true}, // ASP.NET
		{"X-Pagination", `{"totalPages":60}`, true},
		{"X-Pagination", `{"TotalCount":2,"TotalPages":1}`, false},
	} {
		page := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(c.name, c.value)
			_, _ = io.WriteString(w, `[{"id": 1}, {"id": 2}]`)
		})
		found, err := page.Fetch(t.Context())
		require.NoError(t, err)
		count, err := found.Count(document.Pointer{})
		if c.page {
			require.ErrorContains(t, err, "one page of several", c.value)
			continue
		}
		require.NoError(t, err, c.value)
		assert.Equal(t, int64(2), count)
		assert.Equal(t, int64(1), value(t, found, "/0/id"))
	}
}

// TestAsManyAsWereAskedFor is about a list that is as long as the question allows: there may be more.
func TestAsManyAsWereAskedFor(t *testing.T) {
	page := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `[{"id": 1}, {"id": 2}]`) })
	plain := page.Endpoint
	for query, whole := range map[string]bool{"?per_page=2": false, "?page%5Bsize%5D=2": false, "?limit=100": true, "?page=1": true} {
		page.Endpoint = plain + query
		found, err := page.Fetch(t.Context())
		require.NoError(t, err)
		_, err = found.Count(document.Pointer{})
		if whole {
			require.NoError(t, err, query)
		} else {
			require.ErrorContains(t, err, "may be one", query)
		}
	}
}
