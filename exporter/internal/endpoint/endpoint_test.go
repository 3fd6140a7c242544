// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newEndpoint(t *testing.T, url string) *Endpoint {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	e, err := New(t.Context(), url, transport, 2*time.Second, "headcount/1.2.3")
	require.NoError(t, err)
	return e
}

func TestVerdict(t *testing.T) {
	for status, want := range map[int]Verdict{
		0: Failed, 101: Failed, 200: Accepted, 204: Accepted, 299: Accepted, 301: Failed, 307: Failed,
		400: Refused, 401: Refused, 404: Refused, 410: Refused, 429: Busy, 499: Refused, 500: Failed, 502: Failed, 503: Busy, 504: Failed,
	} {
		assert.Equal(t, want, Answer{Status: status}.Verdict(), status)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                               0,
		"0":                              0,
		"120":                            2 * time.Minute,
		"86401":                          24 * time.Hour,
		"18446744073709551615":           24 * time.Hour,
		"18446744073709551616":           0,
		"-5":                             0,
		"1.5":                            0,
		"soon":                           0,
		"Mon, 23 Nov 2026 12:30:00 GMT":  30 * time.Minute,
		"Monday, 23-Nov-26 12:30:00 GMT": 30 * time.Minute,
		"Mon Nov 23 12:30:00 2026":       30 * time.Minute,
		"Mon, 23 Nov 2026 11:30:00 GMT":  0,
		"Thu, 23 Dec 2027 12:30:00 GMT":  24 * time.Hour,
	} {
		assert.Equal(t, want, retryAfter(value, now), value)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"120", "-1", "Mon, 23 Nov 2026 12:30:00 GMT", "99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		wait := retryAfter(value, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
		assert.GreaterOrEqual(t, wait, time.Duration(0))
		assert.LessOrEqual(t, wait, maxRetryAfter)
	})
}

// A failure is told by its kind and the host: never with the URL, or with what the endpoint wrote.
func TestFailuresAreNamed(t *testing.T) {
	raw := func(answer string) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { _ = listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				_, _ = conn.Read(make([]byte, 4096))
				_, _ = io.WriteString(conn, answer)
				_ = conn.Close()
			}
		}()
		return "http://" + listener.Addr().String()
	}
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, gone.Close())
	stalls := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(stalls.Close)
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)

	for name, c := range map[string]struct{ url, want string }{
		"garbage":       {raw("SECRET of the endpoint\r\n\r\n"), "no HTTP answer"},
		"header":        {raw("HTTP/1.1 200 OK\r\nSECRET\r\n\r\n"), "no HTTP answer"},
		"closed":        {raw(""), "connection closed without an answer"},
		"half a status": {raw("HTTP/1.1 20"), "no HTTP answer"},
		"gone":          {"http://" + gone.Addr().String(), "connection refused"},
		"stalls":        {stalls.URL, "no answer in time"},
		"untrusted":     {untrusted.URL, "its certificate is not trusted"},
		"name":          {"https://collect.example.invalid", "its name cannot be looked up"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, c.url+"/stat?SECRET")
			_, err := e.Post(t.Context(), []byte(`{"SECRET":1}`), "SECRET")
			require.EqualError(t, err, e.Host+": "+c.want)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = newEndpoint(t, stalls.URL).Post(ctx, nil, "")
	require.ErrorContains(t, err, "the request was called off")
}
