// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package endpoint

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/headcount-otel/headcount/internal/porttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for an answer that comes.
const patience = time.Minute

func newEndpoint(t *testing.T, url string) *Endpoint {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	e, err := New(t.Context(), url, transport, patience, "headcount/1.2.3")
	require.NoError(t, err)
	return e
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                               0,
		"0":                              0,
		"120":                            2 * time.Minute,
		"86401":                          24 * time.Hour,
		"18446744073709551615":           24 * time.Hour,
		"18446744073709551616":           24 * time.Hour,
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

// A pause until a date is as long as the endpoint's own clock says, whatever this machine's says.
func TestAPauseUntilADateIsByTheEndpointsClock(t *testing.T) {
	for _, year := range []string{"1999", "2026", "2099"} {
		resp := &http.Response{StatusCode: 503, Header: http.Header{
			"Date": {"01 Jan " + year + " 12:00:00 GMT"}, "Retry-After": {"01 Jan " + year + " 12:30:00 GMT"},
		}}
		for name, value := range resp.Header {
			at, err := time.Parse("02 Jan 2006 15:04:05 GMT", value[0])
			require.NoError(t, err)
			resp.Header.Set(name, at.Format(http.TimeFormat))
		}
		assert.Equal(t, 30*time.Minute, answerOf(resp).RetryAfter, year)
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
		"gone":          {"http://" + porttest.Address(t), "connection refused"},
		"stalls":        {stalls.URL, "no answer in time"},
		"untrusted":     {untrusted.URL, "its certificate is not trusted"},
		"name":          {"https://collect.example.invalid", "its name cannot be looked up"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, c.url+"/stat?SECRET")
			if c.url == stalls.URL {
				e.timeout = 100 * time.Millisecond
			}
			_, err := e.Post(t.Context(), Message{Body: []byte(`{"SECRET":1}`), IdempotencyKey: "SECRET"})
			require.EqualError(t, err, e.Host+": "+c.want)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newEndpoint(t, stalls.URL).Post(ctx, Message{})
	require.ErrorContains(t, err, "the request was called off")
}

// What a request carries beside the body is fixed: no gzip is asked for, which would say which client it is.
func TestHeaders(t *testing.T) {
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Clone() }))
	defer server.Close()
	_, err := newEndpoint(t, server.URL).Post(t.Context(), Message{Body: []byte("{}"), IdempotencyKey: "0123"})
	require.NoError(t, err)
	assert.Equal(t, http.Header{
		"Accept-Encoding": {"identity"},
		"Content-Length":  {"2"},
		"Content-Type":    {"application/json"},
		"Idempotency-Key": {"0123"},
		"User-Agent":      {"headcount/1.2.3"},
	}, got)
}

// A redirect is not followed, and of where it points only scheme and host are told.
func TestRedirects(t *testing.T) {
	for location, want := range map[string]string{
		"https://user:SECRET@stats.example.com:8443/SECRET?SECRET#SECRET": "https://stats.example.com:8443",
		"//stats.example.com/x": "http://stats.example.com",
		"/SECRET":               "http://HOST",
		"":                      "",
		"mailto:SECRET":         "",
		"://SECRET":             "",
		"https://" + strings.Repeat("x", 300) + "/": "",
	} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			if location != "" {
				w.Header()["Location"] = []string{location}
			}
			w.WriteHeader(http.StatusPermanentRedirect)
		}))
		e := newEndpoint(t, server.URL)
		answer, err := e.Post(t.Context(), Message{Body: []byte("{}"), IdempotencyKey: ""})
		require.NoError(t, err)
		assert.Equal(t, strings.ReplaceAll(want, "HOST", e.Host), answer.RedirectsTo, location)
		assert.Equal(t, 1, asked)
		server.Close()
	}
}
