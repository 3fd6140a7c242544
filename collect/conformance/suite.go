// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headcount-otel/headcount/collect"
)

// canary stands in bad requests wherever a client can write something; no answer repeats it.
const canary = "canary83297"

// Suite checks one endpoint.
type Suite struct {
	// Endpoint is the URL to which stats are posted.
	Endpoint string
	// Accepted is a body that the endpoint accepts. Its name is used in all others.
	Accepted []byte
	// Patience is how long a client may keep the endpoint waiting for a body, at most.
	Patience time.Duration
	// Transport makes the requests, for an endpoint behind a relay; nil for a
	// connection to the endpoint itself, on which also raw bytes are tried.
	Transport http.RoundTripper
}

// request is one HTTP request and the statuses with which it may be answered.
type request struct {
	method   string
	path     string // replaces the endpoint's, where not empty
	header   http.Header
	body     []byte
	statuses []int
}

// Run checks the endpoint.
func (s Suite) Run(t *testing.T) {
	transport := s.Transport
	if transport == nil {
		transport = &http.Transport{DisableCompression: true}
	}
	r := runner{Suite: s, client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       s.Patience,
	}}
	t.Cleanup(r.client.CloseIdleConnections)
	stat, err := collect.Decode(s.Accepted)
	require.NoError(t, err, "the body that the endpoint accepts")
	t.Run("accepts", func(t *testing.T) { r.run(t, goodRequests(stat, s.Accepted)) })
	t.Run("refuses", func(t *testing.T) { r.run(t, badRequests(stat)) })
	t.Run("survives", func(t *testing.T) { r.survive(t) })
	t.Run("explains", func(t *testing.T) { r.explains(t) })
	t.Run("accepts still", func(t *testing.T) { r.run(t, goodRequests(stat, s.Accepted)) })
}

type runner struct {
	Suite
	client *http.Client
}

func (r runner) run(t *testing.T, requests map[string]request) {
	for name, q := range requests {
		t.Run(name, func(t *testing.T) {
			target, err := url.Parse(r.Endpoint)
			require.NoError(t, err)
			if q.path != "" {
				target.Path = q.path
			}
			h, err := http.NewRequestWithContext(t.Context(), q.method, target.String(), bytes.NewReader(q.body))
			require.NoError(t, err)
			h.Header = q.header
			response, err := r.client.Do(h)
			require.NoError(t, err)
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Contains(t, q.statuses, response.StatusCode, "%s", body)
			if response.StatusCode >= 400 && q.method != http.MethodHead {
				checkRefusal(t, response, body)
			}
		})
	}
}

// checkRefusal: one line of JSON with the fault, in which nothing of the request stands.
func checkRefusal(t *testing.T, response *http.Response, body []byte) {
	assert.Equal(t, "application/json", response.Header.Get("Content-Type"))
	var fault map[string]string
	require.NoError(t, json.Unmarshal(body, &fault), "%s", body)
	require.Len(t, fault, 1)
	assert.NotEmpty(t, fault["error"])
	assert.NotContains(t, strings.TrimSuffix(string(body), "\n"), "\n", "one line")
	assert.NotContains(t, string(body), canary)
	for name, values := range response.Header {
		assert.False(t, slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, canary) }), name)
	}
	if response.StatusCode == http.StatusMethodNotAllowed {
		assert.NotEmpty(t, response.Header.Get("Allow"))
	}
}

// explains: GET / says what the endpoint is, and loads nothing from elsewhere.
func (r runner) explains(t *testing.T) {
	target, err := url.Parse(r.Endpoint)
	require.NoError(t, err)
	target.Path = "/"
	response, err := r.client.Get(target.String())
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.NotEmpty(t, body)
	assert.Regexp(t, "^text/(plain|html)", response.Header.Get("Content-Type"))
	assert.NotRegexp(t, `(?i)<(script|link|img|iframe)|@import|url\(`, string(body))
	assert.Empty(t, response.Header.Get("Set-Cookie"))
}

// survive: the endpoint answers what is no proper HTTP with one of the statuses, or hangs up.
func (r runner) survive(t *testing.T) {
	target, err := url.Parse(r.Endpoint)
	require.NoError(t, err)
	if target.Scheme != "http" || r.Transport != nil {
		return // raw bytes need a plain connection
	}
	for name, raw := range rawRequests(target, r.Accepted) {
		t.Run(name, func(t *testing.T) {
			connection, err := net.DialTimeout("tcp", target.Host, r.Patience)
			require.NoError(t, err)
			defer connection.Close()
			require.NoError(t, connection.SetDeadline(time.Now().Add(r.Patience)))
			raw.send(connection.(*net.TCPConn))
			answers, err := io.ReadAll(connection)
			assert.False(t, isTimeout(err), "it neither answered nor hung up")
			raw.check(t, answers)
		})
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
