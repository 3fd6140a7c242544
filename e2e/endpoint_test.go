// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// endpoint is a collect endpoint that writes down what it is sent.
type endpoint struct {
	URL    string
	mu     sync.Mutex
	answer http.HandlerFunc
	posts  []post
}

type post struct {
	header http.Header
	body   string
}

// report is a body as the format has it, its values as the text they have on the wire.
type report struct {
	InstanceID string                     `json:"instanceId"`
	Time       json.Number                `json:"time"`
	Name       string                     `json:"name"`
	Value      map[string]json.RawMessage `json:"value"`
}

func newEndpoint(t *testing.T) *endpoint {
	t.Helper()
	e := &endpoint{answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	e.URL = server.URL + "/stat"
	return e
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	e.mu.Lock()
	e.posts = append(e.posts, post{r.Header.Clone(), string(body)})
	answer := e.answer
	e.mu.Unlock()
	answer(w, r)
}

// answers sets how requests are answered from now on.
func (e *endpoint) answers(answer http.HandlerFunc) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer = answer
}

func (e *endpoint) received() []post {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]post(nil), e.posts...)
}

// reports decodes what arrived, by name.
func (e *endpoint) reports(t *testing.T) map[string]report {
	t.Helper()
	reports := map[string]report{}
	for _, p := range e.received() {
		r := parseReport(t, p.body)
		assert.NotContains(t, reports, r.Name, "a stat came twice")
		reports[r.Name] = r
	}
	return reports
}

func parseReport(t *testing.T, body string) report {
	t.Helper()
	var r report
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&r), body)
	return r
}

// awaits waits until so many requests came.
func (e *endpoint) awaits(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return len(e.received()) >= n }, patience, 20*time.Millisecond, "%d requests", n)
}
