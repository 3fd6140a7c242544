// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/receiver/appusagereceiver/internal/source"
)

// TestPage is about documents that say that they are one page of several, as APIs say it.
func TestPage(t *testing.T) {
	for text, at := range map[string]string{
		`{"count": 120, "next": "https://a.example/users?page=2", "results": [1, 2]}`:          "/results", // Django REST framework
		`{"next": "/users?page=2", "results": [1, 2]}`:                                         "/results",
		`{"links": {"next": "https://a.example/?page[number]=2"}, "data": [1, 2]}`:             "/data",            // JSON:API
		`{"_links": {"next": {"href": "/users?page=2"}}, "_embedded": {"users": [1, 2]}}`:      "/_embedded/users", // HAL
		`{"has_more": true, "data": [1, 2]}`:                                                   "/data",            // Stripe
		`{"current_page": 1, "next_page_url": "https://a.example/?page=2", "data": [1, 2]}`:    "/data",            // Laravel
		`{"items": [1, 2], "nextPageToken": "hunter2"}`:                                        "/items",
		`{"members": [1, 2], "response_metadata": {"next_cursor": "hunter2"}}`:                 "/members",          // Slack
		`{"data": {"users": {"nodes": [1, 2], "pageInfo": {"hasNextPage": true}}}}`:            "/data/users/nodes", // GraphQL
		`{"content": [1, 2], "last": true, "number": 5, "totalPages": 6}`:                      "/content",          // Spring's Page, the last of them
		`{"meta": {"next_page": 2}, "users": [1, 2]}`:                                          "/users",
		`{"value": [1, 2], "@odata.nextLink": "https://a.example/?$skip=2"}`:                   "/value",
		`{"Contents": [1, 2], "IsTruncated": true}`:                                            "/Contents",      // S3
		`{"Items": [1, 2], "LastEvaluatedKey": {"id": "hunter2"}}`:                             "/Items",         // DynamoDB
		`{"metadata": {"continue": "hunter2", "remainingItemCount": 5}, "items": [1, 2]}`:      "/items",         // Kubernetes
		`{"links": [{"rel": "next", "href": "/users?page=2"}], "users": [1, 2]}`:               "/users",         // Spring HATEOAS 1
		`{"entry": [1, 2], "link": [{"relation": "next", "url": "/users?page=2"}]}`:            "/entry",         // FHIR
		`{"values": [1, 2], "isLast": false, "startAt": 0}`:                                    "/values",        // Jira
		`{"content": [1, 2], "last": false, "number": 0, "totalElements": 10}`:                 "/content",       // Spring's Page
		`{"response": {"numFound": 10, "start": 0, "docs": [1, 2]}}`:                           "/response/docs", // Solr
		`{"hits": {"total": {"value": 10, "relation": "eq"}, "hits": [1, 2]}}`:                 "/hits/hits",     // Elasticsearch
		`{"hydra:member": [1, 2], "hydra:totalItems": 10}`:                                     "/hydra:member",
		`{"@odata.count": 10, "value": [1, 2]}`:                                                "/value",
		`{"users": [1, 2], "total_count": 10, "page": 1, "per_page": 2}`:                       "/users",
		`{"users": [1, 2], "meta": {"total": 10}}`:                                             "/users",
		`{"items": [1, 2], "total": 10}`:                                                       "/items",
		`{"users": [1, 2], "cursor": "hunter2"}`:                                               "/users", // Square
		`{"users": [1, 2], "next": {"page": 2}}`:                                               "/users",
		`{"users": [1, 2], "paging": {"next": {"after": "hunter2"}}}`:                          "/users",  // HubSpot
		`{"result": [1, 2], "result_info": {"page": 1, "per_page": 2, "total_count": 9}}`:      "/result", // Cloudflare
		`{"info": {"count": 9, "pages": 5, "next": "https://a.example/?page=2"}, "x": [1, 2]}`: "/x",
		`{"items": [1, 2], "total": "10"}`:                                                     "/items",
		`{"items": [1, 2], "last_page": "5"}`:                                                  "/items",
		`{"items": [1, 2], "hasMore": "true"}`:                                                 "/items",
		`{"x": [1, 2], "pagination": {"page": 1, "pages": 5}}`:                                 "/x",
		`{"items": [1, 2], "page": 1, "pages": 5}`:                                             "/items",
		`{"items": [1, 2], "offset": 0, "limit": 2}`:                                           "/items",
		`{"users": [1, 2], "meta": {"per_page": "2"}}`:                                         "/users",
	} {
		parsed, err := Parse(JSON, []byte(text))
		require.NoError(t, err, text)
		_, err = parsed.Count(pointer(t, at))
		require.ErrorIs(t, err, errPage, text)
		_, err = parsed.Sum(pointer(t, at), pointer(t, ""))
		require.ErrorIs(t, err, errPage, text)
	}
	for text, at := range map[string]string{ // the last page, the only one, or another matter
		`{"count": 2, "next": null, "results": [1, 2]}`:                                      "/results",
		`{"links": {"next": null}, "data": [1, 2]}`:                                          "/data",
		`{"_links": {"self": {"href": "/users"}}, "_embedded": {"users": [1, 2]}}`:           "/_embedded/users",
		`{"has_more": false, "data": [1, 2]}`:                                                "/data",
		`{"members": [1, 2], "response_metadata": {"next_cursor": ""}}`:                      "/members",
		`{"nodes": [1, 2], "pageInfo": {"hasNextPage": false, "endCursor": "Y3Vyc29yOnYy"}}`: "/nodes",
		`{"content": [1, 2], "last": true, "number": 0, "totalPages": 1}`:                    "/content",
		`{"next": "2026-12-01", "jobs": [1, 2]}`:                                             "/jobs",
		`{"other": {"next": "/users?page=2"}, "jobs": [1, 2]}`:                               "/jobs",
		`{"users": [1, 2], "total_count": 2, "page": 1, "per_page": 20}`:                     "/users",
		`{"hits": {"total": {"value": 2, "relation": "eq"}, "hits": [1, 2]}}`:                "/hits/hits",
		`{"users": [1, 2], "orders": {"total": 10}, "pages": {"total": 120}}`:                "/users",
		`{"users": [1, 2], "cursor": "hunter2", "has_more": false}`:                          "/users", // Dropbox
		`{"users": [1, 2], "cursor": ""}`:                                                    "/users",
		`{"users": [1, 2], "pages": 120}`:                                                    "/users",
		`{"items": [1, 2], "total": "2", "limit": 2}`:                                        "/items",
		`{"items": [1, 2], "next": null, "limit": 2}`:                                        "/items",
		`{"items": [1, 2], "isLast": "true", "meta": {"limit": 2}}`:                          "/items",
		`{"items": [1, 2], "limit": 20}`:                                                     "/items",
		`{"total": 10, "by": {"users": [1, 2]}}`:                                             "/by/users",
		`[1, 2]`:                                                                             "",
	} {
		parsed, err := Parse(JSON, []byte(text))
		require.NoError(t, err, text)
		count, err := parsed.Count(pointer(t, at))
		require.NoError(t, err, text)
		assert.Equal(t, int64(2), count, text)
		for _, known := range []Page{{More: true}, {Total: 10}, {Asked: 2}} {
			_, err = parsed.As(known).Count(pointer(t, at))
			require.ErrorIs(t, err, errPage, text)
		}
		_, err = parsed.As(Page{Total: 2, Asked: 20}).Count(pointer(t, at))
		require.NoError(t, err, text)
	}
}

// TestTotalOfAnotherMatter is about a number beside a list that need not be the list's.
func TestTotalOfAnotherMatter(t *testing.T) {
	parsed, err := Parse(JSON, []byte(`{"total": 57, "plans": [{"users": 20}, {"users": 37}]}`))
	require.NoError(t, err)
	sum, err := parsed.Sum(pointer(t, "/plans"), pointer(t, "/users"))
	require.NoError(t, err)
	assert.Equal(t, int64(57), sum)
	_, err = parsed.Count(pointer(t, "/plans"))
	require.ErrorIs(t, err, errPage)
	inside, err := parsed.As(Page{Total: 10, Asked: 1}).Value(pointer(t, "/plans/0/users"))
	require.NoError(t, err)
	assert.Equal(t, int64(20), inside)
}

// TestTotalAmongTheOthers is about an object whose members' sum stands among them.
func TestTotalAmongTheOthers(t *testing.T) {
	parsed, err := Parse(JSON, []byte(`{"by_plan": {"free": 20, "pro": 5, "total": 25}, "only": {"total": 25}}`))
	require.NoError(t, err)
	_, err = parsed.Sum(pointer(t, "/by_plan"), pointer(t, ""))
	require.ErrorIs(t, err, errTotal)
	for _, text := range []string{
		`{"Free": 20, "Pro": 5, "Total": 25}`,
		`[{"plan": "free", "n": 20}, {"plan": "pro", "n": 5}, {"plan": "ALL", "n": 25}]`,
	} {
		rows, err := Parse(JSON, []byte(text))
		require.NoError(t, err)
		each := map[bool]string{true: "", false: "/n"}[text[0] == '{']
		_, err = rows.Sum(pointer(t, ""), pointer(t, each))
		require.ErrorIs(t, err, errTotal, text)
	}
	others, err := Parse(JSON, []byte(`[{"shown to": "all", "n": 20}, {"shown to": "some", "n": 5}]`))
	require.NoError(t, err)
	some, err := others.Sum(pointer(t, ""), pointer(t, "/n"))
	require.NoError(t, err)
	assert.Equal(t, int64(25), some)
	sum, err := parsed.Sum(pointer(t, "/only"), pointer(t, ""))
	require.NoError(t, err)
	assert.Equal(t, int64(25), sum)
}

// TestSumOfNothing is about members that have nothing where it is looked for: that is not zero, as the sum of no members is.
func TestSumOfNothing(t *testing.T) {
	parsed, err := Parse(JSON, []byte(`{"shops": [{"orders": 7}, {}], "none": []}`))
	require.NoError(t, err)
	for _, c := range []struct {
		at, each string
		sum      source.Value
	}{{"/shops", "/orders", int64(7)}, {"/shops", "/order_count", nil}, {"/none", "/orders", int64(0)}} {
		sum, err := parsed.Sum(pointer(t, c.at), pointer(t, c.each))
		require.NoError(t, err, c.each)
		assert.Equal(t, c.sum, sum, c.each)
	}
}
